using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Execution;
using NodaTime;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>Something that reaches an assessment: a command of a person, a request of a workflow, a timer, a report of a review.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "$input")]
[JsonDerivedType(typeof(Open), "open")]
[JsonDerivedType(typeof(ComposeDelegation), "compose-delegation")]
[JsonDerivedType(typeof(PutItem), "put-item")]
[JsonDerivedType(typeof(RemoveItem), "remove-item")]
[JsonDerivedType(typeof(EnterPhase), "enter-phase")]
[JsonDerivedType(typeof(RecordConsent), "record-consent")]
[JsonDerivedType(typeof(OpenReviews), "open-reviews")]
[JsonDerivedType(typeof(ReviewReported), "review-reported")]
[JsonDerivedType(typeof(OpenSilence), "open-silence")]
[JsonDerivedType(typeof(ActOnSilence), "act-on-silence")]
[JsonDerivedType(typeof(Circulate), "circulate")]
[JsonDerivedType(typeof(AcknowledgeCopy), "acknowledge-copy")]
[JsonDerivedType(typeof(TimerFired), "timer")]
public abstract record AssessmentInput
{
    private AssessmentInput()
    {
    }

    /// <summary>Open the case and start the workflow that drives it.</summary>
    public sealed record Open(
        string Title,
        AssessedState State,
        string Regime,
        string? VisitType,
        LocalDate? VisitFrom,
        LocalDate? VisitTo,
        string? SyntheticLabel,
        Actor Actor) : AssessmentInput;

    /// <summary>Say who visits.</summary>
    public sealed record ComposeDelegation(string? Leader, ImmutableArray<DelegationMember> Members, long? IfChangedAt, Actor Actor) : AssessmentInput;

    /// <summary>Write an item of the record.</summary>
    /// <param name="Kind">Kind of the item, such as <c>finding</c>.</param>
    /// <param name="ItemId">Id within the kind.</param>
    /// <param name="Body">The item.</param>
    /// <param name="IfChangedAt">Version that the writer saw; 0 when the item must not exist yet.</param>
    /// <param name="Actor">Who writes.</param>
    public sealed record PutItem(string Kind, string ItemId, JsonElement Body, long? IfChangedAt, Actor Actor) : AssessmentInput;

    /// <summary>Take an item out of the record; the journal keeps it.</summary>
    public sealed record RemoveItem(string Kind, string ItemId, long? IfChangedAt, Actor Actor) : AssessmentInput;

    /// <summary>Enter a phase.</summary>
    /// <param name="Phase">The phase.</param>
    /// <param name="IsReportOpenToState">Whether the State assessed may read the report in it.</param>
    public sealed record EnterPhase(string Phase, bool IsReportOpenToState = false) : AssessmentInput;

    /// <summary>Record what the State answered.</summary>
    public sealed record RecordConsent(string Outcome, string? By, string? Reference) : AssessmentInput;

    /// <summary>Ask every agency of the delegation, or those named, for its review.</summary>
    /// <param name="Agencies">The agencies asked; empty for the whole delegation.</param>
    /// <param name="Quorum">How many must have signed off before the case goes on (count); null for all.</param>
    /// <param name="DueAt">When the case stops waiting; null for never.</param>
    /// <param name="Workflow">Workflow that each review runs; null for none.</param>
    public sealed record OpenReviews(ImmutableArray<string> Agencies, int? Quorum, DateTimeOffset? DueAt, string? Workflow) : AssessmentInput;

    /// <summary>A review reports where it stands.</summary>
    /// <param name="Agency">The agency.</param>
    /// <param name="Status">Where its review stands.</param>
    /// <param name="At">Since when.</param>
    /// <param name="Version">Version of the review: reports may overtake each other, and an older one is dropped.</param>
    public sealed record ReviewReported(string Agency, string Status, DateTimeOffset At, long Version) : AssessmentInput;

