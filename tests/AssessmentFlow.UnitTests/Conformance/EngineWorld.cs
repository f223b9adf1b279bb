using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.UnitTests.Conformance;

/// <summary>Instances in memory on a clock of their own: the pure engine with its effects carried out at once.</summary>
/// <param name="mode">How flowcharts run that do not say it themselves.</param>
public sealed class EngineWorld(FlowchartMode mode = FlowchartMode.CounterBased)
{
    private readonly Dictionary<string, (WorkflowDefinition Definition, string Hash)> _definitions = new(StringComparer.Ordinal);
    private readonly List<UsableWorkflow> _usable = [];
    private readonly List<WorldTrigger> _triggers = [];
    private readonly Queue<Action> _effects = new();
    private readonly ActivityCatalog _catalog = new(ActivityCatalog.General);

    public List<WorldInstance> Instances { get; } = [];

    /// <summary>Lines of all instances, in the order in which they were written.</summary>
    public List<PrintedLine> Lines { get; } = [];

    /// <summary>The texts of <see cref="Lines"/>.</summary>
    public IReadOnlyList<string> Printed => [.. Lines.Select(line => line.Text)];

    public DateTimeOffset Now { get; private set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Journal replays that were compared with the live state, as a by-product of every turn.</summary>
    public int Replays { get; private set; }

    /// <summary>Reads a definition that may use the workflows published so far.</summary>
    public DefinitionReading Read(string json) =>
        DefinitionReader.Read(FlowchartModePin.Pin(Encoding.UTF8.GetBytes(json), mode), _catalog, new WorkflowLibrary(_usable));

    /// <returns>What is wrong with the definition; empty when it was published.</returns>
    public IReadOnlyList<DefinitionProblem> Publish(string json)
    {
        var reading = Read(json);
        if (reading.Definition is not { } definition)
        {
            return reading.Problems;
        }

        var triggers = StartTriggers.Of(definition, Now, out var problems);
        if (!problems.IsEmpty)
        {
            return problems;
        }

        var hash = "hash-of-" + definition.DefinitionId;
        _definitions[definition.DefinitionId] = (definition, hash);
        _triggers.RemoveAll(trigger => trigger.DefinitionId == definition.DefinitionId);
        _triggers.AddRange(triggers.Select(trigger => new WorldTrigger(definition.DefinitionId, trigger, Now) { NextAt = trigger.Schedule?.Next(Now, Now) }));
        if (UsableWorkflow.Read(Encoding.UTF8.GetBytes(json), hash, version: 1) is { } usable)
        {
            _usable.Add(usable);
        }

        return [];
    }

    public WorldInstance Start(
        string definitionId, JsonElement input, string? correlationId, ParentLink? parent = null, string? id = null, string? trigger = null, JsonElement payload = default)
    {
        var (definition, hash) = _definitions[definitionId];
        var instance = new WorldInstance(id ?? InstanceIds.From($"world/{Instances.Count}"), definition, Instances.Count);
        Instances.Add(instance);
        Decide(instance, new InstanceInput.Start(definitionId, 1, hash, Members(input), correlationId, Parent: parent, Trigger: trigger, TriggerPayload: payload));
        CarryOut();
        return instance;
    }

    public void Signal(string name, JsonElement payload, string? correlationId, WorldInstance? only)
    {
        // Whoever waits already; an instance that this event starts does not wait for it as well.
        var waiting = Instances.ToArray();
        foreach (var trigger in only is null ? _triggers.Where(each => each.Trigger.Key == name).ToArray() : [])
        {
            Start(trigger.DefinitionId, JsonValues.Null, correlationId, trigger: trigger.Trigger.NodeId, payload: payload);
        }

        foreach (var instance in waiting)
        {
            if (only is null || only == instance)
            {
                Decide(instance, new InstanceInput.Signal(name, payload, correlationId));
            }
        }

        CarryOut();
    }

    public void CompleteTask(int position, JsonElement result)
    {
        var (instance, bookmark) = Instances
            .SelectMany(each => each.TasksSeen.Select(id => (each, id)))
            .ElementAt(position);
        Decide(instance, new InstanceInput.Act(bookmark, "complete", JsonValues.Object(("result", result)), Actor.System, IfChangedAt: null));
        CarryOut();
    }

    public void Advance(TimeSpan by)
    {
        var until = Now + by;
        while (true)
        {
            var next = Instances
                .Where(instance => instance.State.Status is InstanceStatus.Running)
                .SelectMany(instance => instance.State.Bookmarks.Values.Where(bookmark => bookmark.DueAt <= until).Select(bookmark => (instance, bookmark)))
                .OrderBy(pair => pair.bookmark.DueAt)
                .FirstOrDefault();
            var trigger = _triggers.Where(each => each.NextAt <= until).MinBy(each => each.NextAt);
            if (trigger is not null && (next.instance is null || trigger.NextAt <= next.bookmark.DueAt))
            {
                Now = trigger.NextAt!.Value;
                trigger.NextAt = trigger.Trigger.Schedule!.Next(Now, trigger.PublishedAt);
                Start(trigger.DefinitionId, JsonValues.Null, correlationId: null, trigger: trigger.Trigger.NodeId);
                continue;
            }

            if (next.instance is null)
            {
                break;
            }

            Now = next.bookmark.DueAt > Now ? next.bookmark.DueAt!.Value : Now;
            Decide(next.instance, new InstanceInput.TimerFired(next.bookmark.Id));
            CarryOut();
        }

        Now = until;
    }

    /// <summary>Every instance is read anew from what was stored of it, as after a restart.</summary>
    public void Restart()
    {
        foreach (var instance in Instances)
        {
            instance.State = JsonSerializer.Deserialize(
                JsonSerializer.SerializeToUtf8Bytes(instance.State, EngineJson.Plain.InstanceState), EngineJson.Plain.InstanceState)!;
        }
    }

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

    public void Cancel(WorldInstance instance)
    {
        Decide(instance, new InstanceInput.Cancel("test", Actor.System));
        CarryOut();
    }

    private void Decide(WorldInstance instance, InstanceInput input)
    {
        var before = JsonSerializer.SerializeToUtf8Bytes(instance.State, EngineJson.Plain.InstanceState);
        var decision = WorkflowEngine.Decide(instance.Definition, instance.State, input, new Moment(Now, instance.Version + 1));
        Assert.Equal(before, JsonSerializer.SerializeToUtf8Bytes(instance.State, EngineJson.Plain.InstanceState));
        if (decision is not Decision<InstanceState, InstanceFact, InstanceEffect>.Accepted accepted)
        {
            return;
        }

        CheckReplay(before, accepted);
        instance.StateSizeMaxBytes = Math.Max(instance.StateSizeMaxBytes, before.Length);
        instance.Version++;
        instance.State = accepted.State;
        instance.Facts.AddRange(accepted.Facts);
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
            _effects.Enqueue(() => CarryOut(instance, effect));
        }
    }

