using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Api;
using AssessmentFlow.Server.Auth;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Where Studio learns that an instance it shows has moved on. The names are Elsa's.</summary>
internal sealed class LiveInstances(InstanceObservers observers) : Hub
{
    /// <summary>Path of the hub: Studio puts it in the place of the last part of the path of the interface.</summary>
    public const string Path = ElsaApiModule.Base + "/hubs/workflow-instance";

    /// <summary>Longest identity that is looked for (characters).</summary>
    private const int InstanceIdLengthMax = 200;

    public override Task OnConnectedAsync()
    {
        var actor = Context.GetHttpContext()?.Caller().Actor ?? throw new HubException("Nobody is signed in.");
        InstanceEndpoints.NeedWatcher(actor);
        return base.OnConnectedAsync();
    }

    /// <summary>Begins to tell the caller about an instance, with how it stands now: it may have moved since its page was loaded.</summary>
    /// <exception cref="HubException">There can be no such instance, or the caller watches too many.</exception>
    public async Task ObserveInstanceAsync(string instanceId)
    {
        if (instanceId is not { Length: > 0 and <= InstanceIdLengthMax } || instanceId.Any(char.IsControl))
        {
            throw new HubException("There is no such instance.");
        }

        if (!observers.TryAdd(instanceId, Context.ConnectionId))
        {
            throw new HubException($"A connection watches {InstanceObservers.InstancesMax} instances at most.");
        }

        await Groups.AddToGroupAsync(Context.ConnectionId, instanceId);
        await InstanceNews.TellAsync(Clients.Caller, instanceId, Context.ConnectionAborted);
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        observers.Remove(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }
}

/// <summary>The route of the hub.</summary>
internal static class LiveInstancesRoute
{
    private const string ConnectionToken = "id";

    /// <summary>
    /// Studio asks for a connection and then opens a WebSocket that names it, which without affinity reaches another process
    /// that knows no such connection. A WebSocket carries who is signed in by itself, so each is taken as a new connection;
    /// the one that was asked for is given up by its process after a while. Other transports would need affinity.
    /// </summary>
    public static void MapLiveInstances(this IEndpointRouteBuilder app) => app
        .MapHub<LiveInstances>(LiveInstances.Path, static options => options.Transports = HttpTransportType.WebSockets)
        .DisableRateLimiting()
        .Add(static endpoint =>
        {
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http =>
            {
                if (http.Request.Query.ContainsKey(ConnectionToken))
                {
                    http.Request.QueryString = QueryString.Create(http.Request.Query.Where(static pair => pair.Key is not ConnectionToken));
                }

                return next(http);
            };
        });
}

/// <summary>Who looks at which instance, from this process.</summary>
internal sealed class InstanceObservers
{
    /// <summary>Instances that one connection may watch (count). A page of Studio watches one.</summary>
    public const int InstancesMax = 32;

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> _byConnection = new(StringComparer.Ordinal);

    /// <summary>Instances that somebody looks at.</summary>
    public IReadOnlyCollection<string> Instances => [.. _byConnection.Values.SelectMany(instances => instances.Keys).Distinct(StringComparer.Ordinal)];

    /// <returns>Whether the connection watches no more than it may. Messages of one connection come one after the other.</returns>
    public bool TryAdd(string instanceId, string connectionId)
    {
        var watched = _byConnection.GetOrAdd(connectionId, static _ => new(StringComparer.Ordinal));
        return watched.ContainsKey(instanceId) || (watched.Count < InstancesMax && watched.TryAdd(instanceId, true));
    }

    public void Remove(string connectionId) => _byConnection.TryRemove(connectionId, out _);
}

/// <summary>
/// Tells observers that an instance has moved on. It looks at what is committed, so it does not matter which process runs
/// the instance; instances that nobody looks at are not asked for.
/// </summary>
internal sealed partial class InstanceNews(
    InstanceObservers observers, ITurnJournal journal, IHubContext<LiveInstances> hub, TimeProvider time, ILogger<InstanceNews> logger) : BackgroundService
{
    /// <summary>Time between two looks: short enough to seem immediate, and one small read per instance that is looked at.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var instances = observers.Instances;
            foreach (var forgotten in _told.Keys.Except(instances).ToArray())
            {
                _told.Remove(forgotten);
            }

            foreach (var id in instances)
            {
                try
                {
                    await LookAsync(id, stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogNotLooked(logger, e, id); // The next look comes soon, and no single instance may end the looking.
                }
            }
        }
    }

    private async Task LookAsync(string id, CancellationToken cancellationToken)
    {
        if (await journal.LoadAsync(new EntityId(EntityKinds.Instance, id), cancellationToken) is not { } snapshot
            || (_told.TryGetValue(id, out var told) && told == snapshot.Version))
        {
            return;
        }

        _told[id] = snapshot.Version;
        await TellAsync(hub.Clients.Group(id), id, cancellationToken);
    }

    /// <summary>Says that an instance has moved: Studio then reads it again.</summary>
    public static async Task TellAsync(IClientProxy observers, string id, CancellationToken cancellationToken)
    {
        await observers.SendAsync("ActivityExecutionLogUpdatedAsync", new JsonObject { ["stats"] = new JsonArray() }, cancellationToken);
        await observers.SendAsync("WorkflowExecutionLogUpdatedAsync", new JsonObject(), cancellationToken);
        await observers.SendAsync("WorkflowInstanceUpdatedAsync", new JsonObject { ["workflowInstanceId"] = id }, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Debug, EventName = "InstanceNotLookedAt", Message = "{InstanceId}: observers could not be told")]
    private static partial void LogNotLooked(ILogger logger, Exception exception, string instanceId);
}
