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

    public override Task OnConnectedAsync()
    {
        var actor = Context.GetHttpContext()?.Caller().Actor ?? throw new HubException("Nobody is signed in.");
        InstanceEndpoints.NeedWatcher(actor);
        return base.OnConnectedAsync();
    }

    /// <summary>Begins to tell the caller about an instance.</summary>
    public async Task ObserveInstanceAsync(string instanceId)
    {
        await Groups.AddToGroupAsync(Context.ConnectionId, instanceId);
        observers.Add(instanceId, Context.ConnectionId);
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
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> _byConnection = new(StringComparer.Ordinal);

    /// <summary>Instances that somebody looks at.</summary>
    public IReadOnlyCollection<string> Instances => [.. _byConnection.Values.SelectMany(instances => instances.Keys).Distinct(StringComparer.Ordinal)];

    public void Add(string instanceId, string connectionId) => _byConnection.GetOrAdd(connectionId, static _ => new(StringComparer.Ordinal))[instanceId] = true;

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
                catch (JournalUnavailableException e)
                {
                    LogNotLooked(logger, e, id); // The next look comes soon.
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
        var group = hub.Clients.Group(id);
        await group.SendAsync("ActivityExecutionLogUpdatedAsync", new JsonObject { ["stats"] = new JsonArray() }, cancellationToken);
        await group.SendAsync("WorkflowExecutionLogUpdatedAsync", new JsonObject(), cancellationToken);
        await group.SendAsync("WorkflowInstanceUpdatedAsync", new JsonObject { ["workflowInstanceId"] = id }, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Debug, EventName = "InstanceNotLookedAt", Message = "{InstanceId}: observers could not be told; the database cannot be reached")]
    private static partial void LogNotLooked(ILogger logger, Exception exception, string instanceId);
}
