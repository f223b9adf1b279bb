using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Http;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime.Outbox;

/// <summary>
/// Delivers one message. Every delivery derives its input ids from the message, so delivering twice applies once;
/// that is why it may be cut off at any point and done again from the start.
/// </summary>
internal sealed class MessageDelivery(IEntities entities, IDeliveryStore store, IWorkflowCatalogue catalogue, TriggerStarts triggers, HttpDelivery http, IOptions<DeliveryOptions> options)
{
    private const int BroadcastParallelismMax = 32;

    /// <returns>Whether anybody took it; only an event can find nobody.</returns>
    /// <exception cref="MessageTakenException">Another silo delivers the message, or has delivered it.</exception>
    /// <exception cref="Exception">The message could not be delivered; it is to be tried again.</exception>
    public async Task<bool> DeliverAsync(MessageId id, OutboxMessage message, CancellationToken cancellationToken)
    {
        if (message is OutboxMessage.Broadcast broadcast)
        {
            return await IsTakenAsync(id, broadcast, cancellationToken);
        }

        await CarryOutAsync(id, message, cancellationToken);
        return true;
    }

    private Task CarryOutAsync(MessageId id, OutboxMessage message, CancellationToken cancellationToken) => message switch
    {
        OutboxMessage.Deliver deliver => DeliverAsync(id, deliver, cancellationToken),
        OutboxMessage.StartInstance start => StartAsync(id, start, cancellationToken),
        OutboxMessage.FireTrigger fire => triggers.StartAsync(
            fire.Trigger, fire.InstanceId, id.ToString(), id.Entity.ToString(), JsonValues.Null, correlationId: null, cancellationToken),
        OutboxMessage.CallHttp call => http.DeliverAsync(id, call, cancellationToken),
        _ => throw new UnreachableException($"Message {message.GetType().Name} has no rule."),
    };

    private async Task DeliverAsync(MessageId id, OutboxMessage.Deliver message, CancellationToken cancellationToken)
    {
        var answer = await HandOverAsync(id, message, cancellationToken);
        if (answer.Refusal is { Code: WorkflowEngine.InstanceUnknown } unknown)
        {
            // The end of an instance may overtake its beginning. Once nothing older is on its way, it has begun or never will.
            if (await store.HasEarlierAsync(id, cancellationToken))
            {
                throw new InvalidOperationException($"{unknown.Message} It may still be on its way to be started.");
            }

            answer = await HandOverAsync(id, message, cancellationToken);
        }

        if (message.Origin is null && answer.Refusal is { Code: WorkflowEngine.StateTooLarge } refused)
        {
            // Nobody waits who could be told: the message stays until the instance was repaired or cancelled.
            throw new InvalidOperationException(refused.Message);
        }

        if (message.Origin is { } origin && (answer.Refusal is not null || !message.AnswersLater))
        {
            await ReplyAsync(id, origin, JsonValues.EmptyObject, answer.Refusal, cancellationToken);
        }
    }

    private Task<TurnAnswer> HandOverAsync(MessageId id, OutboxMessage.Deliver message, CancellationToken cancellationToken) => entities.HandleAsync(
        EntityId.Parse(message.To),
        new Envelope
        {
            InputId = id.ToString(),
            Input = JsonSerializer.SerializeToUtf8Bytes(message.Input, JsonElementTypeInfo),
            Actor = id.Entity.ToString(),
            OriginInstance = message.Origin?.InstanceId,
            OriginBookmark = message.Origin?.Bookmark ?? 0,
        },
        cancellationToken);

