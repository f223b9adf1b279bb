using System.Text.Json;
using AssessmentFlow.Assessments.Tasks;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>Tasks as the API shows them.</summary>
internal static class TaskViews
{
    public const string SystemTask = "Elsa.RunTask";

    /// <summary>Whether a bookmark is a task that somebody or some system completes.</summary>
    public static bool IsTask(Bookmark bookmark) => bookmark.Kind is SystemTask || HumanTaskOf(bookmark) is not null;

    /// <summary>The human task in a bookmark; null when there is none.</summary>
    public static HumanTaskState? HumanTaskOf(Bookmark bookmark) =>
        bookmark.Payload.Member("assignedTo").AsText() is not null ? HumanTaskState.Contract.Read(bookmark.Payload) : null;

    /// <summary>A task that waits.</summary>
    public static JsonElement Open(InstanceState state, Bookmark bookmark, WorkflowDefinition definition)
    {
        var task = HumanTaskOf(bookmark);
        return JsonValues.Object(
        [
            .. Head(TaskIds.Of(state.Id, bookmark.Id), bookmark.ChangedAt, task is null ? "system" : "human", StatusOf(task)),
            ("instanceId", JsonValues.Of(state.Id)),
            ("assessmentId", JsonValues.Of(InstanceViews.ScopeOf(state))),
            ("activityId", JsonValues.Of(definition.Nodes[state.Executions[bookmark.Execution].Node].Id)),
            ("openedAt", JsonValues.Of(bookmark.CreatedAt)),
            ("dueAt", task?.Deadline is { } deadline ? JsonValues.Of(deadline.DueAt) : JsonValues.Null),
            ("task", bookmark.Payload),
        ]);
    }

    /// <summary>A task that was just closed by an act.</summary>
    public static JsonElement Closed(string instanceId, InstanceInput.Act act, long version) => JsonValues.Object(
    [
        .. Head(TaskIds.Of(instanceId, act.Bookmark), version, "human", "completed"),
        ("instanceId", JsonValues.Of(instanceId)),
        ("outcome", act.Data.Member("outcome")),
        ("completedBy", JsonValues.Of(act.Actor.Id)),
    ]);

    public static string StatusOf(HumanTaskState? task) => task?.ClaimedBy is null ? "open" : "claimed";

    private static (string, JsonElement)[] Head(string id, long version, string kind, string status) =>
    [
        ("id", JsonValues.Of(id)),
        ("version", JsonValues.Of(version)),
        ("kind", JsonValues.Of(kind)),
        ("status", JsonValues.Of(status)),
    ];
}
