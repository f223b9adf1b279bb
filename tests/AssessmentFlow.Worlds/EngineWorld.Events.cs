using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Worlds;

/// <content>Events: whom they start, whom they resume, and how long one is kept that nobody waits for.</content>
public partial class EngineWorld
{
    /// <summary>How long an event that nobody waits for is kept: as long as Elsa keeps it.</summary>
    public static readonly TimeSpan EventsKeptFor = TimeSpan.FromMinutes(10);

    private readonly List<WorldEvent> _kept = [];

    /// <summary>Publishes an event from outside.</summary>
    public void Signal(string name, JsonElement payload, string? correlationId, WorldInstance? only)
    {
        Broadcast(name, payload, correlationId, only?.Id);
        CarryOut();
    }

    /// <summary>Starts what the event triggers and resumes what waits for it; an event that nobody takes is kept for a while.</summary>
    /// <remarks>What a case or review tells of itself is not kept: who asks later reads how it stands.</remarks>
    protected void Broadcast(string name, JsonElement payload, string? correlationId, string? onlyInstance, bool isKept = true)
    {
        var published = new WorldEvent(name, payload, correlationId, onlyInstance, Now);

        // Whoever waits already; an instance that this event starts does not wait for it as well.
        WorldInstance[] waiting = [.. Instances];
        var triggers = onlyInstance is null ? _definitions.Triggers.Where(each => each.Trigger.Key == name).ToArray() : [];
        foreach (var trigger in triggers)
        {
            Begin(InstanceIds.From($"world/{Instances.Count}"), trigger.DefinitionId, Members(JsonValues.Null), correlationId, parent: null, trigger.Trigger.NodeId, payload);
        }

        if (!IsTaken(published, waiting) && triggers.Length is 0 && isKept)
        {
            _kept.Add(published);
        }
    }

    private void DeliverKept() => _kept.RemoveAll(each => Now - each.At > EventsKeptFor || IsTaken(each, [.. Instances]));

    /// <summary>Hands an event to instances.</summary>
    /// <returns>Whether anybody took it.</returns>
    private bool IsTaken(WorldEvent published, WorldInstance[] instances)
    {
        var isTaken = false;
        foreach (var instance in instances.Where(each => published.InstanceId is null || published.InstanceId == each.Id))
        {
            var version = instance.Version;
            Decide(instance, new InstanceInput.Signal(published.Name, published.Payload, published.CorrelationId));
            isTaken |= instance.Version != version;
        }

        return isTaken;
    }
}

/// <summary>An event on its way to whoever waits for it.</summary>
internal sealed record WorldEvent(string Name, JsonElement Payload, string? CorrelationId, string? InstanceId, DateTimeOffset At);