    /// <summary>
    /// Hands an event to all who wait for it and starts what it triggers. Whoever cannot take it keeps it from nobody else, and may
    /// keep it in the outbox for long: it does not reach who comes to wait when it is no longer offered.
    /// </summary>
    /// <returns>Whether anybody took it, now or at an earlier attempt.</returns>
    private async Task<bool> IsTakenAsync(MessageId id, OutboxMessage.Broadcast message, CancellationToken cancellationToken)
    {
        var offeredUntil = message.PublishedAt + options.Value.EventsKeptFor;
        var signal = JsonSerializer.SerializeToUtf8Bytes<InstanceInput>(
            new InstanceInput.Signal(message.Name, message.Payload, message.CorrelationId, BegunBy: offeredUntil), EngineJson.Plain.InstanceInput);
        var waiting = message.InstanceId is { } only
            ? [new EntityId(EntityKinds.Instance, only)]
            : await store.FindWaitingAsync(message.Name, message.CorrelationId, cancellationToken);
        var fired = message.InstanceId is null ? await triggers.FindAsync(StartTrigger.EventKind, message.Name, offeredUntil, cancellationToken) : [];
        var taken = fired.Count;
        var failures = new ConcurrentQueue<(string Receiver, Exception Cause)>();
        await ForEachAsync(waiting, failures, async (entity, token) =>
        {
            var answer = await entities.HandleAsync(entity, new Envelope { InputId = id.ToReceiver(entity.Key), Input = signal, Actor = id.Entity.ToString() }, token);
            if (answer.Outcome is TurnOutcome.Accepted or TurnOutcome.Repeated)
            {
                Interlocked.Increment(ref taken);
            }
        }, cancellationToken);
        await ForEachAsync(fired, failures, async (trigger, token) =>
        {
            var instanceId = InstanceIds.From($"trigger/{id}/{trigger.DefinitionId}/{trigger.NodeId}");
            await triggers.StartAsync(trigger, instanceId, id.ToReceiver(instanceId), id.Entity.ToString(), message.Payload, message.CorrelationId, token);
        }, cancellationToken);
        ThrowIfAny(failures, of: waiting.Count + fired.Count);

        // Whoever took it before may wait no longer: a process that died then did not get to forget the message.
        return taken > 0 || await store.WasTakenAsync(id, cancellationToken);
    }

    /// <summary>Does something for each receiver, whatever becomes of the others.</summary>
    private static Task ForEachAsync<T>(
        IReadOnlyList<T> receivers, ConcurrentQueue<(string Receiver, Exception Cause)> failures, Func<T, CancellationToken, Task> act, CancellationToken cancellationToken)
        where T : notnull => Parallel.ForEachAsync(
        receivers,
        new ParallelOptions { MaxDegreeOfParallelism = BroadcastParallelismMax, TaskScheduler = TaskScheduler.Current, CancellationToken = cancellationToken },
        async (receiver, token) =>
        {
            try
            {
                await act(receiver, token);
            }
            catch (Exception e) when (!token.IsCancellationRequested)
            {
                failures.Enqueue((receiver.ToString()!, e));
            }
        });

    /// <exception cref="Exception">What is soon over, when that is among it: then all is tried again soon.</exception>
    private static void ThrowIfAny(ConcurrentQueue<(string Receiver, Exception Cause)> failures, int of)
    {
        if (!failures.IsEmpty)
        {
            var (receiver, cause) = failures.FirstOrDefault(static failure => DeliveryOptions.IsSoonOver(failure.Cause), failures.First());
            if (DeliveryOptions.IsSoonOver(cause))
            {
                ExceptionDispatchInfo.Throw(cause);
            }

            throw new InvalidOperationException($"{failures.Count} of {of} could not take the event, among them {receiver}: {cause.Message}", cause);
        }
    }

