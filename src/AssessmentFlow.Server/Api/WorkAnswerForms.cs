using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Server.Api;

// The forms of what tasks, instances, workflows and reference data are answered with; see AnswerForms.cs.

/// <summary>A task.</summary>
public sealed record TaskAnswer
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its ETag.</summary>
    public required long Version { get; init; }

    /// <summary><c>human</c>, or <c>system</c> for one that another system reports on.</summary>
    public required string Kind { get; init; }

    /// <summary><c>open</c>, <c>claimed</c>, <c>completed</c> or <c>cancelled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The instance that it belongs to.</summary>
    public required string InstanceId { get; init; }

    /// <summary>The case that it belongs to.</summary>
    public string? AssessmentId { get; init; }

    /// <summary>The activity that opened it.</summary>
    public string? ActivityId { get; init; }

    /// <summary>When it was opened.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>When it is due.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When it was completed or cancelled.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The outcome chosen.</summary>
    public string? Outcome { get; init; }

    /// <summary>Who completed it.</summary>
    public string? CompletedBy { get; init; }

    /// <summary>The State whose answer on paper was recorded.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>The data that it was completed with.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>What is to be done, by whom, with which outcomes and fields.</summary>
    public JsonElement? Task { get; init; }
}

/// <summary>What a list shows of an instance and its own page as well.</summary>
public abstract record InstanceHead
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The workflow.</summary>
    public required string DefinitionId { get; init; }

    /// <summary>Version of the workflow.</summary>
    public required int DefinitionVersion { get; init; }

    /// <summary>Hash of the content that it is pinned to.</summary>
    public required string DefinitionHash { get; init; }

    /// <summary>Whether it runs.</summary>
    public required InstanceStatus Status { get; init; }

    /// <summary>How.</summary>
    public required InstanceSubStatus SubStatus { get; init; }

    /// <summary>Its business identity.</summary>
    public required string? CorrelationId { get; init; }

    /// <summary>Its display name; not for operators.</summary>
    public string? Name { get; init; }

    /// <summary>The instance that started it.</summary>
    public required string? ParentInstanceId { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>An instance in a list.</summary>
public sealed record InstanceRowAnswer : InstanceHead
{
    /// <summary>What faulted in it (count).</summary>
    public required int Incidents { get; init; }
}

/// <summary>An instance. Operators see no content: neither name, input, output and variables nor what it waits with.</summary>
public sealed record InstanceAnswer : InstanceHead
{
    /// <summary>Its ETag.</summary>
    public required long Version { get; init; }

    /// <summary>Whether it runs and nothing that it waits for can ever come.</summary>
    public required bool IsStuck { get; init; }

    /// <summary>Instances that it started.</summary>
    public required ImmutableArray<string> Children { get; init; }

    /// <summary>What it waits for.</summary>
    public required ImmutableArray<WaitingAnswer> WaitingFor { get; init; }

    /// <summary>What faulted in it.</summary>
    public required ImmutableArray<IncidentAnswer> Incidents { get; init; }

    /// <summary>Inputs by name.</summary>
    public Dictionary<string, JsonElement>? Input { get; init; }

    /// <summary>Outputs by name.</summary>
    public Dictionary<string, JsonElement>? Output { get; init; }

    /// <summary>Variables by name.</summary>
    public Dictionary<string, JsonElement>? Variables { get; init; }
}

/// <summary>Something that an instance waits for.</summary>
public sealed record WaitingAnswer
{
    /// <summary>Its number within the instance.</summary>
    public required long Bookmark { get; init; }

    /// <summary>The activity that waits.</summary>
    public required string ActivityId { get; init; }

    /// <summary>Type of the activity.</summary>
    public required string ActivityType { get; init; }

    /// <summary>The event that it waits for.</summary>
    public required string? Event { get; init; }

    /// <summary>When time wakes it.</summary>
    public required DateTimeOffset? DueAt { get; init; }

    /// <summary>Since when it waits.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>What the activity needs to go on.</summary>
    public JsonElement? Payload { get; init; }
}

/// <summary>Something that faulted.</summary>
/// <param name="Id">Its number within the instance.</param>
/// <param name="ActivityName">Name of the activity.</param>
/// <param name="ActivityId">The activity.</param>
/// <param name="ActivityType">Type of the activity.</param>
/// <param name="Code">Stable name of what happened.</param>
/// <param name="Message">What happened; not for operators.</param>
/// <param name="Input">Inputs of the activity; not for operators.</param>
/// <param name="At">When.</param>
public sealed record IncidentAnswer(
    long Id, string? ActivityName, string? ActivityId, string? ActivityType, string Code, string? Message, Dictionary<string, JsonElement>? Input, DateTimeOffset At);

/// <summary>An instance after a change.</summary>
public sealed record InstanceChangedAnswer
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its ETag.</summary>
    public required long Version { get; init; }

    /// <summary>Whether it runs.</summary>
    public required InstanceStatus Status { get; init; }

    /// <summary>How.</summary>
    public required InstanceSubStatus SubStatus { get; init; }

    /// <summary>What the workflow answered as to a request by HTTP.</summary>
    public JsonElement? Http { get; init; }
}

