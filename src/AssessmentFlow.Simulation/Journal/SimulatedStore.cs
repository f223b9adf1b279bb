using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>
/// The database of the world, in memory: what every journal guarantees, held to it by the specification that
/// PostgreSQL and SQLite are held to. What was written stays, whatever becomes of the silos.
/// </summary>
internal sealed class SimulatedStore(TimeSpan lease)
{
    /// <summary>Messages of a silo that is alive are left to it ten leases long.</summary>
    private const int OwnLeases = 10;

    private readonly SortedDictionary<string, StoredEntity> _entities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (EntityId Entity, int Index)> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, (StoredEntity Owner, ViewRow Row)>> _views = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EntityId> _claims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, StoredWait>> _waits = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, StoredTimer> _timers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, StoredMessage> _messages = new(StringComparer.Ordinal);

    /// <summary>Is told every turn that was written. Default: nobody.</summary>
    public Action<Turn>? Written { get; set; }

    /// <summary>Is told every message that was removed because it was delivered. Default: nobody.</summary>
    public Action<StoredMessage>? Removed { get; set; }

    /// <summary>All entities, by id.</summary>
    public IEnumerable<StoredEntity> Entities => _entities.Values;

    /// <summary>All messages that are not delivered.</summary>
    public IEnumerable<StoredMessage> Messages => _messages.Values;

    /// <summary>Who holds each name that one entity at a time can hold.</summary>
    public IReadOnlyDictionary<string, EntityId> Claims => _claims;

    /// <summary>When the earliest timer may be taken; null when there is none.</summary>
    public DateTimeOffset? NextTimerAt => _timers.Count is 0 ? null : _timers.Values.Min(timer => timer.NotBefore);

    /// <returns>Per turn, whether it was written. A refused turn is left out whole.</returns>
    public bool[] Write(IReadOnlyList<Turn> turns, string silo) => [.. turns.Select(turn => Write(turn, silo))];

    public EntitySnapshot? Load(EntityId entity) => Find(entity) is { } stored ? new EntitySnapshot(stored.Version, stored.State, stored.Hash, stored.Trace) : null;

    public StoredEntity? Find(EntityId entity) => _entities.GetValueOrDefault(entity.ToString());

    public RecordedInput? FindInput(string inputId)
    {
        if (!_inputs.TryGetValue(inputId, out var place))
        {
            return null;
        }

        var turn = Find(place.Entity)!.Turns[place.Index];
        return new RecordedInput(place.Entity, place.Index + 1, turn.Fingerprint, turn.Answer);
    }

    public bool WasTaken(MessageId message) => _inputs.Keys.Any(inputId => inputId.StartsWith(message.ToReceiver(""), StringComparison.Ordinal));

    public void Remove(MessageId id)
    {
        if (_messages.Remove(id.ToString(), out var message))
        {
            Removed?.Invoke(message);
        }
    }

    public void Forget(DueTimer timer)
    {
        if (DueAt(timer.Entity, timer.Timer) == timer.DueAt)
        {
            _timers.Remove(KeyOf(timer.Entity, timer.Timer));
        }
    }

    public IReadOnlyList<PendingMessage> TakeMessages(string silo, IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max)
    {
        var taken = _messages.Values.Where(message => TakeableAt(message, livingSilos) <= now).OrderBy(message => message.NotBefore).Take(max).ToList();
        foreach (var message in taken)
        {
            message.Owner = silo;
            message.NotBefore = now + lease;
        }

        return taken.ConvertAll(message => new PendingMessage(message.Id, message.Body, message.Attempts, message.Trace));
    }

    /// <summary>When the earliest message may be taken; null when there is none.</summary>
    public DateTimeOffset? NextMessageAt(IReadOnlyCollection<string> livingSilos) =>
        _messages.Count is 0 ? null : _messages.Values.Min(message => TakeableAt(message, livingSilos));

