using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>What a running loop remembers. Its size does not depend on how often the loop turned.</summary>
internal sealed class LoopProgress
{
    public static readonly JsonContract<LoopProgress> Contract = new(LoopMemoryContext.Plain.LoopProgress);

    /// <summary>Number of the current turn, or position of the next item.</summary>
    [JsonPropertyName("i")]
    public long Position { get; set; }

    /// <summary>The numbers to count through; null for a loop that does not count.</summary>
    [JsonPropertyName("r")]
    public LoopRange? Range { get; set; }

    /// <summary>Whether something inside asked to leave the loop.</summary>
    [JsonPropertyName("b")]
    public bool IsBreaking { get; set; }
}

/// <summary>Numbers to count through.</summary>
/// <param name="Start">First number.</param>
/// <param name="End">The outer bound.</param>
/// <param name="Step">What is added each time; negative to count down.</param>
/// <param name="IsInclusive">Whether the outer bound belongs to the range.</param>
internal sealed record LoopRange(
    [property: JsonPropertyName("s")] long Start,
    [property: JsonPropertyName("e")] long End,
    [property: JsonPropertyName("t")] long Step,
    [property: JsonPropertyName("n")] bool IsInclusive)
{
    public bool Contains(long number) => (Step > 0 ? number < End : number > End) || (IsInclusive && number == End);
}

/// <summary>What a sequence of branches remembers about a break.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(LoopProgress))]
internal sealed partial class LoopMemoryContext : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    internal static LoopMemoryContext Plain => field ??= new(PlainJson.Of(Default.Options));
}
