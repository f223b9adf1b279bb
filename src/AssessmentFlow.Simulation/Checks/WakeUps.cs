using System.Globalization;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>
/// Whether everything that waits can be woken from what is in the database: a timer, a wait, an open task, a message, or
/// somebody who will send one. Memory does not count, since it may be gone at any moment.
/// </summary>
internal sealed class WakeUps(SimulatedStore store)
{
    /// <summary>The entities for which a message may have been what they wait for.</summary>
    public static IEnumerable<EntityId> ConcernedBy(StoredMessage message) => message.Message switch
    {
        OutboxMessage.Deliver { Origin: { } origin } deliver => [EntityId.Parse(deliver.To), Instance(origin.InstanceId)],
        OutboxMessage.Deliver deliver => [EntityId.Parse(deliver.To)],
        OutboxMessage.StartInstance { Origin: { } origin } => [Instance(origin.InstanceId)],
        _ => [],
    };

    /// <summary>What could never wake the entity though it waits; null when nothing is amiss.</summary>
    public string? Missing(StoredEntity entity) => entity.Id.Kind switch
    {
        EntityKinds.Instance => OfInstance(entity),
        EntityKinds.Assessment => OfTimers(entity.Id, Assessment.Timers(JsonSerializer.Deserialize(entity.State, CaseJson.Plain.AssessmentState)!)),
        EntityKinds.TriggerSet => OfTimers(entity.Id, TriggerRules.Timers(JsonSerializer.Deserialize(entity.State, TriggerJson.Plain.TriggerSet)!)),
        _ => null,
    };

    private static EntityId Instance(string id) => new(EntityKinds.Instance, id);

    private string? OfTimers(EntityId entity, IEnumerable<(string Timer, DateTimeOffset DueAt)> timers)
    {
        foreach (var (timer, dueAt) in timers)
        {
            if (!IsSet(entity, timer, dueAt))
            {
                return $"its timer '{timer}' of {dueAt:O} is not in the database.";
            }
        }

        return null;
    }

    private string? OfInstance(StoredEntity entity)
    {
        var state = JsonSerializer.Deserialize(entity.State, EngineJson.Plain.InstanceState)!;
        if (state.Status is InstanceStatus.Finished)
        {
            return null;
        }

        if (state.IsStuck && state.Incidents.IsEmpty)
        {
            return "it waits for nothing, and no incident says why.";
        }

        if (state.Postponed is not null && !store.Messages.Any(message => IsTo(message, entity.Id)))
        {
            return "it has work left, and no message tells it to go on.";
        }

        return state.Bookmarks.Values.Where(bookmark => !CanBeWoken(entity.Id, state, bookmark))
            .Select(bookmark => string.Create(CultureInfo.InvariantCulture, $"nothing can wake bookmark {bookmark.Id} of {bookmark.Kind}."))
            .FirstOrDefault();
    }

    private bool CanBeWoken(EntityId entity, InstanceState state, Bookmark bookmark)
    {
        if (bookmark.DueAt is { } dueAt && !IsSet(entity, bookmark.Id.ToString(CultureInfo.InvariantCulture), dueAt))
        {
            return false;
        }

        if (bookmark.Key is { } key)
        {
            return store.Waits(entity, key, state.CorrelationId, bookmark.Id);
        }

        if (TaskViews.IsTask(bookmark))
        {
            return store.FindRow(Views.Tasks, TaskIds.Of(state.Id, bookmark.Id)) is { Row.B: "open" or "claimed" };
        }

        return bookmark.DueAt is not null
            || store.Messages.Any(message => IsFor(message, entity, bookmark))
            || store.Entities.Any(other => WillTell(other, state.Id, bookmark));
    }

    private bool IsSet(EntityId entity, string timer, DateTimeOffset dueAt) =>
        store.DueAt(entity, timer) is { } stored && stored - dueAt is var after && after >= TimeSpan.Zero && after < TimeSpan.FromMicroseconds(1);

    private static bool IsTo(StoredMessage message, EntityId entity) => message.Message is OutboxMessage.Deliver deliver && deliver.To == entity.ToString();

    private static bool IsFor(StoredMessage message, EntityId entity, Bookmark bookmark) => IsTo(message, entity) || message.Message switch
    {
        OutboxMessage.Deliver { Origin: { } origin } => origin.InstanceId == entity.Key && origin.Bookmark == bookmark.Id,
        OutboxMessage.StartInstance { Origin: { } origin } => origin.InstanceId == entity.Key && origin.Bookmark == bookmark.Id,
        _ => false,
    };

    /// <summary>Whether an entity still has to tell the instance something: a child that runs, or a case that was asked.</summary>
    private static bool WillTell(StoredEntity other, string instanceId, Bookmark bookmark)
    {
        if (other.Id.Kind is EntityKinds.Assessment)
        {
            var origin = JsonSerializer.Serialize(new Origin(instanceId, bookmark.Id), CaseJson.Plain.Origin);
            return Encoding.UTF8.GetString(other.State).Contains(origin, StringComparison.Ordinal);
        }

        return other.Id.Kind is EntityKinds.Instance
            && JsonSerializer.Deserialize(other.State, EngineJson.Plain.InstanceState) is { Status: InstanceStatus.Running, Parent: { } parent }
            && parent.InstanceId == instanceId
            && parent.Bookmark == bookmark.Id;
    }
}
