using CsCheck;

namespace AssessmentFlow.UnitTests;

/// <summary>Checks a property for samples from fixed seeds: every run checks the same ones, and a failure names its seed.</summary>
internal static class FixedSeeds
{
    /// <summary>Checks the property for the seeds 0 to <paramref name="count"/> - 1.</summary>
    /// <param name="gen">What the samples are made of.</param>
    /// <param name="count">How many (count).</param>
    /// <param name="check">The property; throws when it does not hold.</param>
    /// <param name="print">Shows a sample that it does not hold for.</param>
    public static void Check<T>(Gen<T> gen, int count, Action<T> check, Func<T, string> print)
    {
        for (var seed = 0; seed < count; seed++)
        {
            CheckOne(gen, seed, check, print);
        }
    }

    /// <summary>Checks the property for one seed: how a failure is looked into.</summary>
    public static void CheckOne<T>(Gen<T> gen, int seed, Action<T> check, Func<T, string> print)
    {
        var sample = gen.Generate(new PCG(1, (ulong)seed), null, out _);
        try
        {
            check(sample);
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e.Message}\n{print(sample)}");
        }
    }
}