    /// <returns>Whether the message is the silo's now; else another has it, or it was delivered.</returns>
    public bool Keep(MessageId id, string silo, DateTimeOffset now, DateTimeOffset until)
    {
        if (!_messages.TryGetValue(id.ToString(), out var message) || (message.Owner != silo && message.NotBefore > now))
        {
            return false;
        }

        message.Owner = silo;
        message.NotBefore = until;
        return true;
    }

    public void PutOff(MessageId id, DateTimeOffset until)
    {
        if (_messages.TryGetValue(id.ToString(), out var message))
        {
            message.NotBefore = until;
            message.Attempts++;
        }
    }

    public bool HasEarlier(MessageId id) => _messages.Values.Any(message => message.Id.Entity == id.Entity && message.Id.Version < id.Version);

    public TakenTimers TakeTimers(DateTimeOffset now, int max)
    {
        var due = _timers.Values.Where(timer => timer.NotBefore <= now).OrderBy(timer => timer.NotBefore).Take(max).ToList();
        due.ForEach(timer => timer.NotBefore = now + lease);
        return new TakenTimers(due.ConvertAll(timer => timer.Timer), NextTimerAt);
    }

    /// <summary>When a timer is due; null when there is no such timer.</summary>
    public DateTimeOffset? DueAt(EntityId entity, string timer) => _timers.GetValueOrDefault(KeyOf(entity, timer))?.Timer.DueAt;

    public IReadOnlyList<EntityId> FindWaiting(string key, string? correlationId) => _waits.TryGetValue(key, out var waits)
        ? [.. waits.Values.Where(wait => correlationId is null || wait.CorrelationId == correlationId).Select(wait => wait.Entity).Distinct()]
        : [];

    public bool Waits(EntityId entity, string key, string? correlationId, long bookmark) =>
        _waits.TryGetValue(key, out var waits) && waits.ContainsKey(new StoredWait(entity, correlationId ?? "", bookmark).Name);

    public IReadOnlyList<FoundRow> List(ViewQuery query)
    {
        var rows = View(query.View).Where(pair => IsMeant(pair.Value.Row, query))
            .Select(pair => new FoundRow(pair.Key, pair.Value.Row, query.TellsChanges ? pair.Value.Owner.Turns[^1].Recorded.At : null));
        var compare = Comparer<FoundRow>.Create(static (x, y) =>
            x.Row.At != y.Row.At ? x.Row.At.CompareTo(y.Row.At) : string.CompareOrdinal(x.Id, y.Id));
        var sorted = query.IsDescending ? rows.OrderDescending(compare) : rows.Order(compare);
        var first = query.After is { } after ? new FoundRow(after.Id, new ViewRow(null, null, null, null, null, after.At, 0, [])) : null;
        return [.. sorted.Where(row => first is null || (query.IsDescending ? compare.Compare(row, first) < 0 : compare.Compare(row, first) > 0)).Take(query.Max)];
    }

    public FoundRow? FindRow(string view, string id) => View(view).TryGetValue(id, out var found) ? new FoundRow(id, found.Row) : null;

    public string? FindRunning(string? definitionId, string? correlationId) => View(Views.Instances)
        .Where(pair => pair.Value.Row.B == nameof(InstanceStatus.Running)
            && (definitionId is null || pair.Value.Row.A == definitionId)
            && (correlationId is null || pair.Value.Row.Scope == correlationId))
        .Select(pair => pair.Key)
        .FirstOrDefault();

    public IReadOnlyList<RecordedTurn> ReadTurns(EntityId entity, long afterVersion, int max) =>
        [.. (Find(entity)?.Turns ?? []).Where(turn => turn.Version > afterVersion).Take(max).Select(turn => turn.Recorded)];

    /// <summary>A message of a living silo is left to it, unless its delivery failed before or takes far too long.</summary>
    private DateTimeOffset TakeableAt(StoredMessage message, IReadOnlyCollection<string> livingSilos) =>
        message.Attempts > 0 || !livingSilos.Contains(message.Owner) ? message.NotBefore : message.NotBefore + (OwnLeases * lease);

