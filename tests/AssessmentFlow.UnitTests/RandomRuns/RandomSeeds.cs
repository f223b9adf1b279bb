using System.Globalization;

namespace AssessmentFlow.UnitTests.RandomRuns;

/// <summary>
/// Which random runs are made: seeds from 1 on, as many as <see cref="RunsVariable"/> says, or the one that
/// <see cref="SeedVariable"/> names.
/// </summary>
internal static class RandomSeeds
{
    public const string RunsVariable = "ASSESSMENTFLOW_RANDOM_RUNS";
    public const string SeedVariable = "ASSESSMENTFLOW_RANDOM_SEED";

#if MUTATION
    private const int RunsByDefault = 150; // Once for every change of the engine that has to be found.
#else
    private const int RunsByDefault = 3_000;
#endif

    /// <summary>Runs all seeds, side by side.</summary>
    /// <param name="test">Full name of the test class, for the command that repeats a failing seed.</param>
    /// <param name="run">Makes the run of a seed; throws when it breaks a promise.</param>
    /// <returns>What the runs came to.</returns>
    public static IReadOnlyList<T> ForEach<T>(string test, Func<ulong, T> run)
    {
        if (Number(SeedVariable) is { } one)
        {
            return [run((ulong)one)];
        }

        var results = new T[Number(RunsVariable) ?? RunsByDefault];
        (long Seed, Exception Why)? failed = null;
        var gate = new Lock();
        Parallel.For(0, results.Length, (index, loop) =>
        {
            var seed = index + 1L;
            try
            {
                results[index] = run((ulong)seed);
            }
            catch (Exception e)
            {
                loop.Stop();
                lock (gate)
                {
                    failed = failed is { } other && other.Seed < seed ? other : (seed, e);
                }
            }
        });
        if (failed is { } failure)
        {
            Assert.Fail($"Seed {failure.Seed}: {failure.Why.Message}\nAgain: {SeedVariable}={failure.Seed} artifacts/bin/AssessmentFlow.UnitTests/debug/AssessmentFlow.UnitTests -class {test}\n{failure.Why.StackTrace}");
        }

        return results;
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : null;
}
