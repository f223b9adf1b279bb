using System.Text.Json;
using System.Text.Json.Serialization;

namespace AssessmentFlow.Engine.Execution;

/// <summary>Something that reaches an instance. Delivery is at-least-once; repeats are recognised by the input id around it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "$input")]
[JsonDerivedType(typeof(Start), "start")]
[JsonDerivedType(typeof(Signal), "signal")]
[JsonDerivedType(typeof(Reply), "reply")]
[JsonDerivedType(typeof(Act), "act")]
[JsonDerivedType(typeof(TimerFired), "timer")]
[JsonDerivedType(typeof(ChildEnded), "child-ended")]
[JsonDerivedType(typeof(ChildRested), "child-rested")]
[JsonDerivedType(typeof(Retry), "retry")]
[JsonDerivedType(typeof(Continue), "continue")]
[JsonDerivedType(typeof(Cancel), "cancel")]
[JsonDerivedType(typeof(Oversized), "oversized")]
public abstract record InstanceInput
{
    private InstanceInput()
    {
    }

    /// <summary>Start the instance on a definition.</summary>
    /// <param name="DefinitionId">The workflow.</param>
    /// <param name="DefinitionVersion">Number of its version.</param>
    /// <param name="DefinitionHash">Hash of the content of that version.</param>
    /// <param name="Input">Inputs, by name.</param>
    /// <param name="CorrelationId">Business identity.</param>
    /// <param name="Name">Display name.</param>
    /// <param name="Parent">The instance that starts this one.</param>
    /// <param name="Trigger">The activity whose trigger fired; null when a request starts the instance.</param>
    /// <param name="TriggerPayload">What the trigger carried: the result of that activity.</param>
    public sealed record Start(
        string DefinitionId,
        int DefinitionVersion,
        string DefinitionHash,
        OrderedDictionary<string, JsonElement> Input,
        string? CorrelationId,
        string? Name = null,
        ParentLink? Parent = null,
        string? Trigger = null,
        JsonElement TriggerPayload = default) : InstanceInput;

    /// <summary>An event; it resumes every activity that waits for its name, all in this turn.</summary>
    /// <param name="Name">Name of the event.</param>
    /// <param name="Payload">What the event carries.</param>
    /// <param name="CorrelationId">When given, only an instance with this correlation id is meant.</param>
    /// <param name="Bookmark">When given, only this wait is meant: the others have been resumed.</param>
    /// <param name="BegunBy">When given, only waits that had begun by then are meant: the event is too old for later ones.</param>
    public sealed record Signal(
        string Name, JsonElement Payload, string? CorrelationId = null, long? Bookmark = null, DateTimeOffset? BegunBy = null) : InstanceInput;

    /// <summary>The answer to something that an activity asked of another entity.</summary>
    public sealed record Reply(long Bookmark, JsonElement Payload, Refusal? Refusal = null) : InstanceInput
    {
        /// <summary>Member of the payload when the start of another instance is answered: its id.</summary>
        public const string StartedInstance = "WorkflowInstanceId";
    }

    /// <summary>A person acts on something that waits, such as claiming a task.</summary>
    /// <param name="Bookmark">What waits.</param>
    /// <param name="Name">Name of the act, such as <c>claim</c>.</param>
    /// <param name="Data">What the act carries.</param>
    /// <param name="Actor">Who acts.</param>
    /// <param name="IfChangedAt">When given, the version of the waiting that the actor saw.</param>
    public sealed record Act(long Bookmark, string Name, JsonElement Data, Actor Actor, long? IfChangedAt) : InstanceInput;

    /// <summary>The due time of a bookmark has come.</summary>
    public sealed record TimerFired(long Bookmark) : InstanceInput;

    /// <summary>A child instance ended.</summary>
    /// <param name="ChildId">The child.</param>
    /// <param name="Bookmark">What waits for it here; null when nothing does.</param>
    /// <param name="Result">How it ended and what it put out.</param>
    public sealed record ChildEnded(string ChildId, long? Bookmark, JsonElement Result) : InstanceInput;

    /// <summary>A child instance came to rest for the first time: it waits for something.</summary>
    /// <param name="ChildId">The child.</param>
    /// <param name="Bookmark">What waits for that here.</param>
    /// <param name="Result">How it stands and what it has put out.</param>
    /// <param name="IsEndAwaited">Whether its end is waited for: what waits goes on waiting.</param>
    public sealed record ChildRested(string ChildId, long Bookmark, JsonElement Result, bool IsEndAwaited = false) : InstanceInput;

