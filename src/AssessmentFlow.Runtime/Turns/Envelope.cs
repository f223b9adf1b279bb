using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Runtime.Turns;

/// <summary>An input on its way to an entity.</summary>
[GenerateSerializer]
[Immutable]
[Alias("envelope")]
public sealed record Envelope
{
    /// <summary>Identity of the input: whoever sends it again uses the same.</summary>
    [Id(0)]
    public required string InputId { get; init; }

    /// <summary>The input in the language of the entity's kind, as UTF-8 JSON.</summary>
    [Id(1)]
    public required byte[] Input { get; init; }

    /// <summary>Who sends it, for the journal.</summary>
    [Id(2)]
    public string Actor { get; init; } = "system";

    /// <summary>The version that the entity must have; null when any will do.</summary>
    [Id(3)]
    public long? IfVersion { get; init; }

    /// <summary>SHA-256 of the request behind it; null when none is.</summary>
    [Id(4)]
    public byte[]? Fingerprint { get; init; }

    /// <summary>The workflow instance whose activity asks; null when none does.</summary>
    [Id(5)]
    public string? OriginInstance { get; init; }

    /// <summary>The bookmark that waits there.</summary>
    [Id(6)]
    public long OriginBookmark { get; init; }

    /// <summary>
    /// The turn happens no earlier than this: a timer that one silo found due is due, also where the clock is behind.
    /// </summary>
    [Id(7)]
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>
    /// Whether the input begins an entity: the first commit itself finds out whether it is new, without a look beforehand.
    /// </summary>
    [Id(8)]
    public bool BeginsEntity { get; init; }

    /// <summary>The caller's span, in the form of W3C Trace Context; null when it is not recorded, and then neither is the turn.</summary>
    [Id(9)]
    public string? Trace { get; init; }
}

/// <summary>What an entity answers.</summary>
[GenerateSerializer]
[Immutable]
[Alias("turn-answer")]
public sealed record TurnAnswer
{
    /// <summary>What became of the input.</summary>
    [Id(0)]
    public required TurnOutcome Outcome { get; init; }

    /// <summary>Version of the entity.</summary>
    [Id(1)]
    public long Version { get; init; }

    /// <summary>What to show to whoever sent the input, as UTF-8 JSON; null when there is nothing.</summary>
    [Id(2)]
    public byte[]? Body { get; init; }

    /// <summary>Class of the refusal.</summary>
    [Id(3)]
    public RefusalKind RefusalKind { get; init; }

    /// <summary>Code of the refusal; null unless refused.</summary>
    [Id(4)]
    public string? RefusalCode { get; init; }

    /// <summary>Why it was refused and how to mend it.</summary>
    [Id(5)]
    public string? RefusalMessage { get; init; }

    /// <summary>The offending member.</summary>
    [Id(6)]
    public string? RefusalPath { get; init; }

    /// <summary>The refusal; null unless refused.</summary>
    public Refusal? Refusal => RefusalCode is null ? null : new Refusal(RefusalKind, RefusalCode, RefusalMessage ?? "", RefusalPath);

    /// <summary>An answer that refuses.</summary>
    public static TurnAnswer Refused(Refusal refusal, long version) => new()
    {
        Outcome = TurnOutcome.Refused,
        Version = version,
        RefusalKind = refusal.Kind,
        RefusalCode = refusal.Code,
        RefusalMessage = refusal.Message,
        RefusalPath = refusal.Path,
    };
}

/// <summary>What became of an input.</summary>
public enum TurnOutcome
{
    /// <summary>It was applied and committed.</summary>
    Accepted = 0,

    /// <summary>It had been applied before; the answer is the one given then.</summary>
    Repeated = 1,

    /// <summary>It had nothing left to do.</summary>
    Ignored = 2,

    /// <summary>It may not be applied; nothing changed.</summary>
    Refused = 3,
}
