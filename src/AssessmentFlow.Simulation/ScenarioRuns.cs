using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>The runs of one scenario, and what a calm run of it comes to.</summary>
internal sealed class ScenarioRuns
{
    private readonly Scenario _scenario;
    private readonly Func<ITurnJournal, ITurnJournal>? _disguise;
    private readonly IReadOnlyDictionary<Occasion, int> _occasions;

    /// <exception cref="SimulationFailedException">A promise is broken though nothing goes wrong.</exception>
    public ScenarioRuns(Scenario scenario, Func<ITurnJournal, ITurnJournal>? disguise = null)
    {
        _scenario = scenario;
        using var world = new SimulatedWorld(scenario, Schedule.Calm(0));
        world.Run();
        if (world.Checks.Violation is { } violation)
        {
            throw new SimulationFailedException(
                $"A promise is broken though nothing goes wrong. {violation.Promise}: {violation.How}\n{string.Join('\n', world.Story)}");
        }

        _occasions = world.Occasions;
        Calm = new Ending(world.Store);
        _disguise = disguise;
    }

    /// <summary>How the scenario ends when nothing goes wrong.</summary>
    public Ending Calm { get; }

    /// <summary>The schedule of a seed.</summary>
    public Schedule ScheduleOf(ulong seed) => Schedule.Of(seed, _occasions);

    /// <summary>Runs a schedule to its end.</summary>
    public RunResult Run(Schedule schedule)
    {
        using var world = new SimulatedWorld(_scenario, schedule, _disguise);
        world.Run();
        if (_scenario.EndsAlike && world.Checks.Violation is null && schedule.LeftOut.IsEmpty && Calm.DifferenceTo(new Ending(world.Store)) is { } difference)
        {
            world.Checks.Break(Promise.EndsAlike, difference);
        }

        return new RunResult(world.Checks.Violation, world.Struck, world.Print, world.Story);
    }

    /// <summary>Runs a seed.</summary>
    /// <exception cref="SimulationFailedException">A promise was broken.</exception>
    public void Check(ulong seed)
    {
        if (Shrink(ScheduleOf(seed)) is { } failure)
        {
            throw new SimulationFailedException(failure.Describe(_scenario));
        }
    }

    /// <summary>The shortest schedule found that breaks the same promise as the one given; null when that breaks none.</summary>
    public ShrunkFailure? Shrink(Schedule schedule) =>
        Run(schedule) is { Violation: not null } result ? new ScheduleShrinker(this, _scenario.Requests.Count).Shrink(schedule, result) : null;
}

/// <summary>What a run came to.</summary>
/// <param name="Violation">The first promise that was broken; null when none was.</param>
/// <param name="Struck">What went wrong.</param>
/// <param name="Print">A number that differs when anything went another way.</param>
/// <param name="Story">Its last steps.</param>
internal sealed record RunResult(Violation? Violation, IReadOnlySet<MisfortuneKind> Struck, ulong Print, IReadOnlyCollection<string> Story);
