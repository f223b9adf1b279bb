using System.Globalization;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Engine.Execution.InstanceState,
    AssessmentFlow.Engine.Execution.InstanceFact,
    AssessmentFlow.Engine.Execution.InstanceEffect>;

namespace AssessmentFlow.Worlds;

/// <summary>
/// Instances in memory on a clock of their own: the pure engine, its effects carried out as messages and its timers
/// fired when the clock is moved.
/// </summary>
/// <param name="catalog">Types of activity that definitions may use.</param>
/// <param name="now">Where the clock stands first.</param>
/// <param name="mode">How flowcharts run that do not say it themselves.</param>
public partial class EngineWorld(ActivityCatalog catalog, DateTimeOffset now, FlowchartMode mode)
{
    private readonly WorldDefinitions _definitions = new(catalog, mode);
    private readonly List<Action> _messages = [];
    private readonly List<(string DefinitionId, Action Message)> _parked = [];

    /// <summary>A world of the general types of activity.</summary>
    /// <param name="mode">How flowcharts run that do not say it themselves.</param>
    public EngineWorld(FlowchartMode mode = FlowchartMode.CounterBased)
        : this(new ActivityCatalog(ActivityCatalog.General), new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), mode)
    {
    }

    public List<WorldInstance> Instances { get; } = [];

    /// <summary>Lines of all instances, in the order in which they were written.</summary>
    public List<PrintedLine> Lines { get; } = [];

    /// <summary>The texts of <see cref="Lines"/>.</summary>
    public IReadOnlyList<string> Printed => [.. Lines.Select(line => line.Text)];

    public DateTimeOffset Now { get; private set; } = now;

    /// <summary>Turns whose facts were replayed and compared with the live state.</summary>
    public int Replays { get; private set; }

    /// <summary>Chooses which of n waiting messages is delivered next, counted from 0. Default: the oldest.</summary>
    public Func<int, int> PickMessage { get; set; } = static _ => 0;

    /// <summary>Is told every turn that an instance committed. Default: nobody.</summary>
    public Action<WorldTurn>? Committed { get; set; }

    /// <summary>Reference data of the turns; null for none.</summary>
    protected virtual Surroundings? Surroundings => null;

    /// <summary>Reads a definition that may use the workflows published so far.</summary>
    public DefinitionReading Read(string json) => _definitions.Read(json);

    /// <summary>Publishes a definition; what waits for it is delivered with the next input.</summary>
    /// <returns>What is wrong with the definition; empty when it was published.</returns>
    public IReadOnlyList<DefinitionProblem> Publish(string json)
    {
        var (id, problems) = _definitions.Publish(json, Now);
        _messages.AddRange(_parked.Where(parked => parked.DefinitionId == id).Select(parked => parked.Message));
        _parked.RemoveAll(parked => parked.DefinitionId == id);
        return problems;
    }

    public WorldInstance Start(string definitionId, JsonElement input, string? correlationId, string? trigger = null, JsonElement payload = default)
    {
        var instance = Begin(InstanceIds.From($"world/{Instances.Count}"), definitionId, Members(input), correlationId, parent: null, trigger, payload);
        CarryOut();
        return instance;
    }

    public void CompleteTask(int position, JsonElement result)
    {
        var (instance, bookmark) = Instances
            .SelectMany(each => each.TasksSeen.Select(id => (each, id)))
            .ElementAt(position);
        Act(instance, bookmark, "complete", JsonValues.Object(("result", result)), Actor.System);
    }

    /// <summary>A person acts on something that waits.</summary>
    /// <returns>Why not; null when it was done.</returns>
    public Refusal? Act(WorldInstance instance, long bookmark, string name, JsonElement data, Actor actor, long? ifChangedAt = null)
    {
        var refusal = Decide(instance, new InstanceInput.Act(bookmark, name, data, actor, ifChangedAt));
        CarryOut();
        return refusal;
    }

    /// <summary>Every instance is read anew from what was stored of it, as after a restart.</summary>
    public void Restart() => Instances.ForEach(static instance => instance.Entity.Restart());

    /// <summary>Resumes what has waited longest, whatever it waits for.</summary>
    public void ResumeFirst(WorldInstance instance)
    {
        var bookmark = instance.State.Bookmarks.Values.First();
        if (bookmark.DueAt is { } due)
        {
            Now = due > Now ? due : Now;
            Decide(instance, new InstanceInput.TimerFired(bookmark.Id));
        }
        else
        {
            Decide(instance, new InstanceInput.Signal(bookmark.Key!, JsonValues.Null));
        }

        CarryOut();
    }

    public IEnumerable<string> TaskIdsSeen() =>
        Instances.SelectMany(instance => instance.TasksSeen.Select(bookmark => TaskIds.Of(instance.Id, bookmark)));

    /// <summary>Somebody dealt with the cause of an incident.</summary>
    /// <returns>Why nothing was done again; null when it was.</returns>
    public Refusal? Retry(WorldInstance instance, long incident)
    {
        var refusal = Decide(instance, new InstanceInput.Retry(incident, Actor.System));
        CarryOut();
        return refusal;
    }

    public void Cancel(WorldInstance instance)
    {
        Decide(instance, new InstanceInput.Cancel("test", Actor.System));
        CarryOut();
    }

    public void Advance(TimeSpan by) => AdvanceTo(Now + by);

    /// <summary>Moves the clock, firing on the way what becomes due, in the order of the due times.</summary>
    /// <exception cref="InvalidOperationException">A timer is still due after it was fired.</exception>
    public void AdvanceTo(DateTimeOffset until)
    {
        var fired = new HashSet<(string, string, DateTimeOffset)>();
        while (Timers().Where(timer => timer.DueAt <= until).OrderBy(timer => timer.DueAt).FirstOrDefault() is { } next)
        {
            if (!fired.Add((next.Entity, next.Name, next.DueAt)))
            {
                throw new InvalidOperationException($"The timer '{next.Name}' of '{next.Entity}' is still due {next.DueAt:O} after it was fired.");
            }

            Now = next.DueAt > Now ? next.DueAt : Now;
            next.Fire();
            CarryOut();
        }

        Now = until > Now ? until : Now;
    }

    /// <summary>Everything that time alone will change.</summary>
    protected virtual IEnumerable<WorldTimer> Timers() => Schedules().Concat(Instances
        .Where(instance => instance.State.Status is InstanceStatus.Running)
        .SelectMany(instance => instance.State.Bookmarks.Values
            .Where(bookmark => bookmark.DueAt is not null)
            .Select(bookmark => new WorldTimer(
                instance.Id,
                bookmark.Id.ToString(CultureInfo.InvariantCulture),
                bookmark.DueAt!.Value,
                () => Decide(instance, new InstanceInput.TimerFired(bookmark.Id))))));

    /// <summary>Starts an instance, unless it was started before.</summary>
    protected WorldInstance Begin(
        string id,
        string definitionId,
        OrderedDictionary<string, JsonElement> input,
        string? correlationId,
        ParentLink? parent,
        string? trigger = null,
        JsonElement payload = default)
    {
        if (Instances.Find(each => each.Id == id) is { } known)
        {
            return known;
        }

        var (definition, hash) = _definitions.Get(definitionId);
        var instance = new WorldInstance(id, definition, Instances.Count);
        Instances.Add(instance);
        Decide(instance, new InstanceInput.Start(definitionId, 1, hash, input, correlationId, Parent: parent, Trigger: trigger, TriggerPayload: payload));
        return instance;
    }

    /// <summary>Sends a message; it is delivered before the call from outside returns.</summary>
    protected void Post(Action message) => _messages.Add(message);

    /// <summary>Sends a message that needs a published definition; without one it waits until there is.</summary>
    protected void PostStart(string definitionId, Action message)
    {
        if (_definitions.Contains(definitionId))
        {
            Post(message);
        }
        else
        {
            _parked.Add((definitionId, message));
        }
    }

    /// <summary>Delivers messages until there are none, then kept events to whoever waits for them by now.</summary>
    protected void CarryOut()
    {
        do
        {
            while (_messages.Count > 0)
            {
                var position = PickMessage(_messages.Count);
                var message = _messages[position];
                _messages.RemoveAt(position);
                message();
            }

            DeliverKept();
        }
        while (_messages.Count > 0);
    }

    protected Moment MomentAt(long version) => new(Now, version, Surroundings);

    /// <summary>Counts a turn that was replayed.</summary>
    protected void CountReplay() => Replays++;

    protected void Reply(string instanceId, long bookmark, JsonElement payload, Refusal? refusal = null) =>
        Decide(Instances.Single(each => each.Id == instanceId), new InstanceInput.Reply(bookmark, payload, refusal));

    /// <summary>Carries out a question to an entity that is no instance.</summary>
    protected virtual void Ask(WorldInstance instance, InstanceEffect.Ask ask) =>
        throw new NotSupportedException($"This world has no entity of kind '{ask.Kind}'.");

    private Refusal? Decide(WorldInstance instance, InstanceInput input)
    {
        var decision = instance.Entity.Take(state => WorkflowEngine.Decide(instance.Definition, state, input, MomentAt(instance.Entity.Version + 1)));
        if (decision is not Decision.Accepted accepted)
        {
            return (decision as Decision.Refused)?.Refusal;
        }

        CountReplay();
        Committed?.Invoke(new WorldTurn(instance, Now, input, accepted.Facts));
        foreach (var fact in accepted.Facts)
        {
            if (fact is InstanceFact.ActivityStarted started)
            {
                instance.Nodes[started.Execution] = started.Node;
            }
            else if (fact is InstanceFact.LineWritten { Text.Length: > 0 } line)
            {
                Lines.Add(new PrintedLine(instance.Number, instance.Definition.Nodes[instance.Nodes[line.Execution]], line.Text));
            }
            else if (fact is InstanceFact.BookmarkCreated { Bookmark.Kind: "Elsa.RunTask" } task)
            {
                instance.TasksSeen.Add(task.Bookmark.Id);
            }
        }

        foreach (var effect in accepted.Effects)
        {
            Post(() => CarryOut(instance, effect));
        }

        return null;
    }

    private IEnumerable<WorldTimer> Schedules() => _definitions.Triggers.Where(trigger => trigger.NextAt is not null).Select(trigger =>
        new WorldTimer(trigger.DefinitionId, trigger.Trigger.NodeId, trigger.NextAt!.Value, () =>
        {
            trigger.NextAt = trigger.Trigger.Schedule!.Next(Now, trigger.PublishedAt);
            Start(trigger.DefinitionId, JsonValues.Null, correlationId: null, trigger.Trigger.NodeId);
        }));

    private static OrderedDictionary<string, JsonElement> Members(JsonElement json)
    {
        var members = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in json.ValueKind is JsonValueKind.Object ? json.EnumerateObject() : default)
        {
            members[member.Name] = member.Value;
        }

        return members;
    }
}
