using System.Collections.Immutable;
using AssessmentFlow.Engine.Activities;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>The HTTP requests that start a workflow.</summary>
public static class StartRoutes
{
    /// <summary>Requests that start instances of a definition once it is published, in the order of the document.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="now">When it is published; expressions see this time.</param>
    public static ImmutableArray<StartRoute> Of(WorkflowDefinition definition, DateTimeOffset now) =>
    [
        .. from each in StartTriggers.WithNodes(definition, now, out _)
           where each.Trigger.Kind is StartTrigger.HttpKind
           let route = HttpRoutes.RouteOf(each.Trigger.Key!)
           select new StartRoute(route.Method, route.Path, each.Node.ValuePathOf(HttpEndpoint.Path), each.Node.Label),
    ];
}

/// <summary>An HTTP request that starts a workflow.</summary>
/// <param name="Method">Method, in capital letters.</param>
/// <param name="Path">Path below the base path of workflows, in small letters.</param>
/// <param name="At">JSON path of what the author wrote for the path.</param>
/// <param name="Activity">Name or id of the endpoint.</param>
public sealed record StartRoute(string Method, string Path, string At, string Activity)
{
    /// <summary>The keys under which triggers take this request: of all that need a key of the interface or none, one at most may be in force.</summary>
    public ImmutableArray<string> Keys => [HttpRoutes.KeyOf(Method, Path, isAuthorized: false), HttpRoutes.KeyOf(Method, Path, isAuthorized: true)];
}
