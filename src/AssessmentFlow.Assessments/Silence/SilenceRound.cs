using System.Collections.Immutable;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Cases;

namespace AssessmentFlow.Assessments.Silence;

/// <summary>
/// One silence procedure: a text is adopted when nobody entitled objects in writing before an exact instant.
/// The rules follow the OSCE Rules of Procedure 2006, Annex 1(A) (domain, section 3.5); holding and the pausing
/// of the clock while held are this product's own (decision 0006).
/// </summary>
public sealed record SilenceRound
{
    /// <summary>Number within the case, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>What is to be adopted.</summary>
    public required string Subject { get; init; }

    /// <summary>Where the procedure stands.</summary>
    public SilenceStatus Status { get; init; }

    /// <summary>When it was opened.</summary>
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>The exact instant at which the text is adopted; an objection at or after it is late.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Name of the roster that was frozen.</summary>
    public required string Roster { get; init; }

    /// <summary>The seats entitled to object, frozen when the procedure was opened.</summary>
    public ImmutableArray<string> Seats { get; init; } = [];

    /// <summary>Which text is decided on: SHA-256 of the report when the procedure was opened; null for one of a build that kept none.</summary>
    public string? TextSha256 { get; init; }

    /// <summary>Version at which that text last changed.</summary>
    public long TextVersion { get; init; }

    /// <summary>Written objections, also late ones.</summary>
    public ImmutableArray<Objection> Objections { get; init; } = [];

    /// <summary>The hold that stops the clock; null when it runs.</summary>
    public Hold? Hold { get; init; }

    /// <summary>The instant at which the procedure ended; null while open.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The phase of the case while the clock runs; null when the procedure leaves the phase alone.</summary>
    public string? Phase { get; init; }

    /// <summary>The phase of the case while a seat holds the procedure; null when a hold leaves the phase alone.</summary>
    public string? HeldPhase { get; init; }

    /// <summary>The activity that waits for the outcome.</summary>
    public Origin? Origin { get; init; }

    /// <summary>Version at which the procedure last changed: its ETag.</summary>
    public long ChangedAt { get; init; }

    /// <summary>Whether it can still be adopted or broken.</summary>
    [JsonIgnore]
    public bool IsOpen => Status is SilenceStatus.Open or SilenceStatus.Held;

    /// <summary>When time alone changes the procedure next; null when it does not.</summary>
    [JsonIgnore]
    public DateTimeOffset? WakeAt => Status switch
    {
        SilenceStatus.Open => ExpiresAt,
        SilenceStatus.Held => Hold?.LapsesAt,
        _ => null,
    };
}

/// <summary>Where a silence procedure stands.</summary>
public enum SilenceStatus
{
    /// <summary>The clock runs.</summary>
    Open = 0,

    /// <summary>A seat holds it; the clock stands still.</summary>
    Held = 1,

    /// <summary>Nobody objected in time.</summary>
    Adopted = 2,

    /// <summary>Somebody objected in time.</summary>
    Broken = 3,

    /// <summary>It was withdrawn.</summary>
    Withdrawn = 4,
}

/// <summary>A written objection.</summary>
/// <param name="Seat">Who objects.</param>
/// <param name="At">When it was received.</param>
/// <param name="Text">What it says; null when nothing was said.</param>
/// <param name="IsLate">Whether it came after the end: recorded, without effect.</param>
public sealed record Objection(string Seat, DateTimeOffset At, string? Text, bool IsLate);

/// <summary>A hold: it stops the clock until it is lifted or lapses.</summary>
/// <param name="Seat">Who holds.</param>
/// <param name="At">Since when.</param>
/// <param name="LapsesAt">When it ends by itself; null for never.</param>
/// <param name="Reason">Why; null when not stated.</param>
public sealed record Hold(string Seat, DateTimeOffset At, DateTimeOffset? LapsesAt, string? Reason);
