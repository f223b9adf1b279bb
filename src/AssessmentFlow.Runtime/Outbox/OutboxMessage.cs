using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Triggers;

namespace AssessmentFlow.Runtime.Outbox;

/// <summary>What an entity wants others to be told, as it lies in the outbox.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "message")]
[JsonDerivedType(typeof(Deliver), "deliver")]
[JsonDerivedType(typeof(Broadcast), "broadcast")]
[JsonDerivedType(typeof(StartInstance), "start-instance")]
[JsonDerivedType(typeof(FireTrigger), "fire-trigger")]
[JsonDerivedType(typeof(CallHttp), CallHttpName)]
public abstract record OutboxMessage
{
    private const string CallHttpName = "call-http";

    private static readonly byte[] CallHttpBeginning = Encoding.UTF8.GetBytes($"{{\"message\":\"{CallHttpName}\"");

    private OutboxMessage()
    {
    }

    /// <summary>Whether a message that nobody took is to be offered again: an event may come before who waits for it.</summary>
    public bool IsKept(DateTimeOffset now, TimeSpan keptFor) => this is Broadcast { PublishedAt: { } at } && now - at < keptFor;

    /// <summary>Hand an input to an entity.</summary>
    /// <param name="To">The entity, as <c>kind/key</c>.</param>
    /// <param name="Input">The input.</param>
    /// <param name="Origin">The activity that asks; null when none does.</param>
    /// <param name="AnswersLater">Whether the entity answers by itself; a refusal is told at once in any case.</param>
    public sealed record Deliver(string To, JsonElement Input, Origin? Origin = null, bool AnswersLater = true) : OutboxMessage;

    /// <summary>Hand an event to every instance that waits for it, and start one by every trigger that it fires.</summary>
    /// <param name="Name">Name of the event.</param>
    /// <param name="Payload">What it carries.</param>
    /// <param name="CorrelationId">When given, only instances with this business identity are meant.</param>
    /// <param name="InstanceId">When given, only this instance is meant, and nothing is started.</param>
    /// <param name="PublishedAt">When it was published; null when it is for those only who wait already.</param>
    public sealed record Broadcast(
        string Name, JsonElement Payload, string? CorrelationId, string? InstanceId = null, DateTimeOffset? PublishedAt = null) : OutboxMessage;

    /// <summary>Start an instance on the published version of a workflow.</summary>
    /// <param name="InstanceId">Id of the instance.</param>
    /// <param name="DefinitionId">The workflow.</param>
    /// <param name="Input">Its inputs.</param>
    /// <param name="CorrelationId">Its business identity.</param>
    /// <param name="Origin">The activity of the parent that waits; null when none does.</param>
    /// <param name="WaitsFor">What it waits for.</param>
    public sealed record StartInstance(
        string InstanceId,
        string DefinitionId,
        OrderedDictionary<string, JsonElement> Input,
        string? CorrelationId,
        Origin? Origin = null,
        ChildMoment WaitsFor = ChildMoment.Beginning) : OutboxMessage;

    /// <summary>Start an instance because a time of a trigger came.</summary>
    /// <param name="InstanceId">Id of the instance, derived from that time.</param>
    /// <param name="Trigger">The trigger with the version that it belongs to.</param>
    public sealed record FireTrigger(string InstanceId, PinnedTrigger Trigger) : OutboxMessage;

    /// <summary>Send an HTTP request.</summary>
    /// <param name="Call">The request.</param>
    /// <param name="Origin">The activity that waits for the answer.</param>
    public sealed record CallHttp(HttpCall Call, Origin Origin) : OutboxMessage;

    /// <summary>
    /// Whether a message asks something of the world outside, which may take its time: told by its first bytes, so that
    /// it can be put into another queue unread.
    /// </summary>
    internal static bool IsSlow(ReadOnlySpan<byte> body) => body.StartsWith(CallHttpBeginning);
}

/// <summary>How messages are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(OutboxMessage))]
internal sealed partial class OutboxJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    internal static OutboxJson Plain => field ??= new(PlainJson.Of(Default.Options));

    public static byte[] Write(OutboxMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Default.OutboxMessage);
}
