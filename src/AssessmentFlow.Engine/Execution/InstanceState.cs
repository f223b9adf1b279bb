using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AssessmentFlow.Engine.Execution;

/// <summary>
/// Where a workflow instance stands: what the next decision needs and no more. Finished activities leave it,
/// so it does not grow with the age of the case; what happened is in the journal.
/// </summary>
/// <remarks>A turn works on a <see cref="Clone"/>; a state that was committed never changes.</remarks>
public sealed class InstanceState
{
    /// <summary>Identity of the instance.</summary>
    public required string Id { get; init; }

    /// <summary>Identity of the workflow; empty before the instance is started.</summary>
    [JsonInclude]
    public string DefinitionId { get; internal set; } = "";

    /// <summary>Number of the version of the workflow that the instance runs.</summary>
    [JsonInclude]
    public int DefinitionVersion { get; internal set; }

    /// <summary>Content hash of the definition that the instance is pinned to.</summary>
    [JsonInclude]
    public string DefinitionHash { get; internal set; } = "";

    /// <summary>Whether the instance may still do something.</summary>
    [JsonInclude]
    public InstanceStatus Status { get; internal set; }

    /// <summary>Finer status, in Elsa's words.</summary>
    [JsonInclude]
    public InstanceSubStatus SubStatus { get; internal set; }

    /// <summary>Business identity; for assessments the id of the case.</summary>
    [JsonInclude]
    public string? CorrelationId { get; internal set; }

    /// <summary>Display name.</summary>
    [JsonInclude]
    public string? Name { get; internal set; }

    /// <summary>The instance that started this one and waits for it, if any.</summary>
    [JsonInclude]
    public ParentLink? Parent { get; internal set; }

    /// <summary>What started the instance instead of a request; null once its activity has begun, or when a request did.</summary>
    [JsonInclude]
    public FiredTrigger? Trigger { get; internal set; }

    /// <summary>What the starter gave, by name.</summary>
    [JsonInclude]
    public OrderedDictionary<string, JsonElement> Input { get; internal set; } = new(StringComparer.Ordinal);

    /// <summary>What the workflow has put out so far, by name.</summary>
    [JsonInclude]
    public OrderedDictionary<string, JsonElement> Output { get; internal set; } = new(StringComparer.Ordinal);

    /// <summary>Last number given to an execution or a bookmark.</summary>
    [JsonInclude]
    public long LastId { get; internal set; }

    /// <summary>When the instance was started.</summary>
    [JsonInclude]
    public DateTimeOffset CreatedAt { get; internal set; }

    /// <summary>When the instance ended; null while it runs.</summary>
    [JsonInclude]
    public DateTimeOffset? FinishedAt { get; internal set; }

    /// <summary>Faults that happened and were not dealt with.</summary>
    [JsonInclude]
    public ImmutableArray<Incident> Incidents { get; internal set; } = [];

    /// <summary>Work that did not fit into the last turn; null when the instance came to rest.</summary>
    [JsonInclude]
    public PostponedWork? Postponed { get; internal set; }

    /// <summary>Outputs of a run that goes on with the answer to something it asked; null when scripts need none or the run has come to rest.</summary>
    [JsonInclude]
    public RunOutputs? Outputs { get; internal set; }

    /// <summary>Reports that reached the instance while it lay faulted: a repair goes on with them.</summary>
    [JsonInclude]
    public ImmutableArray<InstanceInput> Deferred { get; internal set; } = [];

    /// <summary>Ids of child instances that are still running and end with this one.</summary>
    [JsonInclude]
    public ImmutableArray<string> Children { get; internal set; } = [];

    /// <summary>Activities that are running, in the order in which they were started.</summary>
    [JsonIgnore]
    public SortedDictionary<long, ActivityExecution> Executions { get; private set; } = [];

    /// <summary>What the instance waits for, in the order in which the waiting began.</summary>
    [JsonIgnore]
    public SortedDictionary<long, Bookmark> Bookmarks { get; private set; } = [];

