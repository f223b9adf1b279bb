using System.Collections.Immutable;
using AssessmentFlow.Runtime.Turns;
using Orleans.Storage;

namespace AssessmentFlow.Simulation;

/// <summary>
/// The silos, who is believed to be alive, and where each entity lives. A silo that is gone is found out after a
/// while; until then calls to it fail, and its entities live nowhere else.
/// </summary>
internal sealed class SimulatedCluster : IDisposable
{
    private const int SilosCount = 3;

    /// <summary>How long a caller waits for an answer.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long it takes until a silo that is gone is found out.</summary>
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(4);

    /// <summary>How long it takes until a process that died has started again.</summary>
    private static readonly TimeSpan Restart = TimeSpan.FromSeconds(6);

    private readonly SimulatedWorld _world;
    private readonly List<SimulatedSilo> _silos = [];
    private readonly Dictionary<EntityId, List<SimulatedSilo>> _hosts = [];
    private readonly List<PendingCall> _calls = [];
    private int _started;

    public SimulatedCluster(SimulatedWorld world)
    {
        _world = world;
        for (var i = 0; i < SilosCount; i++)
        {
            Start();
        }
    }

    /// <summary>Names of the silos that are believed to be alive.</summary>
    public ImmutableArray<string> Members { get; private set; } = [];

    /// <summary>What the silos would do now.</summary>
    public IEnumerable<(string Name, Action Run)> Ready(DateTimeOffset until) => _silos.Where(silo => silo.IsAlive).SelectMany(silo => silo.Ready(until));

    /// <summary>When the silos have something to do.</summary>
    public IEnumerable<DateTimeOffset> Next() => _silos.Where(silo => silo.IsAlive).SelectMany(silo => silo.Next());

    /// <summary>Another silo than the one given; null when there is none.</summary>
    public SimulatedSilo? Other(SimulatedSilo silo) => One(each => each != silo);

    /// <summary>Sends an input to an entity, wherever it lives.</summary>
    /// <param name="from">The silo that calls; null for a client.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="envelope">The input.</param>
    /// <exception cref="TimeoutException">No answer came.</exception>
    /// <exception cref="OrleansException">Where the entity lived, it lives no more.</exception>
    public async Task<TurnAnswer> SendAsync(SimulatedSilo? from, EntityId entity, Envelope envelope)
    {
        var misfortune = _world.Meet(Occasion.Call, $"{from?.Name ?? "a client"} sends {envelope.InputId} to {entity}");
        var call = new PendingCall(_world, from, entity, envelope, isAnswerLost: misfortune is { Kind: MisfortuneKind.LoseAnswer });
        if (misfortune is not { Kind: MisfortuneKind.LoseRequest })
        {
            var slowness = misfortune is { Kind: MisfortuneKind.SlowRequest } ? misfortune.Delay : TimeSpan.Zero;
            Send(slowness, misfortune is { Kind: MisfortuneKind.Split });
        }

        if (misfortune is { Kind: MisfortuneKind.RepeatRequest })
        {
            Send(misfortune.Delay, isSplit: false);
        }

        var timeout = _world.Plan($"{entity} has not answered {envelope.InputId}", from, ResponseTimeout, () =>
            call.Answer.TrySetException(new TimeoutException($"{entity} did not answer within {ResponseTimeout}.")));
        try
        {
            return await call.Answer.Task;
        }
        finally
        {
            timeout.Drop();
        }

        void Send(TimeSpan slowness, bool isSplit) => _world.Plan(
            $"{envelope.InputId} arrives at {entity}", owner: null, _world.Moment() + slowness, () => Arrive(call, isSplit));
    }

    /// <summary>A silo dies: what it had in memory is gone, and what it was doing never goes on.</summary>
    public void Die(SimulatedSilo silo)
    {
        _world.Tell($"{silo} dies");
        silo.IsAlive = false;
        _world.Plan($"{silo} is found to be gone", owner: null, Detection, () => Exclude(silo));
        _world.Plan($"the process of {silo} has started again", owner: null, Restart, Start);
    }