    /// <summary>Do again what faulted, because its cause was dealt with; a faulted instance goes on from there.</summary>
    /// <param name="Incident">Number of the incident.</param>
    /// <param name="Actor">Who dealt with it.</param>
    public sealed record Retry(long Incident, Actor Actor) : InstanceInput;

    /// <summary>Go on with a run that was longer than a turn.</summary>
    public sealed record Continue : InstanceInput;

    /// <summary>End the instance and its children.</summary>
    public sealed record Cancel(string? Reason, Actor Actor) : InstanceInput;

    /// <summary>The turn before would have made the snapshot too large; end the instance as faulted instead.</summary>
    public sealed record Oversized(long SizeBytes) : InstanceInput;
}

/// <summary>Something to tell others after the commit. Told at-least-once; receivers drop repeats by id.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "effect")]
[JsonDerivedType(typeof(Ask), "ask")]
[JsonDerivedType(typeof(Publish), "publish")]
[JsonDerivedType(typeof(StartChild), "start-child")]
[JsonDerivedType(typeof(CancelChild), "cancel-child")]
[JsonDerivedType(typeof(TellParent), "tell-parent")]
[JsonDerivedType(typeof(ContinueSelf), "continue-self")]
[JsonDerivedType(typeof(CallHttp), "call-http")]
public abstract record InstanceEffect
{
    private InstanceEffect()
    {
    }

    /// <summary>Ask another entity to do something; its answer resumes the bookmark.</summary>
    /// <param name="Kind">Kind of the entity, such as <c>assessment</c>.</param>
    /// <param name="Id">Its id.</param>
    /// <param name="Body">What is asked, in the language of that kind.</param>
    /// <param name="Bookmark">The bookmark that waits for the answer.</param>
    /// <param name="AnswersLater">Whether the other entity answers when it has an outcome, instead of at once.</param>
    public sealed record Ask(string Kind, string Id, JsonElement Body, long Bookmark, bool AnswersLater) : InstanceEffect;

    /// <summary>Publish an event to whoever waits for it.</summary>
    /// <param name="Name">Name of the event.</param>
    /// <param name="Payload">What it carries.</param>
    /// <param name="CorrelationId">When given, only instances with this correlation id are meant.</param>
    /// <param name="InstanceId">When given, only this instance is meant.</param>
    public sealed record Publish(string Name, JsonElement Payload, string? CorrelationId, string? InstanceId) : InstanceEffect;

    /// <summary>Start a child instance.</summary>
    /// <param name="ChildId">Id of the child.</param>
    /// <param name="DefinitionId">Its workflow; the published version is taken when the effect is carried out.</param>
    /// <param name="Input">Its inputs.</param>
    /// <param name="CorrelationId">Its business identity.</param>
    /// <param name="Bookmark">What waits in the parent.</param>
    /// <param name="WaitsFor">What the parent waits for.</param>
    public sealed record StartChild(
        string ChildId,
        string DefinitionId,
        OrderedDictionary<string, JsonElement> Input,
        string? CorrelationId,
        long Bookmark,
        ChildMoment WaitsFor) : InstanceEffect;

    /// <summary>Cancel a child instance, because its parent was.</summary>
    public sealed record CancelChild(string ChildId) : InstanceEffect;

    /// <summary>Tell the parent that this instance ended, or that it came to rest for the first time.</summary>
    /// <param name="Parent">The parent.</param>
    /// <param name="Result">How the instance stands and what it has put out.</param>
    /// <param name="HasEnded">Whether it ended.</param>
    public sealed record TellParent(ParentLink Parent, JsonElement Result, bool HasEnded) : InstanceEffect;

    /// <summary>Go on with a run that is longer than a turn.</summary>
    public sealed record ContinueSelf : InstanceEffect;

    /// <summary>Send an HTTP request; what became of it resumes the bookmark as a <see cref="HttpAnswer"/>.</summary>
    /// <param name="Call">The request.</param>
    /// <param name="Bookmark">The bookmark that waits for the answer.</param>
    public sealed record CallHttp(HttpCall Call, long Bookmark) : InstanceEffect;
}

/// <summary>A moment in the life of a child that its parent may wait for.</summary>
public enum ChildMoment
{
    /// <summary>The child exists.</summary>
    Beginning = 0,

    /// <summary>The child waits for something, or has ended.</summary>
    Rest = 1,

    /// <summary>The child has ended.</summary>
    End = 2,

    /// <summary>The child has ended; the parent is also told when it first waits for something.</summary>
    RestAndEnd = 3,
}
