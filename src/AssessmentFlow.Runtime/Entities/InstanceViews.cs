using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Turns;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Engine.Execution.InstanceState,
    AssessmentFlow.Engine.Execution.InstanceFact,
    AssessmentFlow.Engine.Execution.InstanceEffect>;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>What a turn of an instance changes in the lists.</summary>
internal sealed class InstanceViews(EntityId entity, WorkflowDefinition definition, InstanceState before, Decision.Accepted accepted, Moment moment)
{
    private readonly InstanceState _after = accepted.State;
    private readonly ViewChanges _changes = new(entity, moment.Version, moment.Now);

    public ImmutableArray<ViewChange> Changes()
    {
        if (HasMoved())
        {
            _changes.Put(Views.Instances, _after.Id, new ViewRow(
                _after.CorrelationId,
                _after.DefinitionId,
                _after.Status.ToString(),
                _after.SubStatus.ToString(),
                D: null,
                ViewChanges.Micros(_after.CreatedAt),
                moment.Version,
                ViewChanges.Bytes(Summary())));
        }

        foreach (var bookmark in before.Bookmarks.Values)
        {
            if (!IsWaiting(bookmark.Id) && TaskViews.IsTask(bookmark))
            {
                Close(bookmark);
            }
        }

        foreach (var bookmark in _after.Bookmarks.Values)
        {
            if (IsWaiting(bookmark.Id) && IsNew(bookmark) && TaskViews.IsTask(bookmark))
            {
                Open(bookmark);
            }
        }

        return _changes.ToImmutable();
    }

    /// <summary>
    /// What the tasks of an instance belong to: the case named by its input <c>AssessmentId</c>, so that those of a
    /// review are found with those of its case; else its business identity.
    /// </summary>
    public static string? ScopeOf(InstanceState state) =>
        state.Input.TryGetValue("AssessmentId", out var id) && id.AsText() is { } text ? text : state.CorrelationId;

    private bool IsWaiting(long bookmark) => _after.Status is InstanceStatus.Running && _after.Bookmarks.ContainsKey(bookmark);

    /// <summary>The bookmark as it was waited for before the turn; null when it was not: a finished instance waits for nothing.</summary>
    private Bookmark? WaitedFor(long bookmark) => before.Status is InstanceStatus.Finished ? null : before.Bookmarks.GetValueOrDefault(bookmark);

    private bool IsNew(Bookmark bookmark) => WaitedFor(bookmark.Id)?.ChangedAt != bookmark.ChangedAt;

    private bool HasMoved() =>
        !before.Exists
        || before.Status != _after.Status
        || before.SubStatus != _after.SubStatus
        || before.CorrelationId != _after.CorrelationId
        || before.Name != _after.Name
        || before.Incidents.Length != _after.Incidents.Length;

    private JsonElement Summary() => JsonValues.Object(
        ("id", JsonValues.Of(_after.Id)),
        ("definitionId", JsonValues.Of(_after.DefinitionId)),
        ("definitionVersion", JsonValues.Of(_after.DefinitionVersion)),
        ("definitionHash", JsonValues.Of(_after.DefinitionHash)),
        ("status", JsonValues.Of(_after.Status.ToString())),
        ("subStatus", JsonValues.Of(_after.SubStatus.ToString())),
        ("correlationId", JsonValues.Of(_after.CorrelationId)),
        ("name", JsonValues.Of(_after.Name)),
        ("incidents", JsonValues.Of(_after.Incidents.Length)),
        ("parentInstanceId", JsonValues.Of(_after.Parent?.InstanceId)),
        ("createdAt", JsonValues.Of(_after.CreatedAt)),
        ("finishedAt", JsonValues.Of(_after.FinishedAt)));

    private void Open(Bookmark bookmark)
    {
        var task = TaskViews.HumanTaskOf(bookmark);
        var id = TaskIds.Of(_after.Id, bookmark.Id);
        _changes.Put(Views.Tasks, id, new ViewRow(
            ScopeOf(_after),
            task?.AssignedTo,
            TaskViews.StatusOf(task),
            task?.ClaimedBy,
            task?.EscalatedTo,
            ViewChanges.Micros(bookmark.CreatedAt),
            bookmark.ChangedAt,
            ViewChanges.Bytes(TaskViews.Open(_after, bookmark, definition))));
        if (WaitedFor(bookmark.Id) is null)
        {
            _changes.Happened(ScopeOf(_after), "task-opened", ("task", JsonValues.Of(id)), ("title", Title(bookmark)), ("assignedTo", JsonValues.Of(task?.AssignedTo)));
        }
        else if (accepted.Facts.OfType<InstanceFact.BookmarkChanged>().LastOrDefault(fact => fact.Bookmark.Id == bookmark.Id) is { } changed)
        {
            _changes.Happened(ScopeOf(_after), "task-" + (changed.Act ?? (task?.IsOverdue is true ? "overdue" : "warned")), ("task", JsonValues.Of(id)), ("by", JsonValues.Of(changed.By)));
        }
    }

    private void Close(Bookmark bookmark)
    {
        var task = TaskViews.HumanTaskOf(bookmark);
        var id = TaskIds.Of(_after.Id, bookmark.Id);
        var burned = accepted.Facts.OfType<InstanceFact.BookmarkBurned>().FirstOrDefault(fact => fact.Bookmark == bookmark.Id);
        var status = burned is null ? "cancelled" : "completed";
        var body = JsonValues.Object(
            ("id", JsonValues.Of(id)),
            ("version", JsonValues.Of(moment.Version)),
            ("kind", JsonValues.Of(task is null ? "system" : "human")),
            ("status", JsonValues.Of(status)),
            ("instanceId", JsonValues.Of(_after.Id)),
            ("assessmentId", JsonValues.Of(ScopeOf(before))),
            ("activityId", JsonValues.Of(definition.Nodes[before.Executions[bookmark.Execution].Node].Id)),
            ("openedAt", JsonValues.Of(bookmark.CreatedAt)),
            ("closedAt", JsonValues.Of(moment.Now)),
            ("outcome", burned?.Payload.Member("outcome") ?? JsonValues.Null),
            ("completedBy", JsonValues.Of(burned?.By)),
            ("onBehalfOf", burned?.Payload.Member("onBehalfOf") ?? JsonValues.Null),
            ("data", burned?.Payload.Member("data") ?? JsonValues.Null),
            ("task", bookmark.Payload));
        _changes.Put(Views.Tasks, id, new ViewRow(
            ScopeOf(before),
            task?.AssignedTo,
            status,
            burned?.By ?? task?.ClaimedBy,
            task?.EscalatedTo,
            ViewChanges.Micros(bookmark.CreatedAt),
            moment.Version,
            ViewChanges.Bytes(body)));
        _changes.Happened(
            ScopeOf(before),
            "task-" + status,
            ("task", JsonValues.Of(id)),
            ("title", Title(bookmark)),
            ("outcome", body.Member("outcome")),
            ("by", JsonValues.Of(burned?.By ?? (burned is null ? null : "time"))));
    }

    private static JsonElement Title(Bookmark bookmark) =>
        bookmark.Payload.Member("title") is var title && title.IsNull() ? bookmark.Payload.Member("TaskName") : title;
}
