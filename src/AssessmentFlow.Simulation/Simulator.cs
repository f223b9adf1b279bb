using System.Globalization;

namespace AssessmentFlow.Simulation;

/// <summary>
/// Runs scenarios in a simulated cluster in which things go wrong by chance: silos die on either side of a commit,
/// requests and answers are lost, repeated and late, entities live at two places at once, disks are slow, clocks jump. After
/// every step the run is held against the product's promises. The same seed makes the same run.
/// </summary>
public static class Simulator
{
    /// <summary>Environment variable that names the one seed to run.</summary>
    public const string SeedVariable = "ASSESSMENTFLOW_SIMULATION_SEED";

    /// <summary>Environment variable that says how many seeds are run (count).</summary>
    public const string RunsVariable = "ASSESSMENTFLOW_SIMULATION_RUNS";

    /// <summary>Runs a scenario for the seeds from 1 on, side by side, or as the environment variables say.</summary>
    /// <param name="scenario">What is simulated.</param>
    /// <param name="seeds">How many seeds (count).</param>
    /// <exception cref="SimulationFailedException">
    /// A promise was broken. The message names the seed, how to run it again, and the shortest list of misfortunes that was
    /// found to break it.
    /// </exception>
    public static void Check(Scenario scenario, int seeds)
    {
        var runs = new ScenarioRuns(scenario);
        if (Number(SeedVariable) is { } one)
        {
            runs.Check(one);
            return;
        }

        var failed = FirstFailing(runs, (long)(Number(RunsVariable) ?? (ulong)seeds));
        if (failed is { } seed)
        {
            runs.Check(seed);
        }
    }

    /// <summary>The lowest of the seeds from 1 on that breaks a promise; null when none does.</summary>
    internal static ulong? FirstFailing(ScenarioRuns runs, long seeds)
    {
        var lowest = long.MaxValue;
        var gate = new Lock();
        Parallel.For(1L, seeds + 1, (seed, loop) =>
        {
            if (runs.Run(runs.ScheduleOf((ulong)seed)).Violation is not null)
            {
                lock (gate)
                {
                    lowest = Math.Min(lowest, seed);
                }

                loop.Break(); // Seeds below it are still run, so that the lowest one is named every time.
            }
        });
        return lowest is long.MaxValue ? null : (ulong)lowest;
    }

    private static ulong? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? ulong.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture)
        : null;
}

/// <summary>A promise was broken in a simulated run.</summary>
public sealed class SimulationFailedException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public SimulationFailedException()
    {
    }

    /// <summary>Makes one.</summary>
    public SimulationFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a cause.</summary>
    public SimulationFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
