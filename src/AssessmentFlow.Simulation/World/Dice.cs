namespace AssessmentFlow.Simulation;

/// <summary>Chance that is the same for the same seed on every platform and in every version (SplitMix64).</summary>
internal sealed class Dice(ulong seed)
{
    /// <summary>Seed of an empty text (the offset basis of FNV-1a).</summary>
    public const ulong EmptySeed = 14695981039346656037;

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

    /// <summary>
    /// A number below a bound that belongs to one occasion: what is drawn for others does not shift it, so that a run from
    /// which something is left out goes on as before wherever it can.
    /// </summary>
    public static int At(ulong seed, long occasion, int bound) => (int)(Mix(seed + (0x9E3779B97F4A7C15 * (ulong)(occasion + 1))) % (ulong)bound);

    /// <summary>A seed out of a text (FNV-1a over its characters).</summary>
    /// <param name="text">The text.</param>
    /// <param name="before">Seed of the texts that precede it.</param>
    public static ulong SeedOf(string text, ulong before = EmptySeed)
    {
        foreach (var character in text)
        {
            before = (before ^ character) * 1099511628211;
        }

        return before;
    }

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