    /// <summary>All silos that there are end, one after the other, each when the one before has come back.</summary>
    public void RestartAll()
    {
        foreach (var (place, silo) in _silos.FindAll(each => each.IsAlive).Index())
        {
            _world.Plan($"{silo} is restarted", silo, place * (Restart + Detection), () => Die(silo));
        }
    }

    /// <summary>Something goes wrong with a silo.</summary>
    public void Strike(Misfortune misfortune)
    {
        var silo = One(static _ => true);
        switch (misfortune.Kind)
        {
            case MisfortuneKind.Die when silo is not null:
                Die(silo);
                break;
            case MisfortuneKind.StandStill when silo is not null:
                _world.Tell($"{silo} stands still");
                silo.StandsStillUntil = _world.Now + misfortune.Delay;
                if (misfortune.Delay > Detection)
                {
                    _world.Plan($"{silo} is taken for gone", owner: null, Detection, () => Exclude(silo));
                    _world.Plan($"{silo} learns that it was taken for gone", silo, misfortune.Delay + TimeSpan.FromSeconds(1), () => Die(silo));
                }

                break;
            case MisfortuneKind.ClockSkew when silo is not null:
                _world.Tell($"the clock of {silo} jumps ahead");
                silo.Ahead += misfortune.Delay;
                break;
            default:
                break; // All clocks jump; that is the world's.
        }
    }

    public void Dispose() => _silos.ForEach(silo => silo.Dispose());

    private void Start()
    {
        var silo = new SimulatedSilo(_world, $"silo-{++_started}");
        _silos.Add(silo);
        Members = Members.Add(silo.Name);
    }

    private void Exclude(SimulatedSilo silo)
    {
        Members = Members.Remove(silo.Name);
        foreach (var hosts in _hosts.Values)
        {
            hosts.Remove(silo);
        }

        foreach (var call in _calls.FindAll(call => call.Host == silo))
        {
            _calls.Remove(call);
            call.Fail($"{silo} is gone.");
        }
    }

    private void Arrive(PendingCall call, bool isSplit)
    {
        if (HostOf(call.Entity, isSplit) is not { } host)
        {
            call.Fail("No silo is alive.");
            return;
        }

        call.Host = host;
        _calls.Add(call);
        _world.Plan($"{host} takes {call.Envelope.InputId} for {call.Entity}", host, TimeSpan.Zero, () => _world.Loop.Start(async () =>
        {
            var (answer, failure) = await TakeAsync(host, call.Entity, call.Envelope);
            _calls.Remove(call);
            call.Complete(answer, failure);
        }));
    }

    private async Task<(TurnAnswer? Answer, Exception? Failure)> TakeAsync(SimulatedSilo host, EntityId entity, Envelope envelope)
    {
        try
        {
            return (await host.TakeAsync(entity, envelope), null);
        }
        catch (Exception e)
        {
            if (e is InconsistentStateException)
            {
                // Another activation has moved on: this one ends, as the grain's does.
                host.Deactivate(entity);
                _hosts.GetValueOrDefault(entity)?.Remove(host);
            }

            return (null, e);
        }
    }

    /// <summary>Where an entity lives. In a split it lives at two places, and each call finds one of them.</summary>
    private SimulatedSilo? HostOf(EntityId entity, bool isSplit)
    {
        var hosts = _hosts.TryGetValue(entity, out var known) ? known : _hosts[entity] = [];
        if ((hosts.Count is 0 || isSplit) && One(silo => !hosts.Contains(silo)) is { } host)
        {
            hosts.Add(host);
            return host;
        }

        return hosts.Count is 0 ? null : hosts[_world.Draw(hosts.Count)];
    }

    /// <summary>One of the members that are alive, or are still taken to be.</summary>
    private SimulatedSilo? One(Func<SimulatedSilo, bool> isMeant)
    {
        var silos = _silos.FindAll(silo => silo.IsAlive && Members.Contains(silo.Name) && isMeant(silo));
        return silos.Count is 0 ? null : silos[_world.Draw(silos.Count)];
    }
}