    private async Task StartAsync(MessageId id, OutboxMessage.StartInstance message, CancellationToken cancellationToken)
    {
        if (await catalogue.FindPublishedAsync(message.DefinitionId, cancellationToken) is not { } version)
        {
            var refusal = new Refusal(RefusalKind.NotFound, "definition-unknown", $"There is no published version of workflow '{message.DefinitionId}'.");
            if (message.Origin is null)
            {
                // Nobody waits who could be told: the message stays until the workflow is published.
                throw new InvalidOperationException(refusal.Message);
            }

            await ReplyAsync(id, message.Origin, Started(message), refusal, cancellationToken);
            return;
        }

        var start = new InstanceInput.Start(
            message.DefinitionId,
            version.Version,
            version.Hash,
            message.Input,
            message.CorrelationId,
            Name: null,
            message.Origin is { } parent ? ParentLink.Of(parent.InstanceId, parent.Bookmark, message.WaitsFor) : null);
        var answer = await entities.HandleAsync(
            new EntityId(EntityKinds.Instance, message.InstanceId),
            new Envelope
            {
                InputId = id.ToString(),
                Input = JsonSerializer.SerializeToUtf8Bytes<InstanceInput>(start, EngineJson.Plain.InstanceInput),
                Actor = id.Entity.ToString(),
                BeginsEntity = true,
            },
            cancellationToken);
        if (message.Origin is null && answer.Refusal is { Code: not WorkflowEngine.InstanceExists } refused)
        {
            // Nobody waits who could be told: the message stays until the instance in the way has ended, or the workflow was mended.
            throw new InvalidOperationException(refused.Message);
        }

        if (message.Origin is { } origin && (answer.Refusal is not null || message.WaitsFor is ChildMoment.Beginning))
        {
            await ReplyAsync(id, origin, Started(message), answer.Refusal, cancellationToken);
        }
    }

    private static JsonElement Started(OutboxMessage.StartInstance message) =>
        JsonValues.Object((InstanceInput.Reply.StartedInstance, JsonValues.Of(message.InstanceId)));

    private Task ReplyAsync(MessageId id, Origin origin, JsonElement payload, Refusal? refusal, CancellationToken cancellationToken) =>
        ReplyAsync(entities, id, origin, payload, refusal, cancellationToken);

    /// <summary>
    /// Hands an answer to the activity that waits for it. Where a faulted instance has no room for the answer, it gets that
    /// as a refusal instead: what was asked must not be asked again and again until somebody repairs the instance.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is not even room for that: the message stays.</exception>
    internal static async Task ReplyAsync(IEntities entities, MessageId id, Origin origin, JsonElement payload, Refusal? refusal, CancellationToken cancellationToken)
    {
        if (await TooLargeAsync(payload, refusal) is { } tooLarge && await TooLargeAsync(JsonValues.EmptyObject, refusal ?? tooLarge) is not null)
        {
            throw new InvalidOperationException(tooLarge.Message);
        }

        async Task<Refusal?> TooLargeAsync(JsonElement carried, Refusal? why) =>
            (await entities.HandleAsync(new EntityId(EntityKinds.Instance, origin.InstanceId), Reply(id, origin, carried, why), cancellationToken)).Refusal
                is { Code: WorkflowEngine.StateTooLarge } found ? found : null;
    }

    /// <summary>What a message brings back to the activity that waits for it: the same however often it is delivered.</summary>
    internal static Envelope Reply(MessageId id, Origin origin, JsonElement payload, Refusal? refusal) => new()
    {
        InputId = $"{id}/reply",
        Input = JsonSerializer.SerializeToUtf8Bytes<InstanceInput>(new InstanceInput.Reply(origin.Bookmark, payload, refusal), EngineJson.Plain.InstanceInput),
        Actor = id.Entity.ToString(),
    };

    private static System.Text.Json.Serialization.Metadata.JsonTypeInfo<JsonElement> JsonElementTypeInfo =>
        (System.Text.Json.Serialization.Metadata.JsonTypeInfo<JsonElement>)EngineJson.Plain.GetTypeInfo(typeof(JsonElement))!;
}

/// <summary>A message is no longer this silo's: nothing is to become of it here.</summary>
internal sealed class MessageTakenException(MessageId message) : Exception($"{message} was taken by another process while it waited or was under way here, or is delivered.");
