using System.Collections.Immutable;
using System.Text.Json;

namespace AssessmentFlow.Engine.Execution;

/// <summary>A fault of an activity that waits to be dealt with.</summary>
/// <param name="Execution">The run that faulted.</param>
/// <param name="Node">Index of the activity in the definition.</param>
/// <param name="ActivityId">Id of the activity.</param>
/// <param name="ActivityType">Type name of the activity.</param>
/// <param name="Code">Stable name of the kind of fault, or the author's own code.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Cause">Innermost text of a script engine or parser.</param>
/// <param name="At">When.</param>
public sealed record Incident(
    long Execution,
    int Node,
    string ActivityId,
    string ActivityType,
    string Code,
    string Message,
    string? Cause,
    DateTimeOffset At)
{
    /// <summary>Number of the incident within the instance.</summary>
    public long Id { get; init; }

    /// <summary>Name of the activity; null when its author gave none.</summary>
    public string? ActivityName { get; init; }

    /// <summary>Inputs that the activity had evaluated, by name; null when it had none. Long ones are told by their size.</summary>
    public OrderedDictionary<string, JsonElement>? Input { get; init; }

    /// <summary>What the run did not get over, when it was something that a child of it did; null when it was its own work.</summary>
    public FaultedCallback? Callback { get; init; }
}

/// <summary>Something about a child that its container could not deal with.</summary>
/// <param name="Event">What happened to the child.</param>
/// <param name="Child">The run of the child.</param>
/// <param name="Outcomes">Its outcomes, when it had completed.</param>
public sealed record FaultedCallback(ChildEvent Event, ActivityExecution Child, ImmutableArray<string> Outcomes);

/// <summary>What may happen to a child of a running activity.</summary>
public enum ChildEvent
{
    /// <summary>It completed.</summary>
    Completed = 0,

    /// <summary>It was cancelled.</summary>
    Cancelled = 1,

    /// <summary>It began.</summary>
    Started = 2,

    /// <summary>An instance that the activity wanted to start may not be started; the run named as child is its own.</summary>
    StartRefused = 3,
}
