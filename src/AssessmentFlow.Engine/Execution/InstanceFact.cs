using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AssessmentFlow.Engine.Execution;

/// <summary>
/// Something that happened to an instance. Facts are complete: applied to the state before the turn
/// they give the state after it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(InstanceStarted), "instance-started")]
[JsonDerivedType(typeof(ActivityStarted), "activity-started")]
[JsonDerivedType(typeof(ActivityCompleted), "activity-completed")]
[JsonDerivedType(typeof(ActivityCancelled), "activity-cancelled")]
[JsonDerivedType(typeof(ActivityFaulted), "activity-faulted")]
[JsonDerivedType(typeof(IncidentRetried), "incident-retried")]
[JsonDerivedType(typeof(InputDeferred), "input-deferred")]
[JsonDerivedType(typeof(BookmarkCreated), "bookmark-created")]
[JsonDerivedType(typeof(BookmarkChanged), "bookmark-changed")]
[JsonDerivedType(typeof(BookmarkBurned), "bookmark-burned")]
[JsonDerivedType(typeof(MemoryChanged), "memory-changed")]
[JsonDerivedType(typeof(VariableSet), "variable-set")]
[JsonDerivedType(typeof(OutputSet), "output-set")]
[JsonDerivedType(typeof(Correlated), "correlated")]
[JsonDerivedType(typeof(Named), "named")]
[JsonDerivedType(typeof(LineWritten), "line-written")]
[JsonDerivedType(typeof(HttpAnswered), "http-answered")]
[JsonDerivedType(typeof(ChildStarted), "child-started")]
[JsonDerivedType(typeof(ChildReported), "child-reported")]
[JsonDerivedType(typeof(WorkPostponed), "work-postponed")]
[JsonDerivedType(typeof(WorkTaken), "work-taken")]
[JsonDerivedType(typeof(OutputsKept), "outputs-kept")]
[JsonDerivedType(typeof(InstanceRested), "instance-rested")]
[JsonDerivedType(typeof(InstanceFinished), "instance-finished")]
public abstract record InstanceFact
{
    private InstanceFact()
    {
    }

    /// <summary>The instance began.</summary>
    public sealed record InstanceStarted(
        string DefinitionId,
        int DefinitionVersion,
        string DefinitionHash,
        string? CorrelationId,
        string? Name,
        ParentLink? Parent,
        OrderedDictionary<string, JsonElement> Input,
        DateTimeOffset At,
        FiredTrigger? Trigger = null) : InstanceFact;

    /// <summary>An activity began.</summary>
    public sealed record ActivityStarted(
        [property: JsonPropertyName("x")] long Execution,
        [property: JsonPropertyName("n")] int Node,
        [property: JsonPropertyName("activity")] string ActivityId,
        [property: JsonPropertyName("p")] long? Parent,
        [property: JsonPropertyName("b")] bool IsBackward,
        [property: JsonPropertyName("v")] OrderedDictionary<string, JsonElement>? Variables,
        [property: JsonPropertyName("l")] OrderedDictionary<string, JsonElement>? Locals,
        [property: JsonPropertyName("in")] OrderedDictionary<string, JsonElement>? Inputs) : InstanceFact;

    /// <summary>An activity ended as planned.</summary>
    public sealed record ActivityCompleted(
        [property: JsonPropertyName("x")] long Execution,
        ImmutableArray<string> Outcomes,
        [property: JsonPropertyName("out")] OrderedDictionary<string, JsonElement>? Outputs) : InstanceFact;

    /// <summary>An activity was ended because something around it ended.</summary>
    public sealed record ActivityCancelled([property: JsonPropertyName("x")] long Execution) : InstanceFact;

    /// <summary>An activity faulted.</summary>
    public sealed record ActivityFaulted(Incident Incident) : InstanceFact;

    /// <summary>Somebody dealt with the cause of an incident: what faulted is done again, and a faulted instance goes on.</summary>
    public sealed record IncidentRetried([property: JsonPropertyName("id")] long Incident, string By) : InstanceFact;

    /// <summary>A report reached the instance while it lay faulted.</summary>
    public sealed record InputDeferred(InstanceInput Input) : InstanceFact;

    /// <summary>An activity began to wait.</summary>
    public sealed record BookmarkCreated(Bookmark Bookmark) : InstanceFact;

    /// <summary>What an activity waits for changed, such as who claimed a task.</summary>
    public sealed record BookmarkChanged(Bookmark Bookmark, string? Act, string? By) : InstanceFact;

    /// <summary>The waiting of an activity was answered; its run goes on.</summary>
    public sealed record BookmarkBurned(
        [property: JsonPropertyName("id")] long Bookmark,
        [property: JsonPropertyName("x")] long Execution,
        string? By,
        JsonElement Payload) : InstanceFact;

    /// <summary>What an activity remembers between callbacks.</summary>
    public sealed record MemoryChanged([property: JsonPropertyName("x")] long Execution, JsonElement Memory) : InstanceFact;

    /// <summary>A variable or local value got a new value.</summary>
    public sealed record VariableSet(
        [property: JsonPropertyName("x")] long Execution,
        string Id,
        JsonElement Value,
        bool IsLocal) : InstanceFact;

    /// <summary>A workflow output got a value.</summary>
    public sealed record OutputSet(string Name, JsonElement Value) : InstanceFact;

    /// <summary>The business identity changed.</summary>
    public sealed record Correlated(string? CorrelationId) : InstanceFact;

    /// <summary>The display name changed.</summary>
    public sealed record Named(string? Name) : InstanceFact;

    /// <summary>A line of text for whoever reads the journal.</summary>
    public sealed record LineWritten([property: JsonPropertyName("x")] long Execution, string Text) : InstanceFact;

    /// <summary>What the HTTP request that began or resumed the turn is answered; the last one of a turn counts.</summary>
    /// <param name="Execution">The run of the activity.</param>
    /// <param name="StatusCode">Status code.</param>
    /// <param name="Headers">Further headers, values by name; null for none.</param>
    /// <param name="Body">Text of the body, or its bytes as Base64; null for none.</param>
    /// <param name="ContentType">Media type of the body.</param>
    /// <param name="IsBase64">Whether the body is bytes.</param>
    /// <param name="IsResumable">Whether a part of the body may be asked for.</param>
    public sealed record HttpAnswered(
        [property: JsonPropertyName("x")] long Execution,
        int StatusCode,
        OrderedDictionary<string, string[]>? Headers,
        string? Body,
        string? ContentType,
        bool IsBase64 = false,
        bool IsResumable = false) : InstanceFact;

    /// <summary>A child instance was asked to start.</summary>
    public sealed record ChildStarted(string ChildId) : InstanceFact;

    /// <summary>A child instance reported its end.</summary>
    public sealed record ChildReported(string ChildId) : InstanceFact;

    /// <summary>The run was longer than a turn may be.</summary>
    public sealed record WorkPostponed(PostponedWork Work) : InstanceFact;

    /// <summary>The rest of a long run was taken up.</summary>
    public sealed record WorkTaken : InstanceFact;

    /// <summary>What scripts may still ask for when the run goes on in another turn; null when nothing any more.</summary>
    public sealed record OutputsKept(RunOutputs? Run) : InstanceFact;

    /// <summary>Nothing is left to do in this turn; the instance waits.</summary>
    public sealed record InstanceRested : InstanceFact;

    /// <summary>The instance ended.</summary>
    public sealed record InstanceFinished(InstanceSubStatus SubStatus, string? By, string? Reason, DateTimeOffset At) : InstanceFact;
}