    /// <summary><see cref="Executions"/> as stored.</summary>
    [JsonPropertyName("executions")]
    public ActivityExecution[] StoredExecutions
    {
        get => [.. Executions.Values];
        init => Executions = new(value.ToDictionary(execution => execution.Id));
    }

    /// <summary><see cref="Bookmarks"/> as stored.</summary>
    [JsonPropertyName("bookmarks")]
    public Bookmark[] StoredBookmarks
    {
        get => [.. Bookmarks.Values];
        init => Bookmarks = new(value.ToDictionary(bookmark => bookmark.Id));
    }

    /// <summary>Members written by a newer build: kept, so that an older silo loses nothing during an upgrade.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>Whether the instance was ever started.</summary>
    [JsonIgnore]
    public bool Exists => DefinitionHash.Length > 0;

    /// <summary>Whether nothing that the instance waits for gets it on, it does nothing and has not ended: somebody has to help.</summary>
    [JsonIgnore]
    public bool IsStuck =>
        Status is InstanceStatus.Running && Exists && Postponed is null && Bookmarks.Values.All(bookmark => Executions[bookmark.Execution].IsFaulted);

    /// <summary>A copy that a turn may change.</summary>
    public InstanceState Clone()
    {
        var copy = (InstanceState)MemberwiseClone();
        copy.Executions = new(Executions);
        copy.Bookmarks = new(Bookmarks);
        return copy;
    }

    /// <summary>The workflow variables by id, also after the end.</summary>
    public OrderedDictionary<string, JsonElement> Variables() =>
        Executions.Count > 0 && Executions.First().Value is { Parent: null, Variables: { } variables }
            ? variables
            : new(StringComparer.Ordinal);
}

/// <summary>Whether an instance may still do something.</summary>
public enum InstanceStatus
{
    /// <summary>It may.</summary>
    Running = 0,

    /// <summary>It ended.</summary>
    Finished = 1,
}

/// <summary>Finer status of an instance, in Elsa's words.</summary>
public enum InstanceSubStatus
{
    /// <summary>Not started yet.</summary>
    Pending = 0,

    /// <summary>In the middle of a run that is longer than one turn.</summary>
    Executing = 1,

    /// <summary>Waiting.</summary>
    Suspended = 2,

    /// <summary>Ended as planned.</summary>
    Finished = 3,

    /// <summary>Ended by a cancellation.</summary>
    Cancelled = 4,

    /// <summary>Ended by a fault.</summary>
    Faulted = 5,
}

/// <summary>The instance that started this one.</summary>
/// <param name="InstanceId">The parent.</param>
/// <param name="Bookmark">The bookmark of the parent to resume with the result; null when the parent does not wait.</param>
/// <param name="WaitsForRest">Whether the parent is to be told when this instance first comes to rest.</param>
/// <param name="WaitsForEnd">Whether the parent goes on waiting after that; of no meaning where it is not told of the rest.</param>
public sealed record ParentLink(string InstanceId, long? Bookmark, bool WaitsForRest = false, bool WaitsForEnd = false)
{
    /// <summary>The link of a child whose parent waits for a moment of its life.</summary>
    /// <param name="instanceId">The parent.</param>
    /// <param name="bookmark">What waits in the parent.</param>
    /// <param name="moment">The moment.</param>
    public static ParentLink Of(string instanceId, long bookmark, ChildMoment moment) => new(
        instanceId, moment is ChildMoment.Beginning ? null : bookmark, moment is ChildMoment.Rest or ChildMoment.RestAndEnd, moment is ChildMoment.RestAndEnd);
}

