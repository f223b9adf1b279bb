using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>
/// Holds a run against its promises after every step. It keeps books of its own, from what is written and what is told,
/// and believes neither runner nor journal.
/// </summary>
internal sealed class Invariants
{
    private readonly SimulatedWorld _world;
    private readonly WakeUps _wakeUps;
    private readonly Exclusions _exclusions;
    private readonly Dictionary<EntityId, (long Version, byte[] Hash)> _last = [];
    private readonly Dictionary<string, (EntityId Entity, long Version)> _applied = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (EntityId Entity, long Version)> _acknowledged = new(StringComparer.Ordinal);
    private readonly Dictionary<(string InputId, EntityId Entity), int> _decided = [];
    private readonly HashSet<MessageId> _untold = [];
    private readonly HashSet<EntityId> _touched = [];

    public Invariants(SimulatedWorld world, Scenario scenario)
    {
        _world = world;
        _exclusions = new Exclusions(scenario.Catalogue.Get);
        _wakeUps = new WakeUps(world.Store);
        world.Store.Written = OnWritten;
        world.Store.Removed = message => _touched.UnionWith(WakeUps.ConcernedBy(message));
    }

    /// <summary>The first promise that was broken; null when none was.</summary>
    public Violation? Violation { get; private set; }

    /// <summary>Notes what a turn is to tell, as its runner decided it.</summary>
    public ITurnJournal Watch(ITurnJournal journal) => new WatchedJournal(this, journal);

    public void Break(Promise promise, string how) => Violation ??= new Violation(promise, how);

    public void OnAcknowledged(EntityId entity, string inputId, TurnAnswer answer)
    {
        if (answer.Outcome is not (TurnOutcome.Accepted or TurnOutcome.Repeated))
        {
            return;
        }

        _acknowledged[inputId] = (entity, answer.Version);
        CheckAcknowledged(inputId, entity, answer.Version);
    }

    public void OnDelivered(MessageId message) => _untold.Remove(message);

    public void AfterStep()
    {
        if (_world.Loop.Failure is { } failure)
        {
            Break(Promise.Answers, $"Something failed that nobody expected: {failure}");
        }

        foreach (var entity in _touched)
        {
            CheckWoken(entity);
        }

        _touched.Clear();
    }

    /// <summary>What has to hold when nothing more will happen.</summary>
    /// <param name="unanswered">Requests that were made and never answered.</param>
    public void AtEnd(IEnumerable<string> unanswered)
    {
        foreach (var request in unanswered)
        {
            Break(Promise.Answers, $"'{request}' was asked again and again and never answered.");
        }

        foreach (var (inputId, (entity, version)) in _acknowledged)
        {
            CheckAcknowledged(inputId, entity, version);
            if (_world.Store.FindInput(inputId) is not { } recorded || recorded.Entity != entity || recorded.Version != version)
            {
                Break(Promise.Kept, $"{inputId} was acknowledged with version {version} of {entity}, and the journal does not have it.");
            }
        }

        foreach (var message in _untold)
        {
            Break(Promise.Told, $"{message} was never delivered.");
        }

        foreach (var message in _world.Store.Messages)
        {
            Break(Promise.Rest, $"{message.Id} still lies in the outbox after {message.Attempts} attempts.");
        }

        foreach (var (claim, holder) in _world.Store.Claims.Where(each => !_exclusions.IsHeld(each.Key, each.Value)))
        {
            Break(Promise.Apart, $"{holder} holds the name '{claim}' and has no use for it any more: nobody else can begin.");
        }

        foreach (var entity in _world.Store.Entities)
        {
            CheckWoken(entity.Id);
            CheckChain(entity);
        }
    }

    private void OnDecided(Turn turn) => _decided[(turn.InputId, turn.Entity)] = turn.Outbox.Length;

