using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>
/// One run: a database, silos and clients on one clock and one thread. Whatever takes time is a step; the seed decides
/// which of the steps that are ready comes next, and the schedule what goes wrong on the way.
/// </summary>
internal sealed class SimulatedWorld : IDisposable
{
    /// <summary>Steps that are told of the end of a run (count).</summary>
    private const int StoryMax = 60;

    /// <summary>Longest time that an ordinary step takes (milliseconds).</summary>
    private const int MomentMaxMs = 30;

    /// <summary>How long messages may be under way after the time of the scenario is over.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromHours(2);

    private readonly Schedule _schedule;
    private readonly Dictionary<(Occasion, int), Misfortune> _misfortunes = [];
    private readonly Dictionary<Occasion, int> _occasions = Enum.GetValues<Occasion>().ToDictionary(occasion => occasion, _ => 0);
    private readonly List<PendingStep> _pending = [];
    private readonly Queue<string> _story = new();
    private readonly HashSet<MisfortuneKind> _struck = [];
    private readonly SimulatedClients _clients;
    private readonly DateTimeOffset _until;
    private readonly int _stepsMax;
    private long _planned;

    public SimulatedWorld(Scenario scenario, Schedule schedule, Func<ITurnJournal, ITurnJournal>? disguise = null)
    {
        _schedule = schedule;
        foreach (var misfortune in schedule.Misfortunes)
        {
            _misfortunes.TryAdd((misfortune.Kind.OccasionOf(), misfortune.Occasion), misfortune);
        }

        Now = scenario.Begin;
        _until = scenario.Begin + scenario.Duration;
        Store = new SimulatedStore(Delivery.Lease);
        Checks = new Invariants(this, scenario);
        _stepsMax = scenario.StepsMax;
        Surroundings = new SimulatedSurroundings(scenario, () => Now);
        Disguise = disguise ?? (static journal => journal);
        Cluster = new SimulatedCluster(this);
        _clients = new SimulatedClients(this, scenario, schedule.LeftOut);
        foreach (var at in scenario.Restarts)
        {
            Plan("the silos are restarted", owner: null, at - Now, Cluster.RestartAll);
        }
    }

    /// <summary>How messages and timers are delivered. Events are kept for longer than clocks jump.</summary>
    public static DeliveryOptions Delivery { get; } = new() { EventsKeptFor = TimeSpan.FromMinutes(20) };

    public DateTimeOffset Now { get; private set; }

    public SimulationLoop Loop { get; } = new();

    public SimulatedStore Store { get; }

    public SimulatedCluster Cluster { get; }

    public Invariants Checks { get; }

    public SimulatedSurroundings Surroundings { get; }

    /// <summary>Puts something between the runners and their journals: how tests plant bugs.</summary>
    public Func<ITurnJournal, ITurnJournal> Disguise { get; }

    /// <summary>How many occasions of each kind there were (count).</summary>
    public IReadOnlyDictionary<Occasion, int> Occasions => _occasions;

    /// <summary>What went wrong; what was tied to an occasion that never came did not.</summary>
    public IReadOnlySet<MisfortuneKind> Struck => _struck;

    /// <summary>The last steps.</summary>
    public IReadOnlyCollection<string> Story => _story;

    /// <summary>A number that differs when anything went another way.</summary>
    public ulong Print { get; private set; } = Dice.EmptySeed;

    /// <summary>Runs to the end, or to the first promise that is broken.</summary>
    public void Run()
    {
        while (_occasions[Occasion.Step] < _stepsMax)
        {
            Loop.RunReady();
            Checks.AfterStep();
            if (Checks.Violation is not null || !TryNext())
            {
                break;
            }
        }

        if (Checks.Violation is null && _occasions[Occasion.Step] >= _stepsMax)
        {
            Checks.Break(Promise.Rest, $"It goes on after {_stepsMax} steps.");
        }

        if (Checks.Violation is null)
        {
            Checks.AtEnd(_clients.Unanswered());
        }
    }

