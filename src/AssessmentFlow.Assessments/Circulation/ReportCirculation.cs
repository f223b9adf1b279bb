using System.Collections.Immutable;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Marks;
using NodaTime;

namespace AssessmentFlow.Assessments.Circulation;

/// <summary>
/// A report sent to the seats of a roster as they were held on the date of circulation, one numbered copy each
/// (domain, section 3.7).
/// </summary>
public sealed record ReportCirculation
{
    /// <summary>Number within the case, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>What is circulated.</summary>
    public required string Title { get; init; }

    /// <summary>Name of the roster.</summary>
    public required string Roster { get; init; }

    /// <summary>The date on which the seats were looked up.</summary>
    public LocalDate Date { get; init; }

    /// <summary>When the copies were issued.</summary>
    public DateTimeOffset IssuedAt { get; init; }

    /// <summary>When missing acknowledgements are overdue; null for never.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The copies, one per seat.</summary>
    public ImmutableArray<ReportCopy> Copies { get; init; } = [];

    /// <summary>The highest marks of the report, one per scheme, when it was circulated.</summary>
    public ImmutableArray<Mark> Marks { get; init; } = [];

    /// <summary>
    /// Which text the copies are of: SHA-256 of the report when it was circulated; null for a circulation of a build that
    /// kept none.
    /// </summary>
    public string? TextSha256 { get; init; }

    /// <summary>Version at which that text last changed.</summary>
    public long TextVersion { get; init; }

    /// <summary>Whether it was reported as overdue.</summary>
    public bool IsOverdue { get; init; }

    /// <summary>The activity that waits for the outcome; null once it was answered.</summary>
    public Origin? Origin { get; init; }

    /// <summary>Whether every copy was acknowledged.</summary>
    [JsonIgnore]
    public bool IsAcknowledged => Copies.All(copy => copy.AcknowledgedAt is not null);
}

/// <summary>One numbered copy for one seat.</summary>
/// <param name="Number">Number of the copy, from 1.</param>
/// <param name="Seat">Who receives it.</param>
/// <param name="AcknowledgedAt">When its receipt was acknowledged; null when it was not.</param>
/// <param name="AcknowledgedBy">Who acknowledged.</param>
/// <param name="ChangedAt">Version at which the copy last changed: its ETag.</param>
public sealed record ReportCopy(int Number, string Seat, DateTimeOffset? AcknowledgedAt, string? AcknowledgedBy, long ChangedAt);
