using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Execution;

/// <summary>How states, facts, inputs and effects of the engine are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = false,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(InstanceState))]
[JsonSerializable(typeof(InstanceFact))]
[JsonSerializable(typeof(InstanceFact[]))]
[JsonSerializable(typeof(InstanceInput))]
[JsonSerializable(typeof(InstanceEffect))]
[JsonSerializable(typeof(Refusal))]
[JsonSerializable(typeof(HttpAnswer))]
[JsonSerializable(typeof(InstanceFact.HttpAnswered))]
public sealed partial class EngineJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    public static EngineJson Plain => field ??= new(PlainJson.Of(Default.Options));
}
