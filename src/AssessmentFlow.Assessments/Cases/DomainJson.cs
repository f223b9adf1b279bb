using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>How states, facts, inputs and effects of the domain are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    AllowOutOfOrderMetadataProperties = true,
    Converters = [typeof(LocalDateConverter)])]
[JsonSerializable(typeof(AssessmentState))]
[JsonSerializable(typeof(AssessmentFact))]
[JsonSerializable(typeof(AssessmentFact[]))]
[JsonSerializable(typeof(AssessmentInput))]
[JsonSerializable(typeof(CaseEffect))]
public sealed partial class CaseJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    public static CaseJson Plain => field ??= new(PlainJson.Of(Default.Options));
}

/// <summary>How states, facts, inputs and effects of reviews are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    AllowOutOfOrderMetadataProperties = true,
    Converters = [typeof(LocalDateConverter)])]
[JsonSerializable(typeof(ReviewState))]
[JsonSerializable(typeof(ReviewFact))]
[JsonSerializable(typeof(ReviewFact[]))]
[JsonSerializable(typeof(ReviewInput))]
[JsonSerializable(typeof(ReviewEffect))]
[JsonSerializable(typeof(Chapter))]
public sealed partial class ReviewJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    public static ReviewJson Plain => field ??= new(PlainJson.Of(Default.Options));
}
