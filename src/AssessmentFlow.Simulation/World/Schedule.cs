using System.Collections.Immutable;

namespace AssessmentFlow.Simulation;

/// <summary>Everything that a run follows from: the seed, what goes wrong in it, and which requests of the scenario are made.</summary>
/// <param name="Seed">Decides what happens next wherever several things can.</param>
/// <param name="Misfortunes">What goes wrong.</param>
/// <param name="LeftOut">Requests of the scenario that are not made, by their numbers from 0.</param>
internal sealed record Schedule(ulong Seed, ImmutableArray<Misfortune> Misfortunes, ImmutableSortedSet<int> LeftOut)
{
    private const int MisfortunesMax = 12;

    /// <summary>A run in which nothing goes wrong.</summary>
    public static Schedule Calm(ulong seed) => new(seed, [], []);

    /// <summary>The schedule of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="occasions">How many occasions of each kind a calm run has (count).</param>
    public static Schedule Of(ulong seed, IReadOnlyDictionary<Occasion, int> occasions)
    {
        var dice = new Dice(seed);
        var misfortunes = ImmutableArray.CreateBuilder<Misfortune>();
        for (var count = dice.Between(1, MisfortunesMax); count > 0; count--)
        {
            var kind = dice.One(MisfortuneKinds.All);
            misfortunes.Add(new Misfortune(kind, dice.Between(1, Math.Max(1, occasions[kind.OccasionOf()])), dice.Below(100)));
        }

        return new Schedule(seed, misfortunes.ToImmutable(), []);
    }
}
