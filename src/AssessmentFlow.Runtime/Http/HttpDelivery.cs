using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime.Http;

/// <summary>
/// Delivers the HTTP requests of workflows. A request goes out at least once, always under the same key; what became of
/// it is applied once.
/// </summary>
internal sealed partial class HttpDelivery(
    HttpCaller caller,
    IEntities entities,
    ITurnJournal journal,
    IDeliveryStore store,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<HttpDelivery> logger)
{
    /// <summary>Times that an answer is handed in before the request is sent anew (count).</summary>
    private const int RepliesMax = 5;

    /// <exception cref="MessageTakenException">Another silo sends the request, or has sent it.</exception>
    public async Task DeliverAsync(MessageId id, OutboxMessage.CallHttp message, CancellationToken cancellationToken)
    {
        // It may have waited here for longer than its lease, and then another silo may have taken it.
        if (!await IsOwnAsync(id, cancellationToken))
        {
            throw new MessageTakenException(id);
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var sending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = KeepAsync(id, sending, done.Token);
        try
        {
            // Asked after the claim, so that an answer to whoever had it before is seen.
            if (await IsAwaitedAsync(message.Origin.InstanceId, message.Origin.Bookmark, cancellationToken))
            {
                var answer = await SendAsync(id, message.Call, sending.Token, cancellationToken);
                await ReplyAsync(id, message.Origin, answer, cancellationToken);
            }
        }
        finally
        {
            await done.CancelAsync();
            await keeping;
        }
    }

    /// <summary>Whether the request is still needed: not when it was answered before, or when what waited has ended.</summary>
    private async Task<bool> IsAwaitedAsync(string instanceId, long bookmark, CancellationToken cancellationToken) =>
        await journal.LoadAsync(new EntityId(EntityKinds.Instance, instanceId), cancellationToken) is { } snapshot
        && JsonSerializer.Deserialize(snapshot.State, EngineJson.Plain.InstanceState)?.Bookmarks.ContainsKey(bookmark) is true;

    /// <param name="id">The message.</param>
    /// <param name="call">The request.</param>
    /// <param name="sending">Ends also when another silo has taken the message.</param>
    /// <param name="stopping">Ends when the process stops.</param>
    private async Task<HttpAnswer> SendAsync(MessageId id, HttpCall call, CancellationToken sending, CancellationToken stopping)
    {
        try
        {
            return await caller.SendAsync(call, sending);
        }
        catch (Exception) when (sending.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            throw new MessageTakenException(id);
        }
    }

    /// <summary>Takes the message for the length of a lease, unless it is another silo's.</summary>
    private Task<bool> IsOwnAsync(MessageId id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return store.KeepMessageAsync(id, now, now + options.Value.Lease, cancellationToken);
    }

    /// <summary>
    /// A request may take longer than the lease of its message: as long as this silo lives, no other sends it as well. Where
    /// one has taken it even so, the sending ends; an answer that has come by then is handed in.
    /// </summary>
    private async Task KeepAsync(MessageId id, CancellationTokenSource sending, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Value.Lease / 2, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (!await KeepOnceAsync(id, cancellationToken))
                {
                    await sending.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Done.
        }
    }

    /// <returns>Whether the message is this silo's, as far as it knows.</returns>
    private async Task<bool> KeepOnceAsync(MessageId id, CancellationToken cancellationToken)
    {
        try
        {
            return await IsOwnAsync(id, cancellationToken);
        }
        catch (Exception e)
        {
            // The next time: whatever the database says now, the request is under way.
            if (!cancellationToken.IsCancellationRequested)
            {
                LogRenewalFailed(logger, e, id.ToString());
            }

            return true;
        }
    }

    /// <summary>The request was sent: a short failure on the way back must not make it be sent again.</summary>
    private async Task ReplyAsync(MessageId id, Origin origin, HttpAnswer answer, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await MessageDelivery.ReplyAsync(entities, id, origin, answer.ToJson(), refusal: null, cancellationToken);
                return;
            }
            catch (Exception) when (attempt < RepliesMax && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(options.Value.Backoff(attempt - 1), time, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "RenewalFailed", Message = "The lease of {MessageId} could not be prolonged; trying again")]
    private static partial void LogRenewalFailed(ILogger logger, Exception exception, string messageId);
}
