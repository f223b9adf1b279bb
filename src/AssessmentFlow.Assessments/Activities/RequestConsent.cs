using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Tasks;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Activities;

/// <summary>Asks the State for its consent and records the answer, or that none came.</summary>
public sealed class RequestConsent : HumanTask
{
    private const string Consented = "Consented";
    private const string Declined = "Declined";
    private const string NoReply = "NoReply";

    /// <inheritdoc/>
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Assessment.RequestConsent",
        Category = AssessmentActivities.Category,
        DisplayName = "Request Consent",
        Description = "Asks the State for its consent to the visit; the answer, or that none came in time, is recorded on the case.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new("State", "String", "ISO code of the State asked.") { IsRequired = true, Kind = AssessmentInputKinds.State },
            new("Title", "String", "What the State is asked.") { Default = JsonValues.Of("Consent to the visit") },
            new("Description", "String", "What the State should know.") { UiHint = "multiline" },
            .. DueInputs.All.Where(input => input.Name is not "OnDue"),
        ],
        Outputs = TaskOutputs.All,
        FlowPorts = [Consented, Declined, NoReply],
    };

    /// <inheritdoc/>
    public override void Execute(ActivityContext context) => Open(context, new HumanTaskState
    {
        Title = context.RequiredText("Title"),
        Description = context.Text("Description"),
        AssignedTo = Roles.OfState(context.RequiredKey("State")),
        Outcomes = [Consented, Declined],
        Fields = [new TaskField("reference", "text", IsOptional: true)],
        OutcomeWhenDue = context.Text("Due") is null ? null : NoReply,
    });

    /// <inheritdoc/>
    public override void OnReply(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        // Only now: outputs reach what follows in the same turn, and the answer of the case begins a new one.
        var pending = context.Memory(PendingConsent.Contract);
        context.Burn(bookmark, payload);
        TaskOutputs.Set(context, pending.Outcome, pending.Data, pending.By, pending.At);
        context.Complete(pending.Outcome);
    }

    private protected override void Finish(ActivityContext context, string outcome, JsonElement data, string by)
    {
        var pending = context.Memory(PendingConsent.Contract);
        pending.Outcome = outcome;
        pending.Data = data.IsNull() ? JsonValues.Null : data;
        pending.By = by;
        pending.At = context.Moment.Now;
        CaseRequests.Ask(context, new AssessmentInput.RecordConsent(outcome, by, data.Member("reference").AsText()), answersLater: false);
    }
}
