using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.ElsaApi;
using AssessmentFlow.Server.Studio;
using AssessmentFlow.UnitTests.Deployment;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>docs/roles.md says of every route that Studio calls who may use it.</summary>
public sealed class StudioRouteTests
{
    /// <summary>Routes that everybody is answered the same by.</summary>
    private static readonly string[] Open =
    [
        "POST /elsa/api/identity/login", "DELETE /elsa/api/workflow-instances/{id}", "POST /elsa/api/bulk-actions/delete/workflow-instances/by-id",
        "POST /elsa/api/bulk-actions/import/workflow-instances",
    ];

    [Fact]
    public void Every_route_lies_below_a_line_of_the_table_and_every_line_is_a_route()
    {
        var routes = Routes().Except(Open, StringComparer.Ordinal).ToArray();
        var lines = RepositoryFiles.Read("docs/roles.md").Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal) && line.Contains(" /elsa/", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1].Split('?')[0])
            .ToArray();

        Assert.DoesNotContain(routes, route => !Array.Exists(lines, line => IsBelow(route, line)));
        Assert.DoesNotContain(lines, line => !Array.Exists(routes, route => IsBelow(route, line)));
    }

    /// <summary>Whether the parts of a route begin with those of a line; what the route leaves open, the line may name.</summary>
    private static bool IsBelow(string route, string line)
    {
        var parts = route.Split('/');
        var wanted = line.Split('/');
        return wanted.Length <= parts.Length && wanted.Zip(parts).All(pair => pair.First == pair.Second || pair.Second.StartsWith('{'));
    }

    private static IEnumerable<string> Routes()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddElsaApi();
        builder.Services.AddSingleton(TimeProvider.System);
        foreach (var service in new[]
        {
            typeof(IGrainFactory), typeof(IEntities), typeof(ITurnJournal), typeof(IJournalQueries), typeof(IReferenceData), typeof(IDefinitionContents),
            typeof(WorkflowCatalogue), typeof(ActivityCatalog), typeof(ApiClients), typeof(StudioPackage),
        })
        {
            builder.Services.AddSingleton(service, _ => throw new InvalidOperationException($"{service.Name} was asked for."));
        }

        var app = builder.Build();
        app.MapElsaApi();
        return ((IEndpointRouteBuilder)app).DataSources
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith(ElsaApiModule.ApiBase + "/", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText}"));
    }
}
