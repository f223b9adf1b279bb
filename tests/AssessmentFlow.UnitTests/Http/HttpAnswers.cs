using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.UnitTests.Http;

/// <summary>What receivers of HTTP requests answer.</summary>
internal static class HttpAnswers
{
    public static HttpAnswer Answered(int status, params (string Name, string Value)[] headers) => new()
    {
        Outcome = HttpOutcome.Answered,
        StatusCode = status,
        Headers = new(headers.Select(header => KeyValuePair.Create(header.Name, new[] { header.Value })), StringComparer.OrdinalIgnoreCase),
    };

    public static HttpAnswer Failed(HttpOutcome outcome) => new() { Outcome = outcome, Message = "Synthetic failure." };
}
