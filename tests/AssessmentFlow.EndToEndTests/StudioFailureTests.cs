using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Microsoft.Playwright;
using IRequest = Microsoft.Playwright.IRequest;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What failed is repeated, by our page or by Studio: the repeat of a request that was done must do nothing more.</summary>
[Collection(StudioBrowser.OneAtATime)]
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

    [Fact]
    public async Task A_save_that_is_repeated_late_does_not_undo_what_was_drawn_since()
    {
        Assert.SkipWhen(StudioBrowser.Missing is not null, StudioBrowser.Missing ?? "");
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        await studio.OpenAsync("/studio/workflows/definitions");
        var id = await studio.CreateAsync("Synthetic late repeat");
        await studio.Page.DropAsync("Console", "Write Line", 80, 80);
        await Eventually.HoldsAsync("the activity is saved", async () => TextsOf(await api.OpenAsync(id)).Contains("WriteLine1", StringComparison.Ordinal), Token);
        var sent = new ConcurrentQueue<string>();
        var wasNewerDrawn = new TaskCompletionSource();
        await studio.Page.RouteAsync("**/elsa/api/workflow-definitions", async route =>
        {
            var text = route.Request.PostData!.Contains("newer", StringComparison.Ordinal) ? "newer" : "older";
            var isFirst = sent.IsEmpty;
            sent.Enqueue(text);
            if (isFirst)
            {
                await wasNewerDrawn.Task;
                await route.FulfillAsync(new RouteFulfillOptions { Status = 500, Body = "Synthetic failure." });
                return;
            }

            await route.ContinueAsync();
        });

        await studio.Page.FillAsync("WriteLine1", "Text", "older");
        await Eventually.HoldsAsync("the older text is on its way", () => Task.FromResult(!sent.IsEmpty), Token);
        await studio.Page.FillAsync("WriteLine1", "Text", "newer");
        wasNewerDrawn.SetResult();

        await Eventually.HoldsAsync("both were sent", () => Task.FromResult(sent.Count(text => text is "older") > 1 && sent.Contains("newer")), Token);
        await Eventually.HoldsAsync("what was drawn last is saved", async () => TextsOf(await api.OpenAsync(id)).Contains("newer", StringComparison.Ordinal), Token);
        await studio.OpenAsync("/studio/workflows/definitions"); // Whatever would still be sent is sent by now.
        Assert.Contains("newer", TextsOf(await api.OpenAsync(id)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_may_not_delete_from_a_list_is_told_why()
    {
        Assert.SkipWhen(StudioBrowser.Missing is not null, StudioBrowser.Missing ?? "");
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        await studio.OpenAsync("/studio/workflows/definitions");
        var row = studio.Page.Row("visit-lifecycle");
        await row.WaitForAsync();

        await studio.Page.ChooseAsync(row, "Delete");
        await studio.Page.ConfirmAsync();

        await Assertions.Expect(studio.Page.Locator("#refusals-texts")).ToContainTextAsync("'visit-lifecycle' is kept");
        await studio.ShootAsync("refused");
        await studio.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Close" }).ClickAsync();
        await Assertions.Expect(row).ToBeVisibleAsync();
        await Assertions.Expect(studio.Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
    }

    /// <summary>Answers the first request of each kind with 500.</summary>
    private static async Task<ConcurrentDictionary<string, bool>> FailOnceAsync(IPage page, bool hasActed)
    {
        var failed = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await page.RouteAsync("**/elsa/api/**", async route =>
        {
            var kind = KindOf(route.Request);
            if (!failed.TryAdd(kind, value: true))
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

    private static string TextsOf(JsonNode definition) => definition["root"]!.ToJsonString();

    private static async Task<int> CountAsync(StudioClient api, string path) => (int)(await api.GetAsync(path))["totalCount"]!;
}
