using System.Globalization;
using System.Net;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// Says what the HTTP request that began or resumed this turn is answered. It is a recorded fact: a request that is
/// repeated with its key gets the same answer.
/// </summary>
internal sealed class WriteHttpResponse : Activity
{
    private const string StatusCode = "StatusCode";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.WriteHttpResponse",
        Category = "HTTP",
        DisplayName = "HTTP Response",
        Description = "Says what the HTTP request that began or resumed this run is answered.",
        Inputs =
        [
            new(StatusCode, "HttpStatusCode", "Status code, as its name or number.")
            {
                DisplayName = "Status Code", UiHint = "dropdown", Default = JsonValues.Of(nameof(HttpStatusCode.OK)), AllowsOtherValues = true, Options = [.. Enum.GetNames<HttpStatusCode>().Distinct()],
            },
            new(HttpCallReader.Content, "Object", "Content: text, or a value that is written as JSON."),
            new(HttpCallReader.ContentType, "String", "Media type of the content.") { DisplayName = "Content Type" },
            new("ResponseHeaders", "HttpHeaders", "Further headers, as a JSON object of names and values.") { DisplayName = "Response Headers", UiHint = "json-editor" },
        ],
    };

    public override void Execute(ActivityContext context)
    {
        var (body, contentType) = HttpCallReader.BodyOf(context, context.Input(HttpCallReader.Content), context.Text(HttpCallReader.ContentType));
        var headers = HttpCallReader.HeadersOf(context, context.Input("ResponseHeaders"), "ResponseHeaders");
        context.Turn.Record(new InstanceFact.HttpAnswered(context.ExecutionId, StatusOf(context), headers.Count > 0 ? headers : null, body, contentType));
        context.Complete();
    }

    private static int StatusOf(ActivityContext context)
    {
        var text = context.Text(StatusCode);
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status);
        if (!isNumber && Enum.TryParse<HttpStatusCode>(text, ignoreCase: true, out var named) && Enum.IsDefined(named))
        {
            status = (int)named;
        }

        return status is >= 200 and <= 599
            ? status
            : throw new ActivityFaultException("status-code-malformed", $"The status code of '{context.Node.Label}' is a name or a number from 200 to 599, not '{text}'.");
    }
}