    private static bool IsMeant(ViewRow row, ViewQuery query) =>
        (query.Scope is null || row.Scope == query.Scope)
        && IsIn(query.A, row.A) && IsIn(query.B, row.B) && IsIn(query.C, row.C)
        && (query.AOrD is not { } roles || Holds(roles, row.A) || Holds(roles, row.D))
        && (query.COrNone is not { } marks || row.C is null || Holds(marks, row.C))
        && (!query.BNone || row.B is null);

    private static bool IsIn(IReadOnlyCollection<string> values, string? value) => values.Count is 0 || Holds(values, value);

    private static bool Holds(IReadOnlyCollection<string> values, string? value) => value is not null && values.Contains(value);

    private bool Write(Turn turn, string silo)
    {
        var stored = Find(turn.Entity);
        if ((stored?.Version ?? 0) != turn.ExpectedVersion
            || _inputs.ContainsKey(turn.InputId)
            || turn.Claims.Any(claim => !claim.IsOver && _claims.ContainsKey(claim.Key)))
        {
            return false;
        }

        stored ??= _entities[turn.Entity.ToString()] = new StoredEntity(turn.Entity);
        _inputs.Add(turn.InputId, (turn.Entity, stored.Turns.Count));
        stored.Add(turn);
        WriteViews(turn, stored);
        WriteChanges(turn, silo);
        Written?.Invoke(turn);
        return true;
    }

    private void WriteViews(Turn turn, StoredEntity owner)
    {
        foreach (var change in turn.Views)
        {
            var view = View(change.View);
            if (change.Row is { } row)
            {
                view[change.Id] = (owner, row);
            }
            else
            {
                view.Remove(change.Id);
            }
        }
    }

    private void WriteChanges(Turn turn, string silo)
    {
        foreach (var change in turn.Timers)
        {
            var key = KeyOf(turn.Entity, change.Timer);
            _ = change.DueAt is { } due
                ? (_timers[key] = new StoredTimer(new DueTimer(turn.Entity, change.Timer, WholeMicrosecond(due)))) is null
                : _timers.Remove(key);
        }

        foreach (var change in turn.Waits)
        {
            var waits = _waits.TryGetValue(change.Key, out var found) ? found : _waits[change.Key] = new(StringComparer.Ordinal);
            var wait = new StoredWait(turn.Entity, change.CorrelationId ?? "", change.Bookmark);
            _ = change.IsOver ? waits.Remove(wait.Name) : waits.TryAdd(wait.Name, wait);
        }

        foreach (var change in turn.Claims)
        {
            if (!change.IsOver)
            {
                _claims.Add(change.Key, turn.Entity);
            }
            else if (_claims.TryGetValue(change.Key, out var holder) && holder == turn.Entity)
            {
                _claims.Remove(change.Key);
            }
        }

        for (var i = 0; i < turn.Outbox.Length; i++)
        {
            var id = new MessageId(turn.Entity, turn.ExpectedVersion + 1, i);
            _messages.Add(id.ToString(), new StoredMessage(id, turn.Outbox[i], turn.KeptTrace) { Owner = silo, NotBefore = turn.At + lease });
        }
    }

    private static DateTimeOffset WholeMicrosecond(DateTimeOffset due) =>
        due.Ticks % TimeSpan.TicksPerMicrosecond is var rest && rest > 0 ? due.AddTicks(TimeSpan.TicksPerMicrosecond - rest) : due;

    private SortedDictionary<string, (StoredEntity Owner, ViewRow Row)> View(string name) =>
        _views.TryGetValue(name, out var view) ? view : _views[name] = new(StringComparer.Ordinal);

    private static string KeyOf(EntityId entity, string timer) => $"{entity} {timer}";

    private sealed class StoredTimer(DueTimer timer)
    {
        public DueTimer Timer => timer;

        public DateTimeOffset NotBefore { get; set; } = timer.DueAt;
    }

    private sealed record StoredWait(EntityId Entity, string CorrelationId, long Bookmark)
    {
        public string Name { get; } = $"{Entity} {Bookmark} {CorrelationId}";
    }
}
