using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Studio repeats what failed without saying so: the repeat of a request that was done must do nothing more.</summary>
public sealed class StudioFailureTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("before", false)]
    [InlineData("after", true)]
    public async Task With_each_request_failing_once_nothing_is_written_twice_and_nothing_is_lost(string when, bool hasActed)
    {
        Assert.SkipWhen(StudioBrowser.Missing is not null, StudioBrowser.Missing ?? "");
        var name = $"Synthetic failure {when} the act";
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var failed = await FailOnceAsync(studio.Page, hasActed);
        await studio.OpenAsync("/studio/workflows/definitions");

        var id = await studio.DrawAsync(name);
        await Eventually.HoldsAsync("the drawing is saved by itself", async () => StudioHands.IsDrawn(await api.OpenAsync(id)), Token);
        await studio.PublishAsync("Synthetic note.");
        await Eventually.HoldsAsync("the version is published", async () => (bool)(await api.OpenAsync(id))["isPublished"]!, Token);
        await studio.Page.RunAsync();
        await studio.Page.Detail("Sub status", "Suspended").WaitForAsync();

        Assert.Superset(new HashSet<string> { "create", "save", "publish" }, failed.Keys.ToHashSet());
        Assert.Equal(1, await CountAsync(api, $"/workflow-definitions?versionOptions=Latest&Page=0&PageSize=10&SearchTerm={Uri.EscapeDataString(name)}"));
        Assert.Equal(1, await CountAsync(api, $"/workflow-definitions?versionOptions=AllVersions&Page=0&PageSize=10&DefinitionIds={id}"));
        var instances = await api.SendAsync("POST", "/workflow-instances", new JsonObject { ["page"] = 0, ["pageSize"] = 10, ["definitionId"] = id });
        Assert.Equal(1, (int)instances.Json["totalCount"]!);
    }

    /// <summary>Answers the first request of each kind with 500. Running a workflow is the one that Studio does not repeat.</summary>
    private static async Task<ConcurrentDictionary<string, bool>> FailOnceAsync(IPage page, bool hasActed)
    {
        var failed = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await page.RouteAsync("**/elsa/api/**", async route =>
        {
            var kind = KindOf(route.Request);
            if (kind.EndsWith("/execute", StringComparison.Ordinal) || !failed.TryAdd(kind, value: true))
            {
                await route.ContinueAsync();
                return;
            }

            if (hasActed)
            {
                await route.FetchAsync();
            }

            await route.FulfillAsync(new RouteFulfillOptions { Status = 500, Body = "Synthetic failure." });
        });
        return failed;
    }

    private static string KindOf(IRequest request)
    {
        var path = new Uri(request.Url).AbsolutePath[StudioClient.Api.Length..];
        if (request.Method is not "POST" || path is not "/workflow-definitions")
        {
            return $"{request.Method} {string.Join('/', path.Split('/').Select(part => part.Any(char.IsAsciiDigit) ? "{id}" : part))}";
        }

        var body = JsonNode.Parse(request.PostData!)!;
        return (bool?)body["publish"] is true ? "publish" : string.IsNullOrEmpty((string?)body["model"]!["definitionId"]) ? "create" : "save";
    }

    private static async Task<int> CountAsync(StudioClient api, string path) => (int)(await api.GetAsync(path))["totalCount"]!;
}
