using System.Text.Json.Nodes;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Parts of a graph: Studio asks where an activity lies that is not in the container that it shows.</summary>
internal static class Subgraphs
{
    private const string WorkflowNodeId = "Workflow1";

    public static void MapSubgraphs(this RouteGroupBuilder api)
    {
        api.MapGet("/workflow-definitions/subgraph/{versionId}", GetAsync);
        api.MapGet("/workflow-definitions/subgraph/segments/{versionId}", GetSegmentsAsync);
    }

    private static async Task<IResult> GetAsync(HttpContext http, string versionId, string? parentNodeId, DefinitionAnswers answers)
    {
        var workflow = await FindAsync(http, versionId, answers);
        var node = string.IsNullOrEmpty(parentNodeId)
            ? ("", workflow)
            : Below("", workflow).FirstOrDefault(each => each.Activity.Text("nodeId") == parentNodeId);
        return node.Item2 is null ? TypedResults.NotFound() : ElsaJson.Of(Node(node.Item1, node.Item2, withChildren: true));
    }

    private static async Task<IResult> GetSegmentsAsync(HttpContext http, string versionId, string childNodeId, DefinitionAnswers answers)
    {
        var workflow = await FindAsync(http, versionId, answers);
        var path = Below("", workflow).Where(each => IsAtOrAround(each.Activity.Text("nodeId")!, childNodeId)).ToArray();
        if (path.Length is 0 || path[^1].Activity.Text("nodeId") != childNodeId)
        {
            return TypedResults.NotFound();
        }

        // The workflow and its root are where Studio begins; segments lead from there to the container of the activity.
        var container = path.Length > 1 ? path[^2] : path[^1];
        return ElsaJson.Of(new JsonObject
        {
            ["childNode"] = Node(path[^1].Port, path[^1].Activity, withChildren: false),
            ["container"] = Node(container.Port, container.Activity, withChildren: false),
            ["pathSegments"] = new JsonArray([.. path.Skip(2).SkipLast(1).Select(Segment)]),
        });
    }

    /// <summary>The invisible root with the graph of the version.</summary>
    private static async Task<JsonObject> FindAsync(HttpContext http, string versionId, DefinitionAnswers answers)
    {
        var definition = await answers.FindAsync(versionId, http.Caller().Actor) ?? throw RequestProblemException.NotFound("such version");
        return new JsonObject
        {
            ["id"] = WorkflowNodeId,
            ["nodeId"] = WorkflowNodeId,
            ["name"] = null,
            ["type"] = "Elsa.Workflow",
            ["version"] = 1,
            ["customProperties"] = new JsonObject(),
            ["metadata"] = new JsonObject(),
            ["root"] = definition["root"]!.DeepClone(),
        };
    }

    private static IEnumerable<(string Port, JsonObject Activity)> Below(string port, JsonObject activity) =>
        new[] { (port, activity) }.Concat(StudioDocument.Children(activity).SelectMany(child => Below(child.Port, child.Activity)));

    private static bool IsAtOrAround(string nodeId, string childNodeId) =>
        childNodeId == nodeId || childNodeId.StartsWith(nodeId + ":", StringComparison.Ordinal);

    private static JsonObject Node(string port, JsonObject activity, bool withChildren) => new()
    {
        ["nodeId"] = activity.Text("nodeId"),
        ["port"] = Capital(port),
        ["activity"] = activity.DeepClone(),
        ["children"] = new JsonArray(withChildren ? [.. StudioDocument.Children(activity).Select(child => Node(child.Port, child.Activity, withChildren: true))] : []),
    };

    private static JsonNode Segment((string Port, JsonObject Activity) part) => new JsonObject
    {
        ["activityNodeId"] = part.Activity.Text("nodeId"),
        ["activityId"] = part.Activity.Text("id"),
        ["activityType"] = part.Activity.Text("type"),
        ["portName"] = Capital(part.Port),
        ["activityName"] = part.Activity.Text("name"),
    };

    private static string Capital(string name) => name.Length is 0 ? name : char.ToUpperInvariant(name[0]) + name[1..];
}