    /// <summary>Plans a step.</summary>
    /// <param name="name">What happens, for the story of the run.</param>
    /// <param name="owner">The silo that does it; null when the world does.</param>
    /// <param name="after">How long it takes until then.</param>
    /// <param name="run">Does it.</param>
    public PendingStep Plan(string name, SimulatedSilo? owner, TimeSpan after, Action run)
    {
        var step = new PendingStep(name, owner, TimeAfter(after), run);
        _pending.Add(step);
        return step;
    }

    /// <summary>The time after a while from now. What lies further ahead than time reaches never happens.</summary>
    public DateTimeOffset TimeAfter(TimeSpan span) => span < DateTimeOffset.MaxValue - Now ? Now + span : DateTimeOffset.MaxValue;

    /// <summary>Waits on behalf of the world, not of a silo.</summary>
    public Task WaitAsync(string name, TimeSpan span)
    {
        var waited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Plan(name, owner: null, span, waited.SetResult);
        return waited.Task;
    }

    /// <summary>The time that an ordinary step takes: another one each time.</summary>
    public TimeSpan Moment() => TimeSpan.FromMilliseconds(1 + Draw(MomentMaxMs));

    /// <summary>A number below a bound, from the seed.</summary>
    public int Draw(int bound) => Dice.At(_schedule.Seed, _planned++, bound);

    /// <summary>Counts an occasion.</summary>
    /// <returns>What goes wrong at it; null when nothing does.</returns>
    public Misfortune? Meet(Occasion occasion, string what)
    {
        var number = ++_occasions[occasion];
        var misfortune = _misfortunes.GetValueOrDefault((occasion, number));
        if (misfortune is not null)
        {
            _struck.Add(misfortune.Kind);
        }

        if (occasion is not Occasion.Step || misfortune is not null)
        {
            Tell(misfortune is null ? $"{what} ({occasion} {number})" : $"{what} ({occasion} {number}) !! {misfortune}");
        }

        return misfortune;
    }

    /// <summary>Adds to the story of the run.</summary>
    public void Tell(string what)
    {
        var line = $"{Now:yyyy-MM-dd HH:mm:ss.fff}  {what}";
        Print = Dice.SeedOf(line, Print);
        _story.Enqueue(line);
        if (_story.Count > StoryMax)
        {
            _story.Dequeue();
        }
    }

    public void Dispose() => Cluster.Dispose();

    private bool TryNext()
    {
        _pending.RemoveAll(step => step.IsMoot);
        List<(string Name, Action Run)> ready = [.. Ready()];
        while (ready.Count is 0)
        {
            if (NextAt() is not { } next)
            {
                return false;
            }

            Now = next > Now ? next : Now;
            ready.AddRange(Ready());
        }

        if (Meet(Occasion.Step, "") is { } misfortune)
        {
            Cluster.Strike(misfortune);
            Now = misfortune.Kind is MisfortuneKind.ClockJump ? Now + misfortune.Jump : Now;
            return true; // What was ready may not be any more.
        }

        var (name, run) = ready[Draw(ready.Count)];
        Tell(name);
        run();
        return true;
    }

    private IEnumerable<(string, Action)> Ready()
    {
        foreach (var step in _pending)
        {
            if (step.ReadyAt <= Now)
            {
                yield return (step.Name, step.Run);
            }
        }

        foreach (var each in Cluster.Ready(_until).Concat(_clients.Ready()))
        {
            yield return each;
        }
    }

    private DateTimeOffset? NextAt()
    {
        var steps = _pending.Select(step => step.ReadyAt);
        DateTimeOffset[] all = [.. steps.Concat(Cluster.Next()).Concat(_clients.Next()).Where(at => at > Now)];
        return all.Length is 0 || all.Min() is var next && next > _until + Afterwards ? null : next;
    }
}
