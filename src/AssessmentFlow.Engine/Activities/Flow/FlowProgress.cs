using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// What a running flowchart remembers: how often each activity and each connection was visited, and whether
/// the last visit of a connection followed it. Its size depends on the drawing, not on how long it has run.
/// </summary>
internal sealed class FlowProgress
{
    public static readonly JsonContract<FlowProgress> Contract = new(ActivityMemoryContext.Plain.FlowProgress);

    /// <summary>Index of the activity that the run began with.</summary>
    [JsonPropertyName("s")]
    public int Start { get; set; }

    /// <summary>Visits per activity, by position in the flowchart.</summary>
    [JsonPropertyName("a")]
    public int[] Activities { get; set; } = [];

    /// <summary>Visits per connection, by position.</summary>
    [JsonPropertyName("c")]
    public int[] Connections { get; set; } = [];

    /// <summary>Per connection, <c>1</c> when the last visit followed it, else <c>0</c>.</summary>
    [JsonPropertyName("f")]
    public string Followed { get; set; } = "";

    public void Begin(int start, int activities, int connections)
    {
        Start = start;
        Activities = new int[activities];
        Connections = new int[connections];
        Followed = new string('0', connections);
    }

    public void Visit(FlowConnection connection, bool followed)
    {
        Connections[connection.Index]++;
        Followed = string.Create(Followed.Length, (Followed, connection.Index, followed), static (span, state) =>
        {
            state.Followed.CopyTo(span);
            span[state.Index] = state.followed ? '1' : '0';
        });
    }

    public bool WasFollowed(FlowConnection connection) => Followed[connection.Index] is '1';
}

/// <summary>
/// What a running token-based flowchart remembers: how many tokens wait on each connection. Its size depends on
/// the drawing, not on how long it has run.
/// </summary>
internal sealed class TokenProgress
{
    public static readonly JsonContract<TokenProgress> Contract = new(ActivityMemoryContext.Plain.TokenProgress);

    /// <summary>Index of the activity that the run began with.</summary>
    [JsonPropertyName("s")]
    public int Start { get; set; }

    /// <summary>Tokens that wait before the target, per connection, by position.</summary>
    [JsonPropertyName("t")]
    public int[] Tokens { get; set; } = [];

    /// <summary>Whether several activities are being cancelled right now, so that it is too early to look what can go on.</summary>
    [JsonIgnore]
    public bool IsCancelling { get; set; }

    public void Begin(int start, int connections)
    {
        Start = start;
        Tokens = new int[connections];
    }
}

/// <summary>What a running sequence remembers.</summary>
internal sealed class SequenceProgress
{
    public static readonly JsonContract<SequenceProgress> Contract = new(ActivityMemoryContext.Plain.SequenceProgress);

    /// <summary>Position of the child to start next.</summary>
    [JsonPropertyName("i")]
    public int Next { get; set; }

    /// <summary>Whether something inside asked to leave the loop around the sequence.</summary>
    [JsonPropertyName("b")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsBreaking { get; set; }
}

[JsonSerializable(typeof(FlowProgress))]
[JsonSerializable(typeof(TokenProgress))]
[JsonSerializable(typeof(SequenceProgress))]
internal sealed partial class ActivityMemoryContext : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    internal static ActivityMemoryContext Plain => field ??= new(PlainJson.Of(Default.Options));
}
