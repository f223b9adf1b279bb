namespace AssessmentFlow.UnitTests.RandomRuns;

/// <summary>Chance that is the same for the same seed on every platform and in every version (SplitMix64).</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number below a bound.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>A number between two bounds, both included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>Whether a chance of so many percent came true.</summary>
    public bool Percent(int percent) => Below(100) < percent;

    public T One<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Dice of their own, so that what is drawn there does not shift what is drawn here.</summary>
    public Dice Fork() => new(Next());

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
