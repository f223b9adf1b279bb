using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Circulation;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Silence;
using NodaTime;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>
/// Where a country assessment stands: what the next decision needs. The record itself (findings, programmes,
/// portions and so on) lies beside it as items; the state knows only their versions and marks.
/// </summary>
public sealed record AssessmentState
{
    /// <summary>Identity of the case.</summary>
    public required string Id { get; init; }

    /// <summary>What people call the case; empty before it is opened.</summary>
    public string Title { get; init; } = "";

    /// <summary>The State assessed.</summary>
    public AssessedState? State { get; init; }

    /// <summary>Id of the regime under which it is assessed.</summary>
    public string Regime { get; init; } = "";

    /// <summary>Phases that the regime knew when the case was opened; later edits of the regime do not touch the case.</summary>
    public ImmutableArray<string> Phases { get; init; } = [];

    /// <summary>Kind of visit as the regime names it; null when not stated.</summary>
    public string? VisitType { get; init; }

    /// <summary>First day of the visit; null when not known.</summary>
    public LocalDate? VisitFrom { get; init; }

    /// <summary>Last day of the visit; null when not known.</summary>
    public LocalDate? VisitTo { get; init; }

    /// <summary>Why the case is not a real one; null for a real case.</summary>
    public string? SyntheticLabel { get; init; }

    /// <summary>When the case was opened.</summary>
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>The phase that the case is in.</summary>
    public string? Phase { get; init; }

    /// <summary>When it entered the phase.</summary>
    public DateTimeOffset? PhaseSince { get; init; }

    /// <summary>Whether the State assessed may read the report in this phase, as the workflow said when the case entered it.</summary>
    public bool IsReportOpenToState { get; init; }

    /// <summary>The workflow instance that drives the case.</summary>
    public string? InstanceId { get; init; }

    /// <summary>What the State answered to the request for its consent.</summary>
    public Consent? Consent { get; init; }

    /// <summary>Who visits.</summary>
    public Delegation? Delegation { get; init; }

    /// <summary>The reviews of the agencies; null before they are asked for.</summary>
    public ReviewRound? Reviews { get; init; }

    /// <summary>Silence procedures, oldest first. Only the last can be open.</summary>
    public ImmutableArray<SilenceRound> Silences { get; init; } = [];

    /// <summary>Circulations, oldest first.</summary>
    public ImmutableArray<ReportCirculation> Circulations { get; init; } = [];

    /// <summary>Items of the record by <c>kind/id</c>.</summary>
    public ImmutableSortedDictionary<string, ItemEntry> Items { get; init; } = ImmutableSortedDictionary.Create<string, ItemEntry>(StringComparer.Ordinal);

    /// <summary>Version at which the text of the report last changed; 0 before there is any.</summary>
    public long ReportChangedAt { get; init; }

    /// <summary>Version at which the members above, other than items, the text of the report, reviews, silences and circulations, last changed: the ETag of the case.</summary>
    public long ChangedAt { get; init; }

    /// <summary>Members written by a newer build: kept, so that an older silo loses nothing during an upgrade.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>Whether the case was opened.</summary>
    [JsonIgnore]
    public bool Exists => State is not null;

    /// <summary>The silence procedure that has not ended; null when there is none.</summary>
    [JsonIgnore]
    public SilenceRound? OpenSilence => Silences is [.., { IsOpen: true } last] ? last : null;
}

/// <summary>A State under assessment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Iso2">Its ISO 3166-1 alpha-2 code; roles are <c>state:</c> and this code.</param>
public sealed record AssessedState(string Name, string Iso2);

/// <summary>What the State answered to the request for its consent.</summary>
/// <param name="Outcome">Consented, Declined or NoReply.</param>
/// <param name="At">When the answer was recorded.</param>
/// <param name="By">Who recorded it.</param>
/// <param name="Reference">Reference of the note; null when not stated.</param>
public sealed record Consent(string Outcome, DateTimeOffset At, string? By, string? Reference);

/// <summary>Who visits.</summary>
/// <param name="Leader">Who leads; null when not stated.</param>
/// <param name="Members">Organisations taking part.</param>
/// <param name="ChangedAt">Version at which the delegation last changed: its ETag.</param>
public sealed record Delegation(string? Leader, ImmutableArray<DelegationMember> Members, long ChangedAt);

/// <summary>An organisation that takes part in a visit.</summary>
/// <param name="Agency">Its name; roles are <c>agency:</c> and this name.</param>
/// <param name="Areas">What it reviews; empty when not stated.</param>
/// <param name="Representative">Who represents it; null when not stated.</param>
public sealed record DelegationMember(string Agency, ImmutableArray<string> Areas, string? Representative)
{
    /// <summary>The form of an agency's name, said to whoever wrote another.</summary>
    public const string AgencyForm = "The name of an agency has no slashes and no control characters.";

    /// <summary>Whether a text may name an agency: the name is part of the id of its review, which goes into paths.</summary>
    public static bool IsAgencyName(string text) => !text.Any(character => char.IsControl(character) || character is '/' or '\\');
}

/// <summary>The reviews that the agencies were asked for.</summary>
/// <param name="Quorum">How many must have signed off before the case goes on.</param>
/// <param name="Reviews">One per agency.</param>
/// <param name="Origin">The activity that waits for the quorum; null once it was answered.</param>
/// <param name="DueAt">When the activity stops waiting; null for never.</param>
/// <param name="IsQuorumReached">Whether the case went on; sign-offs after that are annexed.</param>
public sealed record ReviewRound(int Quorum, ImmutableArray<ReviewEntry> Reviews, Origin? Origin, DateTimeOffset? DueAt, bool IsQuorumReached);

/// <summary>What the case knows of one agency's review.</summary>
/// <param name="Agency">The agency.</param>
/// <param name="ReviewId">Id of the review.</param>
/// <param name="Status">Where the review stands.</param>
/// <param name="SignedOffAt">When it was last signed off.</param>
/// <param name="IsAnnexed">Whether it came after the quorum.</param>
/// <param name="Version">Version of the review that was last reported.</param>
public sealed record ReviewEntry(string Agency, string ReviewId, string Status, DateTimeOffset? SignedOffAt, bool IsAnnexed, long Version);

/// <summary>An item of the record: what the state needs to know of it.</summary>
/// <param name="CreatedAt">Version at which it was first written: its place in lists.</param>
/// <param name="ChangedAt">Version at which it last changed: its ETag.</param>
/// <param name="Mark">Its handling mark; null when it has none.</param>
/// <param name="Donor">Of a programme or commitment, whose it is; null for anything else.</param>
/// <param name="Sha256">Of a portion of the report, the hash of what it says; null for anything else.</param>
public sealed record ItemEntry(long CreatedAt, long ChangedAt, Mark? Mark, string? Donor = null, string? Sha256 = null)
{
    /// <summary>The entry after a writing at a version; null stands for an item that does not exist yet.</summary>
    internal static ItemEntry Written(ItemEntry? before, long version, Mark? mark, string? donor = null, string? sha256 = null) =>
        new(before?.CreatedAt ?? version, version, mark, donor, sha256);
}

/// <summary>The activity of a workflow that asked and waits for an answer.</summary>
/// <param name="InstanceId">The workflow instance.</param>
/// <param name="Bookmark">What waits there.</param>
public sealed record Origin(string InstanceId, long Bookmark);
