using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Assessments.Silence;
using NodaTime;

namespace AssessmentFlow.Server.Api;

// The forms of what cases and their parts are answered with. Answers are shown as they were committed and not built from these:
// the forms describe them, and a test compares both.

/// <summary>A page of a list.</summary>
/// <param name="Items">Its items.</param>
/// <param name="Next">Where the next page begins, as <c>cursor</c>; null at the end.</param>
public sealed record PageOf<T>(ImmutableArray<T> Items, string? Next);

/// <summary>What was changed.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">The version that it has now: its ETag.</param>
public sealed record ChangedAnswer(string Id, long Version);

/// <summary>A case in short.</summary>
/// <param name="Id">Identity of the case.</param>
/// <param name="Version">Its ETag.</param>
/// <param name="Title">What people call it.</param>
/// <param name="State">The State assessed.</param>
/// <param name="Iso2">ISO 3166-1 alpha-2 code of the State.</param>
/// <param name="Regime">Id of the regime.</param>
/// <param name="VisitType">Kind of visit.</param>
/// <param name="VisitFrom">First day of the visit.</param>
/// <param name="VisitTo">Last day of the visit.</param>
/// <param name="Phase">Phase that the case is in.</param>
/// <param name="PhaseSince">Since when.</param>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="InstanceId">The workflow instance that drives it.</param>
/// <param name="Synthetic">For a case that is not a real one: why it was made.</param>
public sealed record CaseAnswer(
    string Id,
    long Version,
    string Title,
    string? State,
    string? Iso2,
    string Regime,
    string? VisitType,
    LocalDate? VisitFrom,
    LocalDate? VisitTo,
    string? Phase,
    DateTimeOffset? PhaseSince,
    DateTimeOffset OpenedAt,
    string InstanceId,
    string? Synthetic);

/// <summary>Something that happened to a case.</summary>
public sealed record TimelineAnswer
{
    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What, such as <c>phase-entered</c>.</summary>
    public required string Event { get; init; }

    /// <summary>The entity that it happened to, as kind and id.</summary>
    public required string Source { get; init; }

    /// <summary>What a reader needs to know of it, by names that depend on the event.</summary>
    [System.Text.Json.Serialization.JsonExtensionData]
    public Dictionary<string, JsonElement>? Details { get; init; }
}

/// <summary>A page of recorded turns.</summary>
/// <param name="Items">The turns, oldest first.</param>
/// <param name="Next">The turn after which the next page begins, as <c>after</c>; null at the end.</param>
public sealed record JournalAnswer(ImmutableArray<TurnEntryAnswer> Items, long? Next);

/// <summary>A recorded turn.</summary>
/// <param name="Turn">Its number: the version of the entity after it.</param>
/// <param name="At">When it was committed.</param>
/// <param name="Actor">Who caused it.</param>
/// <param name="Input">Identity of its input.</param>
/// <param name="Hash">SHA-256 over the turn and the hash of the one before, as hexadecimal digits.</param>
/// <param name="Facts">What was recorded.</param>
public sealed record TurnEntryAnswer(long Turn, DateTimeOffset At, string Actor, string Input, string Hash, ImmutableArray<JsonElement> Facts);

/// <summary>Who visits.</summary>
/// <param name="AssessmentId">The case.</param>
/// <param name="Version">Its ETag; 0 before there is a delegation.</param>
/// <param name="Leader">Who leads.</param>
/// <param name="Members">Organisations taking part.</param>
public sealed record DelegationAnswer(string AssessmentId, long Version, string? Leader, ImmutableArray<DelegationMember> Members);

/// <summary>A finding with its place.</summary>
public sealed record FindingAnswer : Finding
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its ETag.</summary>
    public required long Version { get; init; }
}

/// <summary>An assistance programme with its place.</summary>
public sealed record ProgrammeAnswer : Programme
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its ETag.</summary>
    public required long Version { get; init; }
}

/// <summary>A portion of the report with its place.</summary>
public sealed record PortionAnswer : Portion
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its ETag.</summary>
    public required long Version { get; init; }
}

/// <summary>An item of the record with its place.</summary>
public sealed record RecordItemAnswer : RecordItem
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its ETag.</summary>
    public required long Version { get; init; }
}

/// <summary>The report as the client may read it.</summary>
/// <param name="AssessmentId">The case.</param>
/// <param name="TextVersion">Version of the case at which the text last changed.</param>
/// <param name="TextSha256">Hash of the text.</param>
/// <param name="Portions">Portions that the client may read (count).</param>
/// <param name="Unmarked">Those of them without a mark (count).</param>
/// <param name="Marks">Highest mark among them, per scheme.</param>
/// <param name="Hashes">Hash of each portion that the client may read.</param>
public sealed record ReportAnswer(
    string AssessmentId, long TextVersion, string? TextSha256, int Portions, int Unmarked, ImmutableArray<string> Marks, ImmutableArray<PortionHashAnswer> Hashes);

