using System.Text.Json;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;

namespace AssessmentFlow.UnitTests.Interface;

/// <summary>Whatever the server maps is in its OpenAPI document.</summary>
public sealed class RouteDescriptionTests
{
    [Fact]
    public async Task Every_route_of_the_interface_is_in_the_document_and_nothing_else()
    {
        var token = TestContext.Current.CancellationToken;
        await using var app = Map();
        await app.StartAsync(token);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        using var http = new HttpClient();
        using var document = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{address}/openapi/v1.json"), token));

        var described = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name.TrimEnd('/')}"));
        var mapped = ((IEndpointRouteBuilder)app).DataSources
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {Plain(endpoint.RoutePattern.RawText!)}"));

        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    /// <summary>The routes over services that nobody asks: only what is mapped matters here.</summary>
    private static WebApplication Map()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddApi();
        foreach (var service in new[]
        {
            typeof(IGrainFactory), typeof(IEntities), typeof(ITurnJournal), typeof(IJournalQueries), typeof(IReferenceData),
            typeof(IWorkflowCatalogue), typeof(WorkflowCatalogue), typeof(IDefinitionContents),
        })
        {
            builder.Services.AddSingleton(service, _ => throw new InvalidOperationException($"{service.Name} was asked for."));
        }

        var app = builder.Build();
        app.MapOpenApi();
        app.MapApi();
        return app;
    }

    /// <summary>A route without the constraints of its parameters.</summary>
    private static string Plain(string route) =>
        string.Join('/', route.TrimEnd('/').Split('/').Select(part => part.StartsWith('{') && part.Contains(':', StringComparison.Ordinal) ? part[..part.IndexOf(':', StringComparison.Ordinal)] + "}" : part));
}