    /// <summary>Every turn proves that its facts alone, read back from JSON, lead from the old state to the new one.</summary>
    private void CheckReplay(byte[] before, Decision<InstanceState, InstanceFact, InstanceEffect>.Accepted accepted)
    {
        var replayed = JsonSerializer.Deserialize(before, EngineJson.Plain.InstanceState)!;
        foreach (var fact in accepted.Facts)
        {
            var stored = JsonSerializer.SerializeToUtf8Bytes(fact, EngineJson.Plain.InstanceFact);
            replayed.Apply(JsonSerializer.Deserialize(stored, EngineJson.Plain.InstanceFact)!);
        }

        Assert.Equal(
            JsonSerializer.Serialize(accepted.State, EngineJson.Plain.InstanceState),
            JsonSerializer.Serialize(replayed, EngineJson.Plain.InstanceState));
        Replays++;
    }

    private void CarryOut()
    {
        while (_effects.TryDequeue(out var effect))
        {
            effect();
        }
    }

    private void CarryOut(WorldInstance instance, InstanceEffect effect)
    {
        switch (effect)
        {
            case InstanceEffect.ContinueSelf:
                Decide(instance, new InstanceInput.Continue());
                break;
            case InstanceEffect.Publish publish:
                foreach (var each in Instances.Where(each => publish.InstanceId is null || each.Id == publish.InstanceId).ToArray())
                {
                    Decide(each, new InstanceInput.Signal(publish.Name, publish.Payload, publish.CorrelationId));
                }

                break;
            case InstanceEffect.StartChild start:
                StartChild(instance, start);
                break;
            case InstanceEffect.TellParent tell:
                var parent = Instances.Single(each => each.Id == tell.Parent.InstanceId);
                Decide(parent, tell.HasEnded
                    ? new InstanceInput.ChildEnded(instance.Id, tell.Parent.Bookmark, tell.Result)
                    : new InstanceInput.ChildRested(instance.Id, tell.Parent.Bookmark!.Value, tell.Result));
                break;
            case InstanceEffect.CancelChild cancel:
                if (Instances.FirstOrDefault(each => each.Id == cancel.ChildId) is { } child)
                {
                    Decide(child, new InstanceInput.Cancel("parent cancelled", Actor.System));
                }

                break;
            default:
                throw new NotSupportedException($"The engine world carries out no {effect.GetType().Name}.");
        }
    }

    private void StartChild(WorldInstance parent, InstanceEffect.StartChild start)
    {
        if (!_definitions.TryGetValue(start.DefinitionId, out var found))
        {
            var refusal = new Refusal(RefusalKind.NotFound, "definition-unknown", $"No published version of workflow '{start.DefinitionId}'.");
            Decide(parent, new InstanceInput.Reply(start.Bookmark, JsonValues.Null, refusal));
            return;
        }

        var child = new WorldInstance(start.ChildId, found.Definition, Instances.Count);
        Instances.Add(child);
        Decide(child, new InstanceInput.Start(
            start.DefinitionId, 1, found.Hash, start.Input, start.CorrelationId,
            Parent: new ParentLink(parent.Id, start.WaitsFor is ChildMoment.Beginning ? null : start.Bookmark, start.WaitsFor is ChildMoment.Rest)));
        if (start.WaitsFor is ChildMoment.Beginning)
        {
            Decide(parent, new InstanceInput.Reply(start.Bookmark, JsonValues.Null));
        }
    }

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

/// <summary>An instance of an <see cref="EngineWorld"/>.</summary>
public sealed class WorldInstance(string id, WorkflowDefinition definition, int number)
{
    public string Id => id;

    public WorkflowDefinition Definition => definition;

    public int Number => number;

    public long Version { get; set; }

    public InstanceState State { get; set; } = new() { Id = id };

    public List<InstanceFact> Facts { get; } = [];

    /// <summary>Largest snapshot that a turn began with (bytes).</summary>
    public int StateSizeMaxBytes { get; set; }

    public List<long> TasksSeen { get; } = [];

    /// <summary>Index of the activity, by run.</summary>
    public Dictionary<long, int> Nodes { get; } = [];
}

/// <summary>A line that an activity of an instance wrote.</summary>
public sealed record PrintedLine(int Instance, ActivityNode Node, string Text);

/// <summary>What starts instances of a published definition.</summary>
internal sealed record WorldTrigger(string DefinitionId, StartTrigger Trigger, DateTimeOffset PublishedAt)
{
    public DateTimeOffset? NextAt { get; set; }
}