/// <summary>A published event.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="CorrelationId">Only instances with this business identity were meant.</param>
/// <param name="PublishedAt">When.</param>
public sealed record SignalAnswer(string Id, string Name, string? CorrelationId, DateTimeOffset PublishedAt);

/// <summary>A workflow with its versions.</summary>
public record WorkflowAnswer
{
    /// <summary>Its id.</summary>
    public required string DefinitionId { get; init; }

    /// <summary>Its ETag: it changes with every import and publication.</summary>
    public required long Version { get; init; }

    /// <summary>Name of the newest version.</summary>
    public required string Name { get; init; }

    /// <summary>Number of the version that new instances run on; null when none is published.</summary>
    public required int? PublishedVersion { get; init; }

    /// <summary>Number of the newest version.</summary>
    public required int LatestVersion { get; init; }

    /// <summary>All versions.</summary>
    public required ImmutableArray<WorkflowVersionAnswer> Versions { get; init; }
}

/// <summary>A workflow after an import, with what is wrong or odd about the definition.</summary>
public sealed record ImportedWorkflowAnswer : WorkflowAnswer
{
    /// <summary>What keeps it from being published; empty unless it was kept as a draft.</summary>
    public required ImmutableArray<DefinitionNoteAnswer> Problems { get; init; }

    /// <summary>What its author should know.</summary>
    public required ImmutableArray<DefinitionNoteAnswer> Warnings { get; init; }
}

/// <summary>A workflow after a publication, with what is odd about the version.</summary>
public sealed record PublishedWorkflowAnswer : WorkflowAnswer
{
    /// <summary>What its author should know.</summary>
    public required ImmutableArray<DefinitionNoteAnswer> Warnings { get; init; }
}

/// <summary>A version of a workflow.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Hash">Hash of its content.</param>
/// <param name="IsPublished">Whether new instances run on it.</param>
/// <param name="CreatedAt">When it was imported.</param>
/// <param name="CreatedBy">By whom.</param>
/// <param name="ChangedAt">When the draft was changed last.</param>
/// <param name="ChangedBy">By whom.</param>
/// <param name="PublishedAt">When it was published last.</param>
/// <param name="PublishedBy">By whom.</param>
/// <param name="Note">Why.</param>
/// <param name="Publications">Every publication, oldest first; of more than 100 the newest.</param>
public sealed record WorkflowVersionAnswer(
    int Version, string Hash, bool IsPublished, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ChangedAt, string? ChangedBy, DateTimeOffset? PublishedAt, string? PublishedBy, string? Note,
    ImmutableArray<PublicationAnswer> Publications);

/// <summary>A time for which new instances ran on a version.</summary>
/// <param name="At">When it was published.</param>
/// <param name="By">By whom.</param>
/// <param name="Note">Why.</param>
/// <param name="EndedAt">When it was taken back, or another version took its place.</param>
/// <param name="EndedBy">By whom.</param>
public sealed record PublicationAnswer(DateTimeOffset At, string By, string? Note, DateTimeOffset? EndedAt, string? EndedBy);

/// <summary>Something about a definition.</summary>
/// <param name="Path">JSON path of the value concerned.</param>
/// <param name="Code">Stable name of what it is.</param>
/// <param name="Activity">Name or id of the activity concerned.</param>
/// <param name="Message">What it is and how to mend it.</param>
public sealed record DefinitionNoteAnswer(string Path, string Code, string? Activity, string Message);