/// <summary>A trigger that started an instance.</summary>
/// <param name="Node">Index of its activity in the definition.</param>
/// <param name="Payload">What it carried.</param>
public sealed record FiredTrigger([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int Node, JsonElement Payload);

/// <summary>One run of one activity.</summary>
public sealed record ActivityExecution
{
    /// <summary>Number of the run within the instance.</summary>
    public required long Id { get; init; }

    /// <summary>Index of the activity in the definition.</summary>
    [JsonPropertyName("n")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required int Node { get; init; }

    /// <summary>The run that contains this one; null for the invisible root.</summary>
    [JsonPropertyName("p")]
    public long? Parent { get; init; }

    /// <summary>Whether the run faulted and waits for somebody to deal with its incident.</summary>
    [JsonPropertyName("x")]
    public bool IsFaulted { get; init; }

    /// <summary>Whether a flowchart came to it by a connection that leads back.</summary>
    [JsonPropertyName("b")]
    public bool IsBackward { get; init; }

    /// <summary>Values of the variables that the activity declares, by id.</summary>
    [JsonPropertyName("v")]
    public OrderedDictionary<string, JsonElement>? Variables { get; init; }

    /// <summary>Values that its parent handed to this run, such as the item of a loop, by name.</summary>
    [JsonPropertyName("l")]
    public OrderedDictionary<string, JsonElement>? Locals { get; init; }

    /// <summary>What the activity remembers between its callbacks.</summary>
    [JsonPropertyName("m")]
    public JsonElement? Memory { get; init; }
}

/// <summary>One thing that an instance waits for.</summary>
public sealed record Bookmark
{
    /// <summary>Number of the bookmark within the instance.</summary>
    public required long Id { get; init; }

    /// <summary>The run that waits.</summary>
    [JsonPropertyName("x")]
    public required long Execution { get; init; }

    /// <summary>What kind of thing is waited for: the type name of the activity.</summary>
    [JsonPropertyName("k")]
    public required string Kind { get; init; }

    /// <summary>Key by which the waiting can be found from outside, such as the name of an event; null when nobody looks for it.</summary>
    [JsonPropertyName("key")]
    public string? Key { get; init; }

    /// <summary>What is waited for, as the activity describes it.</summary>
    [JsonPropertyName("w")]
    public JsonElement Payload { get; init; }

    /// <summary>When the activity wants to be woken; null for never.</summary>
    [JsonPropertyName("due")]
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When the waiting began.</summary>
    [JsonPropertyName("at")]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether no person and no time is waited for, but something that the system does at once: the run counts as going on.</summary>
    [JsonPropertyName("g")]
    public bool IsGoingOn { get; init; }

    /// <summary>Version of the instance at which the bookmark last changed: its ETag.</summary>
    [JsonPropertyName("c")]
    public long ChangedAt { get; init; }
}

/// <summary>An activity that is to be started.</summary>
/// <param name="Node">Index of the activity in the definition.</param>
/// <param name="Owner">The run that scheduled it.</param>
/// <param name="IsBackward">Whether a flowchart came to it by a connection that leads back.</param>
/// <param name="Locals">Values handed to the run, by name.</param>
public sealed record WorkItem(int Node, long Owner, bool IsBackward = false, OrderedDictionary<string, JsonElement>? Locals = null);

/// <summary>What the activities of a run have put out, for scripts that ask for it later in the same run.</summary>
/// <param name="Outputs">Outputs by activity index and output name, the activity that has put out last comes last.</param>
/// <param name="LastResult">The last result.</param>
public sealed record RunOutputs(OrderedDictionary<int, OrderedDictionary<string, JsonElement>> Outputs, JsonElement LastResult);

/// <summary>Work that did not fit into one turn.</summary>
/// <param name="Items">Activities to start, in order.</param>
/// <param name="Outputs">Outputs of the run so far, by activity index and output name: scripts of the rest may ask for them.</param>
/// <param name="LastResult">The last result of the run so far.</param>
public sealed record PostponedWork(
    ImmutableArray<WorkItem> Items,
    OrderedDictionary<int, OrderedDictionary<string, JsonElement>> Outputs,
    JsonElement LastResult);