/// <summary>The hash of a portion.</summary>
/// <param name="Id">The portion.</param>
/// <param name="Version">Its ETag.</param>
/// <param name="Sha256">Its hash.</param>
public sealed record PortionHashAnswer(string Id, long Version, string? Sha256);

/// <summary>An agency's review.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its ETag.</param>
/// <param name="AssessmentId">The case.</param>
/// <param name="Agency">The agency.</param>
/// <param name="Areas">What it reviews.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="AssignedAt">When the agency was asked.</param>
/// <param name="DueAt">When it is due.</param>
/// <param name="ChapterVersion">ETag of the chapter; 0 before there is one.</param>
/// <param name="Findings">Its findings (count).</param>
/// <param name="SignedOffBy">Who signed it off.</param>
/// <param name="SignedOffAt">When.</param>
/// <param name="ReturnReason">Why it was returned.</param>
/// <param name="Annexed">Whether it came too late for the report and is its annex; said when it is read.</param>
public sealed record ReviewAnswer(
    string Id,
    long Version,
    string AssessmentId,
    string Agency,
    ImmutableArray<string> Areas,
    ReviewStatus Status,
    DateTimeOffset AssignedAt,
    DateTimeOffset? DueAt,
    long ChapterVersion,
    int Findings,
    string? SignedOffBy,
    DateTimeOffset? SignedOffAt,
    string? ReturnReason,
    bool? Annexed = null);

/// <summary>A chapter.</summary>
public sealed record ChapterAnswer
{
    /// <summary>Always <c>chapter</c>: a review has one.</summary>
    public required string Id { get; init; }

    /// <summary>Its ETag.</summary>
    public required long Version { get; init; }

    /// <summary>The text, as Markdown.</summary>
    public required string Text { get; init; }

    /// <summary>Its handling mark.</summary>
    public Mark? Mark { get; init; }
}

/// <summary>A silence procedure.</summary>
/// <param name="AssessmentId">The case.</param>
/// <param name="Round">Its number within the case.</param>
/// <param name="Version">Its ETag.</param>
/// <param name="Subject">What is to be adopted.</param>
/// <param name="TextVersion">Version of the case at which the text under silence last changed.</param>
/// <param name="TextSha256">Hash of the text.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="ExpiresAt">The instant of adoption unless somebody objects.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Roster">Roster of the entitled seats.</param>
/// <param name="Seats">The entitled seats.</param>
/// <param name="Hold">The hold under which the clock stands still.</param>
/// <param name="Objections">Objections, late ones included.</param>
public sealed record SilenceAnswer(
    string AssessmentId,
    int Round,
    long Version,
    string Subject,
    long TextVersion,
    string? TextSha256,
    SilenceStatus Status,
    DateTimeOffset OpenedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? EndedAt,
    string Roster,
    ImmutableArray<string> Seats,
    HoldAnswer? Hold,
    ImmutableArray<ObjectionAnswer> Objections);

/// <summary>A hold.</summary>
/// <param name="Seat">Whose.</param>
/// <param name="At">Since when.</param>
/// <param name="LapsesAt">When it ends by itself.</param>
/// <param name="Reason">Why.</param>
public sealed record HoldAnswer(string Seat, DateTimeOffset At, DateTimeOffset? LapsesAt, string? Reason);

/// <summary>An objection.</summary>
/// <param name="Seat">Whose.</param>
/// <param name="At">When.</param>
/// <param name="Text">Its text.</param>
/// <param name="IsLate">Whether it came after the expiry and has no effect.</param>
public sealed record ObjectionAnswer(string Seat, DateTimeOffset At, string? Text, bool IsLate);

/// <summary>A numbered copy of a circulated report.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its ETag.</param>
/// <param name="AssessmentId">The case.</param>
/// <param name="Circulation">Number of the circulation within the case.</param>
/// <param name="Copy">Number of the copy.</param>
/// <param name="Of">How many copies there are.</param>
/// <param name="Title">What is circulated.</param>
/// <param name="TextVersion">Version of the case at which the text circulated last changed.</param>
/// <param name="TextSha256">Hash of the text.</param>
/// <param name="Seat">The seat that it was issued to.</param>
/// <param name="Roster">Roster of the recipients.</param>
/// <param name="CirculatedOn">Date of circulation.</param>
/// <param name="IssuedAt">When it was issued.</param>
/// <param name="Marks">Highest mark of the report, per scheme.</param>
/// <param name="AcknowledgedAt">When its receipt was acknowledged.</param>
public sealed record CopyAnswer(
    string Id,
    long Version,
    string AssessmentId,
    int Circulation,
    int Copy,
    int Of,
    string Title,
    long TextVersion,
    string? TextSha256,
    string Seat,
    string Roster,
    LocalDate CirculatedOn,
    DateTimeOffset IssuedAt,
    ImmutableArray<string> Marks,
    DateTimeOffset? AcknowledgedAt);
