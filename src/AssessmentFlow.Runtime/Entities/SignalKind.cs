using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>
/// Signals as entities: whoever publishes one gets an answer once it is committed, and the outbox of that commit
/// carries it to everyone who waits.
/// </summary>
internal sealed class SignalKind : IEntityKind<PublishedSignal>
{
    public PublishedSignal Empty(string key) => new(key, Name: null, CorrelationId: null, JsonValues.Null);

    public PublishedSignal Read(byte[] state) =>
        JsonSerializer.Deserialize(state, SignalJson.Plain.PublishedSignal) ?? throw new JsonException("A signal snapshot is null.");

    public ValueTask<EntityDecision<PublishedSignal>> DecideAsync(
        PublishedSignal state, Envelope envelope, DateTimeOffset now, long version, CancellationToken cancellationToken)
    {
        var signal = JsonSerializer.Deserialize(envelope.Input, SignalJson.Plain.PublishedSignal) ?? throw new JsonException("An input is null.");
        if (state.Name is not null)
        {
            return ValueTask.FromResult<EntityDecision<PublishedSignal>>(new EntityDecision<PublishedSignal>.Ignored());
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(signal, SignalJson.Plain.PublishedSignal);
        var answer = ViewChanges.Bytes(JsonValues.Object(
            ("id", JsonValues.Of(signal.Id)), ("name", JsonValues.Of(signal.Name)), ("correlationId", JsonValues.Of(signal.CorrelationId)), ("publishedAt", JsonValues.Of(now))));
        return ValueTask.FromResult<EntityDecision<PublishedSignal>>(new EntityDecision<PublishedSignal>.Accepted(
            signal,
            json,
            JsonSerializer.SerializeToUtf8Bytes([signal], SignalJson.Plain.PublishedSignalArray),
            [OutboxJson.Write(new OutboxMessage.Broadcast(signal.Name!, signal.Payload, signal.CorrelationId, PublishedAt: now))],
            EntityChanges.None,
            answer));
    }
}

/// <summary>A published signal.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Name">Name of the event; null before it is published.</param>
/// <param name="CorrelationId">When given, only instances with this business identity are meant.</param>
/// <param name="Payload">What it carries.</param>
public sealed record PublishedSignal(string Id, string? Name, string? CorrelationId, JsonElement Payload);

/// <summary>How signals are written as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PublishedSignal))]
[JsonSerializable(typeof(PublishedSignal[]))]
public sealed partial class SignalJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    public static SignalJson Plain => field ??= new(PlainJson.Of(Default.Options));
}
