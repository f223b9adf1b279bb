using System.Globalization;

namespace AssessmentFlow.Simulation;

/// <summary>Something that goes wrong in a run.</summary>
/// <param name="Kind">What.</param>
/// <param name="Occasion">At which occasion, counted from 1: the occasions of a kind are named by <see cref="MisfortuneKinds.OccasionOf"/>.</param>
/// <param name="Strength">How badly, from 0 to 99.</param>
internal sealed record Misfortune(MisfortuneKind Kind, int Occasion, int Strength)
{
    /// <summary>How long something takes that takes long: up to more than a minute, so that callers give up before.</summary>
    public TimeSpan Delay => TimeSpan.FromMilliseconds(100 + (Strength * Strength * 9));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind.OccasionOf()} {Occasion}: {What}");

    private string What => Kind switch
    {
        MisfortuneKind.DieBeforeCommit => "the silo dies before it is written",
        MisfortuneKind.DieAfterCommit => "the silo dies when it is written, before anybody is told",
        MisfortuneKind.SlowCommit => string.Create(CultureInfo.InvariantCulture, $"the disk takes {Delay.TotalSeconds:F1} s to write it"),
        MisfortuneKind.SlowAnswer => string.Create(CultureInfo.InvariantCulture, $"it is written, and the silo learns so after {Delay.TotalSeconds:F1} s"),
        MisfortuneKind.FailCommit => "the connection to the database breaks before it is written",
        MisfortuneKind.DoubtCommit => "the connection to the database breaks after it was written",
        MisfortuneKind.LoseRequest => "the request is lost",
        MisfortuneKind.LoseAnswer => "the answer is lost",
        MisfortuneKind.RepeatRequest => string.Create(CultureInfo.InvariantCulture, $"the request arrives again after {Delay.TotalSeconds:F1} s"),
        MisfortuneKind.SlowRequest => string.Create(CultureInfo.InvariantCulture, $"the request takes {Delay.TotalSeconds:F1} s, and others overtake it"),
        MisfortuneKind.Split => "the request makes a second activation on another silo",
        MisfortuneKind.RepeatDelivery => "another silo delivers the message as well",
        MisfortuneKind.Die => "a silo dies",
        MisfortuneKind.StandStill => string.Create(CultureInfo.InvariantCulture, $"a silo stands still for {Delay.TotalSeconds:F1} s and then goes on"),
        MisfortuneKind.ClockJump => string.Create(CultureInfo.InvariantCulture, $"all clocks jump by {Jump}"),
        MisfortuneKind.ClockSkew => string.Create(CultureInfo.InvariantCulture, $"the clock of one silo jumps ahead by {Delay.TotalSeconds:F1} s"),
        _ => throw new System.Diagnostics.UnreachableException($"Misfortune {Kind} has no words."),
    };

    /// <summary>How far clocks jump: past leases and the patience of callers.</summary>
    public TimeSpan Jump => TimeSpan.FromSeconds(1 + Strength);
}

/// <summary>What can go wrong.</summary>
internal enum MisfortuneKind
{
    DieBeforeCommit,
    DieAfterCommit,
    SlowCommit,
    SlowAnswer,
    FailCommit,
    DoubtCommit,
    LoseRequest,
    LoseAnswer,
    RepeatRequest,
    SlowRequest,
    Split,
    RepeatDelivery,
    Die,
    StandStill,
    ClockJump,
    ClockSkew,
}

/// <summary>Occasions at which things go wrong.</summary>
internal enum Occasion
{
    /// <summary>A turn is handed to the journal.</summary>
    Commit,

    /// <summary>An input is sent to an entity.</summary>
    Call,

    /// <summary>A silo begins to deliver a message of the outbox.</summary>
    Delivery,

    /// <summary>Anything happens.</summary>
    Step,
}

/// <summary>When each kind can strike.</summary>
internal static class MisfortuneKinds
{
    public static readonly MisfortuneKind[] All = Enum.GetValues<MisfortuneKind>();

    public static Occasion OccasionOf(this MisfortuneKind kind) => kind switch
    {
        <= MisfortuneKind.DoubtCommit => Occasion.Commit,
        <= MisfortuneKind.Split => Occasion.Call,
        MisfortuneKind.RepeatDelivery => Occasion.Delivery,
        _ => Occasion.Step,
    };
}
