using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>What a running state machine remembers.</summary>
internal sealed class StateProgress
{
    public static readonly JsonContract<StateProgress> Contract = new(StateMemoryContext.Plain.StateProgress);

    /// <summary>Position of the state that the run is in; during a transition the one that it leaves.</summary>
    [JsonPropertyName("s")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int State { get; set; }

    /// <summary>Position of the transition that is being taken; null when none is.</summary>
    [JsonPropertyName("t")]
    public int? Transition { get; set; }

    /// <summary>Whether something inside asked to leave the loop around the state machine.</summary>
    [JsonPropertyName("b")]
    public bool IsBreaking { get; set; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(StateProgress))]
internal sealed partial class StateMemoryContext : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    internal static StateMemoryContext Plain => field ??= new(PlainJson.Of(Default.Options));
}