    private void OnWritten(Turn turn)
    {
        _touched.Add(turn.Entity);
        var version = turn.ExpectedVersion + 1;
        var (last, hash) = _last.TryGetValue(turn.Entity, out var known) ? known : (0, new byte[turn.Hash.Length]);
        if (version != last + 1)
        {
            Break(Promise.Versions, $"{turn.Entity} went from version {last} to {version}.");
        }

        if (!_applied.TryAdd(turn.InputId, (turn.Entity, version)))
        {
            Break(Promise.Once, $"{turn.InputId} was applied to {turn.Entity} and before to {_applied[turn.InputId]}.");
        }

        if (!TurnHash.Of(hash, turn.Entity, version, turn.InputId, turn.At, turn.Actor, turn.Facts).AsSpan().SequenceEqual(turn.Hash))
        {
            Break(Promise.Chain, $"The hash of version {version} of {turn.Entity} is not that of its content after version {last}.");
        }

        if (_exclusions.OnWritten(turn) is { } other)
        {
            Break(Promise.Apart, $"{turn.Entity} began while {other} was running, which excludes it.");
        }

        _last[turn.Entity] = (version, turn.Hash);
        for (var i = 0; i < _decided.GetValueOrDefault((turn.InputId, turn.Entity)); i++)
        {
            _untold.Add(new MessageId(turn.Entity, version, i));
        }
    }

    private void CheckAcknowledged(string inputId, EntityId entity, long version)
    {
        if (!_applied.TryGetValue(inputId, out var applied) || applied != (entity, version))
        {
            Break(Promise.Kept, $"{inputId} was acknowledged with version {version} of {entity}, and no such turn was written.");
        }
    }

    private void CheckWoken(EntityId entity)
    {
        if (_world.Store.Find(entity) is { } stored && _wakeUps.Missing(stored) is { } missing)
        {
            Break(Promise.Woken, $"{entity} at version {stored.Version}: {missing}");
        }
    }

    private void CheckChain(StoredEntity entity)
    {
        var hash = new byte[entity.Hash.Length];
        foreach (var turn in entity.Turns)
        {
            var recorded = turn.Recorded;
            hash = TurnHash.Of(hash, entity.Id, recorded.Version, recorded.InputId, recorded.At, recorded.Actor, recorded.Facts);
        }

        if (!hash.AsSpan().SequenceEqual(entity.Hash))
        {
            Break(Promise.Chain, $"The turns of {entity.Id} do not lead to the hash of its snapshot.");
        }
    }

    private sealed class WatchedJournal(Invariants checks, ITurnJournal journal) : ITurnJournal
    {
        public Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken) => journal.LoadAsync(entity, cancellationToken);

        public Task<bool> CommitAsync(Turn turn, CancellationToken cancellationToken)
        {
            checks.OnDecided(turn);
            return journal.CommitAsync(turn, cancellationToken);
        }

        public Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken) => journal.FindInputAsync(inputId, cancellationToken);
    }
}

/// <summary>A broken promise.</summary>
/// <param name="Promise">Which.</param>
/// <param name="How">What was found.</param>
internal sealed record Violation(Promise Promise, string How);

/// <summary>What every run is held against.</summary>
internal enum Promise
{
    /// <summary>No acknowledged input is lost.</summary>
    Kept,

    /// <summary>No input is applied twice.</summary>
    Once,

    /// <summary>The version of an entity grows by one.</summary>
    Versions,

    /// <summary>The hashes of an entity's turns follow from each other.</summary>
    Chain,

    /// <summary>Whatever an entity waits for can reach it.</summary>
    Woken,

    /// <summary>Instances that exclude each other do not run side by side, and one that has ended keeps nobody from beginning.</summary>
    Apart,

    /// <summary>What a committed turn tells is delivered.</summary>
    Told,

    /// <summary>A run comes to rest when nothing more is asked.</summary>
    Rest,

    /// <summary>Every client gets an answer, and one that a client may get.</summary>
    Answers,

    /// <summary>Every instance ends as it does when nothing goes wrong.</summary>
    EndsAlike,
}
