using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Http;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Timers;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Simulation;

/// <summary>
/// A silo: its memory, its clock, its way to the database and its pumps. When it dies, nothing of it ever goes on.
/// A silo that starts again is another one.
/// </summary>
internal sealed class SimulatedSilo : IEntities, IOutbox, ILivingSilos, IDisposable
{
    /// <summary>Nothing that is simulated sends requests.</summary>
    private static readonly IOptions<HttpOptions> HttpOptions = Options.Create(new HttpOptions());
    private static readonly HttpCaller NoHttp = new(HttpOptions);

    private readonly SimulatedWorld _world;
    private readonly Dictionary<EntityId, Activation> _activations = [];
    private readonly ITurnJournal _journal;
    private readonly SiloKinds _kinds;
    private readonly OutboxPump _outbox;
    private readonly TimerPump _timers;
    private bool _isLooking;
    private bool _isSweeping;
    private DateTimeOffset _sweepsAt;

    public SimulatedSilo(SimulatedWorld world, string name)
    {
        _world = world;
        Name = name;
        Clock = new SimulatedClock(world, this);
        var database = new SiloJournal(world, this);
        _journal = world.Checks.Watch(world.Disguise(database));
        _kinds = new SiloKinds(
            new InstanceKind(world.Surroundings, world.Surroundings, database),
            new AssessmentKind(world.Surroundings),
            new ReviewKind(world.Surroundings),
            new SignalKind(),
            new TriggerSetKind(world.Surroundings, world.Surroundings));
        var options = Options.Create(SimulatedWorld.Delivery);
        var delivery = new MessageDelivery(
            this,
            database,
            world.Surroundings,
            new TriggerStarts(this, database, _journal, world.Surroundings),
            new HttpDelivery(NoHttp, this, _journal, database, options, Clock, NullLogger<HttpDelivery>.Instance),
            options);
        _timers = new TimerPump(this, database, options, Clock, NullLogger<TimerPump>.Instance);
        _outbox = new OutboxPump(
            delivery, database, this, _timers, options, HttpOptions, Clock, NullLogger<OutboxPump>.Instance);
        _sweepsAt = world.Now;
    }

    public string Name { get; }

    public TimeProvider Clock { get; }

    public bool IsAlive { get; set; } = true;

    /// <summary>How far the clock of the silo is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>Until then the silo does nothing, and knows nothing of it.</summary>
    public DateTimeOffset StandsStillUntil { get; set; } = DateTimeOffset.MinValue;

    public override string ToString() => Name;

    /// <summary>What the pumps would do now.</summary>
    /// <param name="until">Timers that are due later than this are left alone.</param>
    public IEnumerable<(string Name, Action Run)> Ready(DateTimeOffset until)
    {
        if (StandsStillUntil > _world.Now)
        {
            yield break;
        }

        if (!_isLooking && _world.Store.NextTimerAt is { } due && due <= _world.Now + Ahead && due <= until)
        {
            yield return ($"{Name} looks at the timers", () => _world.Loop.Start(LookAsync));
        }

        if (!_isSweeping && SweepsAt() is { } at && at <= _world.Now)
        {
            yield return ($"{Name} sweeps the outbox", () => _world.Loop.Start(SweepAsync));
        }
    }

    /// <summary>When the pumps have something to do, unless something else comes before.</summary>
    public IEnumerable<DateTimeOffset> Next()
    {
        if (!_isLooking && _world.Store.NextTimerAt is { } due)
        {
            yield return Later(due - Ahead);
        }

        if (!_isSweeping && SweepsAt() is { } at)
        {
            yield return Later(at);
        }
    }

    /// <summary>Hands an input to the activation of an entity in this silo, which is made when there is none.</summary>
    public Task<TurnAnswer> TakeAsync(EntityId entity, Envelope envelope)
    {
        if (!_activations.TryGetValue(entity, out var activation))
        {
            _activations[entity] = activation = _kinds.Activate(entity, _journal, this, Clock);
        }

        return activation.HandleAsync(envelope);
    }

    /// <summary>Ends the activation of an entity.</summary>
    public void Deactivate(EntityId entity)
    {
        if (_activations.Remove(entity, out var activation))
        {
            activation.IsOver = true;
        }
    }

    /// <summary>Delivers a message as if it were this silo's own.</summary>
    public void Deliver(PendingMessage message) => _world.Loop.Start(() => _outbox.DeliverAsync(message, CancellationToken.None));

    public void Dispose()
    {
        _outbox.Dispose();
        _timers.Dispose();
    }

    IReadOnlyCollection<string> ILivingSilos.Names() => _world.Cluster.Members;

    Task<TurnAnswer> IEntities.HandleAsync(EntityId entity, Envelope envelope, CancellationToken cancellationToken) =>
        PatientCall.AnswerAsync(Clock, () => _world.Cluster.SendAsync(this, entity, envelope), cancellationToken);

    void IOutbox.Dispatch(Turn turn)
    {
        _outbox.Dispatch(turn);
        DeliverHeld();
    }

    void IOutbox.Doubt(Turn turn) => _outbox.Doubt(turn);

    private void DeliverHeld()
    {
        while (_outbox.TakeHeld() is { } message)
        {
            _world.Plan($"{Name} delivers {message.Id}", this, _world.Moment(), () => BeginDelivery(message));
        }
    }

    private void BeginDelivery(PendingMessage message)
    {
        if (_world.Meet(Occasion.Delivery, $"{Name} begins to deliver {message.Id}") is not null)
        {
            _world.Cluster.Other(this)?.Deliver(message);
        }

        Deliver(message);
    }

    private async Task LookAsync()
    {
        _isLooking = true;
        await _timers.LookAsync(CancellationToken.None);
        _isLooking = false;
    }

    private async Task SweepAsync()
    {
        _isSweeping = true;
        await _outbox.SweepOnceAsync(CancellationToken.None);
        _isSweeping = false;
        _sweepsAt = _world.Now + SimulatedWorld.Delivery.SweepInterval;
        DeliverHeld();
    }

    private DateTimeOffset? SweepsAt() => _world.Store.NextMessageAt(_outbox.LeftAlone()) - Ahead is { } at
        ? at > _sweepsAt ? at : _sweepsAt
        : null;

    private DateTimeOffset Later(DateTimeOffset at) => at > StandsStillUntil ? at : StandsStillUntil;
}
