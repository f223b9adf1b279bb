using System.Text.Json.Nodes;
using AssessmentFlow.Server.Api;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Looking at instances: where they stand, what happened, what went in and came out.</summary>
internal static class InstanceReading
{
    private const int LinesMax = 1_000;

    public static void MapInstanceReading(this RouteGroupBuilder api)
    {
        api.MapPost("/workflow-instances", InstanceList.ListAsync);
        api.MapGet("/workflow-instances/{id}", static (HttpContext http, string id, WatchedInstances instances) => ShowAsync(http, id, instances, shapes => shapes.Instance()));
        api.MapGet("/workflow-instances/{id}/execution-state", static (HttpContext http, string id, WatchedInstances instances) => ShowAsync(http, id, instances, shapes => shapes.ExecutionState()));
        api.MapGet("/workflow-instances/{id}/variables", static (HttpContext http, string id, WatchedInstances instances) => ShowAsync(http, id, instances, shapes => shapes.Variables()));
        api.MapPost("/workflow-instances/{id}/journal", JournalAsync);
        api.MapPost("/activity-executions/report", ReportAsync);
        api.MapGet("/activity-executions/list", static (HttpContext http, string workflowInstanceId, string? activityNodeId, WatchedInstances instances) => ListAsync(http, workflowInstanceId, activityNodeId, instances, isWhole: true));
        api.MapGet("/activity-execution-summaries/list", static (HttpContext http, string workflowInstanceId, string? activityNodeId, WatchedInstances instances) => ListAsync(http, workflowInstanceId, activityNodeId, instances, isWhole: false));
        api.MapGet("/activity-executions/by-id", GetExecutionAsync);
        api.MapGet("/activity-executions/{id}/call-stack", CallStackAsync);
    }

    private static async Task<IResult> ShowAsync(HttpContext http, string id, WatchedInstances instances, Func<InstanceShapes, JsonObject> show)
    {
        var (_, shapes) = await FindAsync(http, id, instances);
        return ElsaJson.Of(show(shapes));
    }

    private static async Task<IResult> JournalAsync(HttpContext http, string id, int? skip, int? take, WatchedInstances instances)
    {
        var (instance, shapes) = await FindAsync(http, id, instances);
        var filter = (await ElsaJson.ReadAsync(http))["filter"] as JsonObject ?? [];
        var excluded = filter.Texts("excludedActivityTypes");
        var lines = instance.History.Lines.Where(line =>
            IsAmong(filter, "activityIds", line.Run.Node.Id)
            && IsAmong(filter, "activityNodeIds", line.Run.Node.NodeId)
            && IsAmong(filter, "eventNames", line.Name)
            && !excluded.Contains(line.Run.Node.Activity.Descriptor.TypeName)).ToArray();
        return ElsaJson.Of(new JsonObject
        {
            ["items"] = new JsonArray([.. lines.Skip(Math.Max(0, skip ?? 0)).Take(Math.Clamp(take ?? LinesMax, 0, LinesMax)).Select(shapes.Line)]),
            ["totalCount"] = lines.Length,
        });
    }

    private static async Task<IResult> ReportAsync(HttpContext http, WatchedInstances instances)
    {
        var body = await ElsaJson.ReadAsync(http);
        var (_, shapes) = await FindAsync(http, body.Text("workflowInstanceId") ?? "", instances);
        return ElsaJson.Of(new JsonObject { ["stats"] = new JsonArray([.. body.Texts("activityNodeIds").Select(shapes.Stats)]) });
    }

    private static async Task<IResult> ListAsync(HttpContext http, string instanceId, string? nodeId, WatchedInstances instances, bool isWhole)
    {
        var (instance, shapes) = await FindAsync(http, instanceId, instances);
        return ElsaJson.Of(ElsaJson.List(instance.History.Runs.Values
            .Where(run => nodeId is null || run.Node.NodeId == nodeId)
            .Select(run => shapes.Execution(run, isWhole))));
    }

    private static async Task<IResult> GetExecutionAsync(HttpContext http, string id, WatchedInstances instances)
    {
        var (_, run, shapes) = await FindRunAsync(http, id, instances);
        return ElsaJson.Of(shapes.Execution(run, isWhole: true));
    }

    private static async Task<IResult> CallStackAsync(HttpContext http, string id, WatchedInstances instances)
    {
        var (_, run, shapes) = await FindRunAsync(http, id, instances);
        var items = new JsonArray([.. shapes.CallStack(run).Select(each => shapes.Execution(each, isWhole: true))]);
        return ElsaJson.Of(new JsonObject { ["activityExecutionId"] = id, ["items"] = items, ["totalCount"] = items.Count });
    }

    private static async Task<(WatchedInstance Instance, ActivityRun Run, InstanceShapes Shapes)> FindRunAsync(HttpContext http, string id, WatchedInstances instances)
    {
        var (instanceId, execution) = ExecutionId.TryParse(id) ?? throw RequestProblemException.NotFound("such run");
        var (instance, shapes) = await FindAsync(http, instanceId, instances);
        return (instance, instance.History.Runs.GetValueOrDefault(execution) ?? throw RequestProblemException.NotFound("such run"), shapes);
    }

    private static async Task<(WatchedInstance Instance, InstanceShapes Shapes)> FindAsync(HttpContext http, string id, WatchedInstances instances)
    {
        var actor = http.Caller().Actor;
        InstanceEndpoints.NeedWatcher(actor);
        var instance = await instances.FindAsync(id, http.RequestAborted) ?? throw RequestProblemException.NotFound($"instance '{id}'");
        return (instance, new InstanceShapes(instance, CaseAccess.HandlesCases(actor)));
    }

    /// <summary>Whether a list of the filter names something; a list that is not there names everything.</summary>
    private static bool IsAmong(JsonObject filter, string list, string value) => filter[list] is not JsonArray || filter.Texts(list).Contains(value);
}