    /// <summary>Open a silence procedure.</summary>
    /// <param name="Subject">What is to be adopted.</param>
    /// <param name="Roster">Name of the roster; null for the one of the regime.</param>
    /// <param name="RosterDate">Date whose seats are entitled; null for today (UTC).</param>
    /// <param name="ExpiresAt">The exact instant of adoption.</param>
    /// <param name="Phase">Phase that the case enters with the opening, and again when a hold ends; null for none.</param>
    /// <param name="HeldPhase">Phase that the case is in while a seat holds the procedure; null for none.</param>
    public sealed record OpenSilence(
        string Subject, string? Roster, LocalDate? RosterDate, DateTimeOffset ExpiresAt, string? Phase = null, string? HeldPhase = null) : AssessmentInput;

    /// <summary>Act on the open silence procedure.</summary>
    /// <param name="Round">Number of the procedure.</param>
    /// <param name="Act">What is done.</param>
    /// <param name="Seat">The seat for which the actor acts; null for the secretariat.</param>
    /// <param name="Text">Objection or reason.</param>
    /// <param name="Until">New expiry of an extension, or lapse of a hold.</param>
    /// <param name="IfChangedAt">Version that the actor saw.</param>
    /// <param name="Actor">Who acts.</param>
    public sealed record ActOnSilence(
        int Round,
        SilenceAct Act,
        string? Seat,
        string? Text,
        DateTimeOffset? Until,
        long? IfChangedAt,
        Actor Actor) : AssessmentInput;

    /// <summary>Circulate the report.</summary>
    /// <param name="Title">What is circulated.</param>
    /// <param name="Roster">Name of the roster; null for the one of the regime.</param>
    /// <param name="Date">Date of circulation, whose seats receive copies; null for today (UTC).</param>
    /// <param name="Due">Due rule for the acknowledgements; null for none.</param>
    public sealed record Circulate(string Title, string? Roster, LocalDate? Date, string? Due) : AssessmentInput;

    /// <summary>Acknowledge the receipt of a copy.</summary>
    public sealed record AcknowledgeCopy(int Circulation, int Copy, long? IfChangedAt, Actor Actor) : AssessmentInput;

    /// <summary>A due time has come.</summary>
    public sealed record TimerFired(string Timer) : AssessmentInput;
}

/// <summary>What can be done to an open silence procedure.</summary>
public enum SilenceAct
{
    /// <summary>Break the silence.</summary>
    Object = 0,

    /// <summary>Stop the clock.</summary>
    Hold = 1,

    /// <summary>Let the clock run again.</summary>
    Lift = 2,

    /// <summary>Move the expiry to a later instant.</summary>
    Extend = 3,

    /// <summary>Withdraw the text.</summary>
    Withdraw = 4,
}

/// <summary>Something that an assessment tells others after its commit.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "effect")]
[JsonDerivedType(typeof(StartWorkflow), "start-workflow")]
[JsonDerivedType(typeof(Answer), "answer")]
[JsonDerivedType(typeof(AssignReview), "assign-review")]
[JsonDerivedType(typeof(ReleaseReview), "release-review")]
[JsonDerivedType(typeof(Publish), "publish")]
public abstract record CaseEffect
{
    private CaseEffect()
    {
    }

    /// <summary>Start a workflow instance for the case.</summary>
    public sealed record StartWorkflow(string InstanceId, string DefinitionId, OrderedDictionary<string, JsonElement> Input, string CorrelationId) : CaseEffect;

    /// <summary>Answer an activity that asked.</summary>
    public sealed record Answer(Origin Origin, JsonElement Payload) : CaseEffect;

    /// <summary>Ask an agency for its review.</summary>
    public sealed record AssignReview(string ReviewId, string AssessmentId, string Agency, DateTimeOffset? DueAt, string? Workflow, ImmutableArray<string> Areas) : CaseEffect;

    /// <summary>Let the other agencies see a review.</summary>
    public sealed record ReleaseReview(string ReviewId) : CaseEffect;

    /// <summary>Publish an event to the workflows of the case.</summary>
    public sealed record Publish(string Name, JsonElement Payload, string CorrelationId) : CaseEffect;
}
