using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What failed is repeated, by our page or by Studio: the repeat of a request that was done must do nothing more.</summary>
[Collection(StudioBrowser.OneAtATime)]
public sealed class StudioFailureTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    /// <summary>What designing, publishing, running and managing need, by the ledger of what Studio calls.</summary>
    private static readonly string[] Managing =
    [
        "GET /descriptors/activities", "GET /descriptors/expression-descriptors", "GET /descriptors/workflow-activation-strategies",
        "GET /descriptors/incident-strategies", "GET /descriptors/log-persistence-strategies", "GET /descriptors/commit-strategies/workflows",
        "GET /descriptors/variables", "GET /descriptors/storage-drivers", "GET /features/installed", "POST /scripting/javascript/type-definitions/{id}",
        "GET /workflow-definitions", "GET /workflow-definitions/by-definition-id/{id}", "GET /workflow-definitions/validation/is-name-unique",
        "create", "save", "publish", "POST /workflow-definitions/{id}/execute", "POST /workflow-definitions/{id}/retract",
        "POST /workflow-definitions/{id}/revert/{id}", "GET /workflow-definitions/{id}/export", "DELETE /workflow-definitions/{id}",
        "POST /workflow-definitions/import", "POST /workflow-instances", "POST /cancel/workflow-instances/{id}", "POST /bulk-actions/cancel/workflow-instances",
    ];

    /// <summary>What the viewer of an instance needs.</summary>
    private static readonly string[] Watching =
    [
        "GET /workflow-definitions/by-id/{id}", "GET /workflow-instances/{id}", "POST /workflow-instances/{id}/journal", "GET /workflow-instances/{id}/variables",
        "POST /activity-executions/report", "GET /activity-executions/list", "GET /activity-execution-summaries/list", "GET /activity-executions/by-id",
        "POST negotiate",
    ];

    /// <summary>How often our page sends a change that is not answered (count); it gives up after the last.</summary>
    private const int Attempts = 6;

    /// <summary>In which Studio has repeated for the last time what it was told to have failed: 2, 4 and 8 s apart (ms).</summary>
    private const int RepeatedWithinMs = 15_000;

    private const string Unanswered = "The server did not answer, perhaps after it had done what was asked.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("before", false)]
    [InlineData("after", true)]
    public async Task With_each_request_failing_once_nothing_is_written_twice_and_nothing_is_lost(string when, bool hasActed)
    {
        var name = $"Synthetic failure {when} the act";
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var page = studio.Page;
        var failures = await RequestFailures.BeginAsync(page, hasActed);
        await studio.OpenAsync("/studio/workflows/definitions");

        var id = await studio.DrawAsync(name);
        await Eventually.HoldsAsync("the drawing is saved by itself", async () => StudioHands.IsDrawn(await api.OpenAsync(id)), Token);
        await studio.PublishAsync("Synthetic note.");
        await Eventually.HoldsAsync("the version is published", async () => (bool)(await api.OpenAsync(id))["isPublished"]!, Token);
        await page.RunAsync();
        await page.Detail("Sub status", "Suspended").WaitForAsync();
        await page.SelectAsync("Event1");
        await Eventually.HoldsAsync("the viewer has asked for everything", () => Task.FromResult(failures.Missing(Watching) is []), Token);
        await page.Row("EventName").First.WaitForAsync(); // Its output; whoever shows the state of the instance too shows the word again.
        Assert.Equal(1, await CountAsync(api, $"/workflow-definitions?versionOptions=Latest&Page=0&PageSize=10&SearchTerm={Uri.EscapeDataString(name)}"));
        Assert.Equal(1, await CountAsync(api, $"/workflow-definitions?versionOptions=AllVersions&Page=0&PageSize=10&DefinitionIds={id}"));
        Assert.Equal(["Suspended"], await api.StatusesAsync(id));

        await CancelAsync(studio, name, id, api);
        await BringBackAsync(studio, id, api);
        await MoveAsync(studio, id, api);
        Assert.Empty(failures.Missing(Managing)); // Else the journey would prove nothing of it.
    }

    /// <summary>Cancels the instance that there is, runs another one, and cancels it with all that are chosen.</summary>
    private static async Task CancelAsync(StudioBrowser studio, string name, string id, StudioClient api)
    {
        var page = studio.Page;
        await studio.OpenAsync("/studio/workflows/instances");
        await page.CancelAsync(page.Row(name).First);
        await Eventually.HoldsAsync("the instance is cancelled", async () => await api.StatusesAsync(id) is ["Cancelled"], Token);
        await api.RunAsync(id);

        await studio.OpenAsync("/studio/workflows/instances");
        var waiting = page.Row(name).Filter(new LocatorFilterOptions { HasText = "Suspended" });
        await waiting.WaitForAsync();
        await page.CancelTogetherAsync(waiting);
        await Eventually.HoldsAsync("both are cancelled", async () => await api.StatusesAsync(id) is ["Cancelled", "Cancelled"], Token);
    }

    /// <summary>Changes and publishes once more, brings the first version back, and takes the workflow out of force.</summary>
    private static async Task BringBackAsync(StudioBrowser studio, string id, StudioClient api)
    {
        var page = studio.Page;
        await studio.OpenAsync($"/studio/workflows/definitions/{id}/edit");
        await page.OpenTabAsync("Variables");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Add variable" }).ClickAsync();
        await page.Locator(".mud-dialog").WaitForAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator(".mud-dialog")).ToHaveCountAsync(0);
        await page.FillAsync("Event1", "Event name", "gone");
        await Eventually.HoldsAsync("the change is a version of its own", async () => (int)(await api.OpenAsync(id))["version"]! is 2, Token);
        await page.OpenTabAsync("Version history");
        await page.ChooseAsync(page.Locator("tbody tr").Last, "Rollback to this version");
        await Eventually.HoldsAsync("the first version is the newest draft", async () => StudioHands.IsDrawn(await api.OpenAsync(id)), Token);

        await studio.OpenAsync("/studio/workflows/definitions");
        await page.ChooseAsync(page.Row(id), "Unpublish");
        await Eventually.HoldsAsync("nothing is in force", async () => await CountAsync(api, $"/workflow-definitions?versionOptions=Published&DefinitionIds={id}") is 0, Token);
        Assert.Equal(3, await CountAsync(api, $"/workflow-definitions?versionOptions=AllVersions&Page=0&PageSize=10&DefinitionIds={id}"));
    }

    /// <summary>Exports, deletes, and imports what was exported.</summary>
    private static async Task MoveAsync(StudioBrowser studio, string id, StudioClient api)
    {
        var page = studio.Page;
        var row = page.Row(id);
        var file = await page.ExportAsync(row);
        await page.ChooseAsync(row, "Delete");
        await page.ConfirmAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0);
        await page.ImportAsync(file);
        await row.WaitForAsync();
        Assert.True(StudioHands.IsDrawn(await api.OpenAsync(id)));
        Assert.Equal(1, await CountAsync(api, $"/workflow-definitions?versionOptions=AllVersions&Page=0&PageSize=10&DefinitionIds={id}"));
    }

    [Fact]
    public async Task A_save_that_is_repeated_late_does_not_undo_what_was_drawn_since()
    {
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var id = await DrawLineAsync(studio, "Synthetic late repeat", api);
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
    public async Task A_save_that_was_given_up_in_an_outage_does_not_undo_what_was_drawn_since()
    {
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var page = studio.Page;
        var id = await DrawLineAsync(studio, "Synthetic outage", api);
        await RequestFailures.BeginAsync(page, hasActed: false, Attempts, only: "save");

        await page.RunAndWaitForRequestAsync(
            () => page.FillAsync("WriteLine1", "Text", "older"), request => request.PostData?.Contains("older", StringComparison.Ordinal) is true);
        await page.FillAsync("WriteLine1", "Text", "newer");

        await Eventually.HoldsAsync("what was drawn last is saved", async () => TextsOf(await api.OpenAsync(id)).Contains("newer", StringComparison.Ordinal), Token);
        await LetStudioRepeatAsync(page);
        Assert.Contains("newer", TextsOf(await api.OpenAsync(id)), StringComparison.Ordinal);
        await Assertions.Expect(page.Locator("#refusals-keep")).ToBeHiddenAsync(); // What was drawn last has arrived.
        await studio.ExpectRefusedAsync(Unanswered);
    }

    [Fact]
    public async Task What_was_drawn_and_given_up_in_an_outage_is_kept_as_a_file()
    {
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var page = studio.Page;
        await DrawLineAsync(studio, "Synthetic kept in an outage", api);
        await RequestFailures.BeginAsync(page, hasActed: false, Attempts, only: "save");

        await page.FillAsync("WriteLine1", "Text", "given up");
        await Assertions.Expect(page.Locator("#refusals-texts")).ToContainTextAsync(Unanswered);
        await studio.ShootAsync("unanswered");
        var file = await page.DownloadAsync(() => page.ClickAsync("#refusals-keep"));

        Assert.Contains("given up", TextsOf(JsonNode.Parse(file.Buffer)!), StringComparison.Ordinal);
        await studio.ExpectRefusedAsync(Unanswered);
    }

    [Fact]
    public async Task A_workflow_whose_creation_was_given_up_after_it_was_done_is_there_once()
    {
        const string Name = "Synthetic outage at the creation";
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var page = studio.Page;
        await studio.OpenAsync("/studio/workflows/definitions");
        await RequestFailures.BeginAsync(page, hasActed: true, Attempts, only: "create");

        await studio.OrderAsync(Name);
        await Eventually.HoldsAsync("Studio is told how it went", async () => await page.Locator("#refusals-texts p").CountAsync() > 0 || page.Url.EndsWith("/edit", StringComparison.Ordinal), Token);
        await LetStudioRepeatAsync(page);

        Assert.Equal(1, await CountAsync(api, $"/workflow-definitions?versionOptions=Latest&Page=0&PageSize=10&SearchTerm={Uri.EscapeDataString(Name)}"));
        await studio.ExpectRefusedAsync(Unanswered);
    }

    [Fact]
    public async Task Whoever_may_not_delete_from_a_list_is_told_why()
    {
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

    [Theory]
    [InlineData("exit(1, new Error('Synthetic failure.'))")]
    [InlineData("Module.abort('Synthetic failure.')")]
    public async Task A_page_whose_runtime_has_died_says_so_and_is_loaded_again_on_request(string death)
    {
        const string Path = "/studio/workflows/definitions/visit-lifecycle/edit";
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        await studio.OpenAsync(Path);
        var graph = studio.Page.Locator(".x6-node").First;
        await graph.WaitForAsync();
        var failure = studio.Page.Locator("#blazor-error-ui");
        await Assertions.Expect(failure).ToBeHiddenAsync();

        await studio.Page.EvaluateAsync($"() => {{ try {{ getDotnetRuntime(0).{death}; }} catch {{ }} }}");
        await failure.GetByText("Dismiss").ClickAsync();
        await Assertions.Expect(failure).ToBeHiddenAsync();

        await studio.Page.EvaluateAsync("() => document.getElementById('blazor-error-ui').style.display = 'block'");
        await failure.GetByText("Reload").ClickAsync();
        await Assertions.Expect(failure).ToBeHiddenAsync();
        await graph.WaitForAsync();
        Assert.EndsWith(Path, studio.Page.Url, StringComparison.Ordinal);
    }

    /// <summary>Draws a workflow of one activity that writes a line.</summary>
    /// <returns>Its id.</returns>
    private static async Task<string> DrawLineAsync(StudioBrowser studio, string name, StudioClient api)
    {
        await studio.OpenAsync("/studio/workflows/definitions");
        var id = await studio.CreateAsync(name);
        await studio.Page.DropAsync("Console", "Write Line", 80, 80);
        await Eventually.HoldsAsync("the activity is saved", async () => TextsOf(await api.OpenAsync(id)).Contains("WriteLine1", StringComparison.Ordinal), Token);
        return id;
    }

    /// <summary>Lets the page live for as long as Studio repeats what failed.</summary>
    private static async Task LetStudioRepeatAsync(IPage page) => await page.EvaluateAsync($"() => new Promise(done => setTimeout(done, {RepeatedWithinMs}))");

    private static string TextsOf(JsonNode definition) => definition["root"]!.ToJsonString();

    private static async Task<int> CountAsync(StudioClient api, string path) => (int)(await api.GetAsync(path))["totalCount"]!;
}
