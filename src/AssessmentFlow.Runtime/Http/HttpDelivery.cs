using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime.Http;

/// <summary>
/// Delivers the HTTP requests of workflows. A request goes out at least once, always under the same key; what became of
/// it is applied once.
/// </summary>
internal sealed class HttpDelivery(HttpCaller caller, IEntities entities, ITurnJournal journal, IDeliveryStore store, IOptions<DeliveryOptions> options, TimeProvider time)
{
    /// <summary>Times that an answer is handed in before the request is sent anew (count).</summary>
    private const int RepliesMax = 5;

    public async Task DeliverAsync(MessageId id, OutboxMessage.CallHttp message, CancellationToken cancellationToken)
    {
        if (!await IsAwaitedAsync(message.Origin.InstanceId, message.Origin.Bookmark, cancellationToken))
        {
            return; // It was answered before, or what waited has ended: nobody needs the request any more.
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = KeepAsync(id, done.Token);
        try
        {
            var answer = await caller.SendAsync(message.Call, cancellationToken);
            await ReplyAsync(id, message.Origin, answer, cancellationToken);
        }
        finally
        {
            await done.CancelAsync();
            await keeping;
        }
    }

    private async Task<bool> IsAwaitedAsync(string instanceId, long bookmark, CancellationToken cancellationToken) =>
        await journal.LoadAsync(new EntityId(EntityKinds.Instance, instanceId), cancellationToken) is { } snapshot
        && JsonSerializer.Deserialize(snapshot.State, EngineJson.Plain.InstanceState)?.Bookmarks.ContainsKey(bookmark) is true;

    /// <summary>A request may take longer than the lease of its message: as long as this silo lives, no other sends it as well.</summary>
    private async Task KeepAsync(MessageId id, CancellationToken cancellationToken)
    {
        var lease = options.Value.Lease;
        using var timer = new PeriodicTimer(lease / 2, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await KeepOnceAsync(id, time.GetUtcNow() + lease, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Done.
        }
    }

    private async Task KeepOnceAsync(MessageId id, DateTimeOffset until, CancellationToken cancellationToken)
    {
        try
        {
            await store.KeepMessageAsync(id, until, cancellationToken);
        }
        catch (JournalUnavailableException)
        {
            // The next time: while the database is away, nobody else can take the message either.
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
}
