namespace AssessmentFlow.Simulation;

/// <summary>Something that will happen in the world.</summary>
/// <param name="name">What, for the story of the run.</param>
/// <param name="owner">The silo that does it; it does not happen once the silo is gone, and not while it stands still. Null when the world does it.</param>
/// <param name="at">No earlier than this.</param>
/// <param name="run">Does it.</param>
internal sealed class PendingStep(string name, SimulatedSilo? owner, DateTimeOffset at, Action run)
{
    public string Name => name;

    public DateTimeOffset At => at;

    public bool IsDropped { get; private set; }

    /// <summary>Whether it can never happen.</summary>
    public bool IsMoot => IsDropped || owner is { IsAlive: false };

    /// <summary>When it can happen: later than planned when its silo stands still.</summary>
    public DateTimeOffset ReadyAt => owner is { StandsStillUntil: var until } && until > at ? until : at;

    /// <summary>It happens, once.</summary>
    public void Run()
    {
        Drop();
        run();
    }

    public void Drop() => IsDropped = true;
}
