using System.Globalization;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using NodaTime;
using NodaTime.Text;

namespace AssessmentFlow.Assessments.Activities;

/// <summary>How activities ask the case of their instance for something.</summary>
internal static class CaseRequests
{
    public const string CaseKind = "assessment";

    /// <summary>Followed when the case refuses and the author connected it; otherwise a refusal is a fault.</summary>
    public const string RefusedPort = "Refused";

    public static readonly InputDescriptor CaseInput =
        new("AssessmentId", "String", "The case; empty for the one that the workflow is correlated with.");

    public static readonly OutputDescriptor ReasonOutput = new("Reason", "String", "Why the case refused.");

    public static void Ask(ActivityContext context, AssessmentInput input, bool answersLater)
    {
        var caseId = (HasCaseInput(context) ? context.Text(CaseInput.Name) : null)
            ?? context.CorrelationId
            ?? throw new ActivityFaultException("case-unknown", $"'{context.Node.Label}' acts on a case, but the workflow is not correlated with one.");
        var body = JsonSerializer.SerializeToElement(input, CaseJson.Plain.AssessmentInput);
        context.Ask(CaseKind, caseId, body, JsonValues.Object(("AssessmentId", JsonValues.Of(caseId)), ("Request", body.Member("$input"))), answersLater);
    }

    public static void Refuse(ActivityContext context, Bookmark bookmark, Refusal refusal)
    {
        if (!context.HasConnectionFrom(RefusedPort))
        {
            throw new ActivityFaultException(refusal.Code, refusal.Message);
        }

        context.Burn(bookmark, JsonValues.Object(("refused", JsonValues.Of(refusal.Code))));
        context.SetOutput(ReasonOutput.Name, JsonValues.Of(refusal.Message));
        context.Complete(RefusedPort);
    }

    /// <exception cref="ActivityFaultException">The input is no date.</exception>
    public static LocalDate? Date(ActivityContext context, string input) => context.Text(input) is not { } text
        ? null
        : TryReadDate(text)
            ?? throw new ActivityFaultException("value-unreadable", $"The input {input} of '{context.Node.Label}' is '{text}'; a date is written yyyy-MM-dd.");

    /// <summary>The date, or the day in UTC of the instant, that a text gives; null when it gives none.</summary>
    public static LocalDate? TryReadDate(string text) =>
        LocalDatePattern.Iso.Parse(text) is { Success: true } parsed ? parsed.Value
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var instant) ? LocalDate.FromDateTime(instant.UtcDateTime)
        : null;

    private static bool HasCaseInput(ActivityContext context) =>
        context.Node.Activity.Descriptor.Inputs.Any(input => input.Name == CaseInput.Name);
}

/// <summary>An activity that asks the case for something and goes on with its answer.</summary>
public abstract class CaseRequest : Activity
{
    /// <inheritdoc/>
    public override void OnReply(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        context.Burn(bookmark, payload);
        if (payload.Member("outcome").AsText() is { } outcome)
        {
            context.SetOutput("Result", payload);
            context.Complete(outcome);
        }
        else
        {
            context.Complete();
        }
    }

    /// <inheritdoc/>
    public override void OnRefused(ActivityContext context, Bookmark bookmark, Refusal refusal, JsonElement payload) => CaseRequests.Refuse(context, bookmark, refusal);
}
