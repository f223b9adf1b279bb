using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Marks;

namespace AssessmentFlow.Assessments.Reviews;

/// <summary>Where an agency's review of its area stands.</summary>
public sealed record ReviewState
{
    /// <summary>Identity of the review.</summary>
    public required string Id { get; init; }

    /// <summary>The case; empty before the review is assigned.</summary>
    public string AssessmentId { get; init; } = "";

    /// <summary>The agency.</summary>
    public string Agency { get; init; } = "";

    /// <summary>Areas to review; empty when not stated.</summary>
    public ImmutableArray<string> Areas { get; init; } = [];

    /// <summary>Where the chapter stands.</summary>
    public ReviewStatus Status { get; init; }

    /// <summary>When the review was assigned.</summary>
    public DateTimeOffset AssignedAt { get; init; }

    /// <summary>When it is due; null for never.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The chapter; null before it is begun.</summary>
    public ItemEntry? Chapter { get; init; }

    /// <summary>Findings by id.</summary>
    public ImmutableSortedDictionary<string, ItemEntry> Findings { get; init; } = ImmutableSortedDictionary.Create<string, ItemEntry>(StringComparer.Ordinal);

    /// <summary>Who signed off last and when; null when nobody did.</summary>
    public SignOff? SignOff { get; init; }

    /// <summary>Why the chapter was returned; null when it was not, or was signed off again.</summary>
    public string? ReturnReason { get; init; }

    /// <summary>Version at which the members above last changed: the ETag of the review.</summary>
    public long ChangedAt { get; init; }

    /// <summary>Members written by a newer build: kept, so that an older silo loses nothing during an upgrade.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>Whether the review was assigned.</summary>
    [JsonIgnore]
    public bool Exists => AssessmentId.Length > 0;
}

/// <summary>Where a chapter stands: Assigned, Draft, Submitted, then Returned or Accepted, then Released (domain, section 3.3).</summary>
public enum ReviewStatus
{
    /// <summary>Nothing was written yet.</summary>
    Assigned = 0,

    /// <summary>Being written.</summary>
    Draft = 1,

    /// <summary>Signed off by the agency.</summary>
    Submitted = 2,

    /// <summary>Sent back by the mission leader.</summary>
    Returned = 3,

    /// <summary>Accepted by the mission leader.</summary>
    Accepted = 4,

    /// <summary>Visible to the other agencies.</summary>
    Released = 5,
}

/// <summary>A sign-off.</summary>
/// <param name="By">Who.</param>
/// <param name="At">When.</param>
public sealed record SignOff(string By, DateTimeOffset At);

/// <summary>The text of a chapter.</summary>
public sealed record Chapter : IMarked
{
    /// <summary>The text, as Markdown.</summary>
    public required string Text { get; init; }

    /// <inheritdoc/>
    public Mark? Mark { get; init; }
}
