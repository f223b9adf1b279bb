using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Circulation;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Silence;
using NodaTime;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>Something that happened to an assessment.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(Opened), "opened")]
[JsonDerivedType(typeof(DelegationComposed), "delegation-composed")]
[JsonDerivedType(typeof(ItemPut), "item-put")]
[JsonDerivedType(typeof(ItemRemoved), "item-removed")]
[JsonDerivedType(typeof(PhaseEntered), "phase-entered")]
[JsonDerivedType(typeof(ConsentRecorded), "consent-recorded")]
[JsonDerivedType(typeof(ReviewsOpened), "reviews-opened")]
[JsonDerivedType(typeof(ReviewProgressed), "review-progressed")]
[JsonDerivedType(typeof(ReviewWaitEnded), "review-wait-ended")]
[JsonDerivedType(typeof(SilenceOpened), "silence-opened")]
[JsonDerivedType(typeof(SilenceObjected), "silence-objected")]
[JsonDerivedType(typeof(SilenceHeld), "silence-held")]
[JsonDerivedType(typeof(SilenceLifted), "silence-lifted")]
[JsonDerivedType(typeof(SilenceExtended), "silence-extended")]
[JsonDerivedType(typeof(SilenceEnded), "silence-ended")]
[JsonDerivedType(typeof(Circulated), "circulated")]
[JsonDerivedType(typeof(CopyAcknowledged), "copy-acknowledged")]
[JsonDerivedType(typeof(CirculationWaitEnded), "circulation-wait-ended")]
public abstract record AssessmentFact
{
    private AssessmentFact()
    {
    }

    /// <summary>The case was opened.</summary>
    public sealed record Opened(
        string Title,
        AssessedState State,
        string Regime,
        ImmutableArray<string> Phases,
        string? VisitType,
        LocalDate? VisitFrom,
        LocalDate? VisitTo,
        string? SyntheticLabel,
        string InstanceId,
        string By,
        DateTimeOffset At) : AssessmentFact;

    /// <summary>The delegation was composed anew.</summary>
    public sealed record DelegationComposed(Delegation Delegation, string By) : AssessmentFact;

    /// <summary>An item was written.</summary>
    public sealed record ItemPut(string Kind, string ItemId, JsonElement Body, Mark? Mark, string By, long Version) : AssessmentFact;

    /// <summary>An item was taken out.</summary>
    public sealed record ItemRemoved(string Kind, string ItemId, string By, long Version) : AssessmentFact;

    /// <summary>The case entered a phase.</summary>
    public sealed record PhaseEntered(string Phase, string? From, DateTimeOffset At, long Version, bool IsReportOpenToState = false) : AssessmentFact;

    /// <summary>The State's answer was recorded.</summary>
    public sealed record ConsentRecorded(Consent Consent, long Version) : AssessmentFact;

    /// <summary>The agencies were asked for their reviews.</summary>
    public sealed record ReviewsOpened(ReviewRound Round) : AssessmentFact;

    /// <summary>A review moved on.</summary>
    public sealed record ReviewProgressed(string Agency, string Status, DateTimeOffset At, long Version, bool IsAnnexed) : AssessmentFact;

    /// <summary>The case no longer waits for reviews.</summary>
    public sealed record ReviewWaitEnded(bool IsQuorumReached) : AssessmentFact;

    /// <summary>A silence procedure was opened.</summary>
    public sealed record SilenceOpened(SilenceRound Round) : AssessmentFact;

    /// <summary>A seat objected.</summary>
    public sealed record SilenceObjected(int Round, Objection Objection, long Version) : AssessmentFact;

    /// <summary>A seat stopped the clock.</summary>
    public sealed record SilenceHeld(int Round, Hold Hold, long Version) : AssessmentFact;

    /// <summary>The clock runs again; the time that was left at the hold is left again.</summary>
    public sealed record SilenceLifted(int Round, DateTimeOffset At, DateTimeOffset ExpiresAt, string? By, long Version) : AssessmentFact;

    /// <summary>The expiry was moved.</summary>
    public sealed record SilenceExtended(int Round, DateTimeOffset From, DateTimeOffset To, string? Reason, string By, long Version) : AssessmentFact;

    /// <summary>A silence procedure ended.</summary>
    /// <param name="Round">Its number.</param>
    /// <param name="Status">How.</param>
    /// <param name="At">The instant of the end: for an adoption the expiry, however late the timer came.</param>
    /// <param name="By">Who ended it; null when time did.</param>
    /// <param name="Reason">Why; null when not stated.</param>
    /// <param name="Version">Version of the case.</param>
    public sealed record SilenceEnded(int Round, SilenceStatus Status, DateTimeOffset At, string? By, string? Reason, long Version) : AssessmentFact;

    /// <summary>A report was circulated.</summary>
    public sealed record Circulated(ReportCirculation Circulation) : AssessmentFact;

    /// <summary>The receipt of a copy was acknowledged.</summary>
    public sealed record CopyAcknowledged(int Circulation, int Copy, string By, DateTimeOffset At, long Version) : AssessmentFact;

    /// <summary>The workflow no longer waits for acknowledgements.</summary>
    public sealed record CirculationWaitEnded(int Circulation, bool IsOverdue) : AssessmentFact;
}
