using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What keeps an installation in order is asked for more seldom, and fails no less: it is done once, or it is told that it was not.</summary>
[Collection(StudioBrowser.OneAtATime)]
public sealed class StudioUpkeepFailureTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    private const string List = "/studio/workflows/definitions";

    /// <summary>
    /// What Studio's pages offer beyond the daily work, by the ledger of what Studio calls. Not here because no page of ours lets
    /// Studio 3.8.2 ask for it: options of an input, which ask again by themselves; the version of the package; dispatching; retries
    /// and alterations, which appear with features that the server does not name; exports of instances, which Studio has taken out.
    /// A double click on a workflow that is used as an activity did not make it ask for the graph inside either.
    /// </summary>
    private static readonly string[] Upkeep =
    [
        "POST /workflow-definitions/{id}/publish", "POST /bulk-actions/publish/workflow-definitions/by-definition-ids",
        "POST /bulk-actions/retract/workflow-definitions/by-definition-ids", "POST /bulk-actions/export/workflow-definitions",
        "POST /bulk-actions/delete/workflow-definitions/by-definition-id", "POST /bulk-actions/delete/workflow-definitions/by-id",
        "DELETE /workflow-definition-versions/{id}", "POST /tests/activities", "GET /descriptors/commit-strategies/activities",
        "GET /descriptors/output-converters", "GET /workflow-definitions/subgraph/segments/{id}",
        "GET /activity-executions/{id}/call-stack", "DELETE /workflow-instances/{id}", "POST /bulk-actions/delete/workflow-instances/by-id",
        "POST /bulk-actions/import/workflow-instances",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("before", false)]
    [InlineData("after", true)]
    public async Task With_each_request_of_the_upkeep_failing_once_its_effect_occurs_once_or_is_told_not_to_have_occurred(string when, bool hasActed)
    {
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        using var api = Client();
        var (whole, part) = ($"whole-1-{when}", $"part-1-{when}");
        var others = new[] { $"other-1-{when}", $"other-2-{when}" };
        await SaveAsync(api, Definitions.Of(part, Definitions.Activity("inside", "Elsa.WriteLine", ("text", "String", "Literal", "Synthetic."))), isUsable: true, note: "Synthetic: to be used.");
        await SaveAsync(api, Whole(whole, part));
        foreach (var other in others)
        {
            await SaveAsync(api, Definitions.Of(other, Definitions.Wait("wait")));
        }

        var failures = await RequestFailures.BeginAsync(studio.Page, hasActed);
        await PublishAsync(studio, whole, others, api);
        await ClearAsync(studio, others, api);
        await TryOutAsync(studio, whole, api);
        await DiscardAsync(studio, whole, api);
        await WatchAsync(studio, whole, api);
        await KeepAsync(studio, whole, api);
        Assert.Empty(failures.Missing(Upkeep)); // Else the journey would prove nothing of it.
    }

    /// <summary>Publishes one workflow by its menu and two together.</summary>
    private static async Task PublishAsync(StudioBrowser studio, string whole, string[] others, StudioClient api)
    {
        var page = studio.Page;
        await studio.OpenAsync(List);
        await page.ChooseAsync(page.Row(whole), "Publish");
        await studio.NoteAsync("Synthetic: by the menu.");
        await Eventually.HoldsAsync("it is published", async () => await StatesAsync(api, whole) is ["published"], Token);

        await page.ChooseTogetherAsync(page.Row("other-"), "Publish");
        await page.ConfirmAsync();
        await studio.NoteAsync("Synthetic: together.");
        foreach (var other in others)
        {
            await Eventually.HoldsAsync($"{other} is published", async () => await StatesAsync(api, other) is ["published"], Token);
        }

        await ExpectNothingFailedAsync(studio);
    }

    /// <summary>Exports two workflows together, takes both out of force, and deletes them.</summary>
    private static async Task ClearAsync(StudioBrowser studio, string[] others, StudioClient api)
    {
        var page = studio.Page;
        await studio.OpenAsync(List);
        await page.ChooseTogetherAsync(page.Row("other-"), "Export");
        var download = await page.RunAndWaitForDownloadAsync(page.ConfirmAsync);
        using (var archive = ZipFile.OpenRead(await download.PathAsync()))
        {
            Assert.Equal(others.Select(other => $"workflow-definition-{other}-1.json"), archive.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        }

        await page.ChooseTogetherAsync(page.Row("other-"), "Unpublish");
        await page.ConfirmAsync();
        foreach (var other in others)
        {
            await Eventually.HoldsAsync($"{other} is out of force", async () => await StatesAsync(api, other) is ["draft"], Token);
        }

        await page.ChooseTogetherAsync(page.Row("other-"), "Delete");
        await page.ConfirmAsync();
        foreach (var other in others)
        {
            await Assertions.Expect(page.Row(other)).ToHaveCountAsync(0);
            Assert.Empty(await StatesAsync(api, other));
        }

        await ExpectNothingFailedAsync(studio);
    }

    /// <summary>Tries an activity out, and looks at what its panel offers.</summary>
    private static async Task TryOutAsync(StudioBrowser studio, string whole, StudioClient api)
    {
        var page = studio.Page;
        await studio.OpenAsync($"/studio/workflows/definitions/{whole}/edit");
        await page.SelectAsync("Wait1");
        await page.OpenTabAsync("Output");
        await page.OpenTabAsync("Commit Strategy");
        await page.OpenTabAsync("Test");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Start", Exact = true }).ClickAsync();
        await page.GetByText("Running", new PageGetByTextOptions { Exact = true }).First.WaitForAsync();
        Assert.Equal(["published"], await StatesAsync(api, whole));
        Assert.Empty(await api.StatusesAsync(whole));
        await ExpectNothingFailedAsync(studio);
    }

    /// <summary>Deletes one of two drafts by its menu and the other as one of those that are ticked.</summary>
    private async Task DiscardAsync(StudioBrowser studio, string whole, StudioClient api)
    {
        var page = studio.Page;
        using var other = Client();
        var drawn = await api.OpenAsync(whole);
        drawn["description"] = "A draft.";
        Assert.Equal(HttpStatusCode.OK, (await api.SaveAsync(drawn)).Status);
        drawn["description"] = "A draft beside it.";
        Assert.Equal(HttpStatusCode.OK, (await other.SendAsync("POST", "/workflow-definitions/import", drawn)).Status);
        Assert.Equal(["draft", "draft", "published"], await StatesAsync(api, whole));
        await studio.OpenAsync($"/studio/workflows/definitions/{whole}/edit");
        await page.Locator(".monaco-editor").First.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await page.OpenTabAsync("Version history");
        var rows = page.Locator("tbody tr");
        await page.ChooseAsync(rows.First, "Delete");
        await page.ConfirmAsync();
        await Eventually.HoldsAsync("one draft is gone", async () => await StatesAsync(api, whole) is ["draft", "published"], Token);
        await Assertions.Expect(rows).ToHaveCountAsync(2);

        await page.ChooseTogetherAsync(rows.First, "Delete");
        await page.ConfirmAsync();
        await Eventually.HoldsAsync("no draft is left", async () => await StatesAsync(api, whole) is ["published"], Token);
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await ExpectNothingFailedAsync(studio);
    }

    /// <summary>Looks at what an instance did, into a loop.</summary>
    private static async Task WatchAsync(StudioBrowser studio, string whole, StudioClient api)
    {
        var page = studio.Page;
        var instance = await api.RunAsync(whole);
        await studio.OpenAsync($"/studio/workflows/instances/{instance}/view");
        await page.Detail("Sub status", "Suspended").WaitForAsync();
        await page.SelectAsync("Wait1");
        await page.OpenTabAsync("Activity Call Stack");
        await page.GetByText("Call stack (").WaitForAsync();

        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync("POST", "/events/go/trigger", new JsonObject { ["workflowInstanceId"] = instance })).Status);
        await page.Detail("Sub status", "Finished").WaitForAsync();

        // On a page of its own: while an instance still moves, Studio goes back to what it showed.
        await studio.OpenAsync($"/studio/workflows/instances/{instance}/view");
        await page.Node("Wait1").WaitForAsync();
        await page.Locator("button[title='Showing all events'], button[title='Show events scoped to current container']").First.ClickAsync();
        await page.RunAndWaitForResponseAsync(
            () => page.Locator(".mud-timeline-item").Filter(new LocatorFilterOptions { HasText = "Inner1" }).First.ClickAsync(),
            answer => answer.Ok && answer.Url.Contains("/subgraph/segments/", StringComparison.Ordinal));
        await ExpectNothingFailedAsync(studio);
        await studio.ShootAsync("in-the-loop");
    }

    /// <summary>Tries to delete instances and to import one: all are kept as they are, and why is told.</summary>
    private static async Task KeepAsync(StudioBrowser studio, string whole, StudioClient api)
    {
        var page = studio.Page;
        await studio.OpenAsync("/studio/workflows/instances");
        var row = page.Row(whole).First;
        await page.ChooseAsync(row, "Delete");
        await page.ConfirmAsync();
        await studio.ExpectRefusedAsync("Instances are evidence and are kept");

        await page.ChooseTogetherAsync(row, "Delete");
        await page.ConfirmAsync();
        await studio.ExpectRefusedAsync("Instances are evidence and are kept");

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Actions", Exact = true }).ClickAsync();
        var chooser = await page.RunAndWaitForFileChooserAsync(() => page.Locator(".mud-popover-open").GetByText("Import").First.ClickAsync());
        await chooser.SetFilesAsync(new FilePayload { Name = "instance.json", MimeType = "application/json", Buffer = "{}"u8.ToArray() });
        await studio.ExpectRefusedAsync("Instances are evidence of what ran here: nothing was imported.");
        Assert.Equal(["Finished"], await api.StatusesAsync(whole));
    }

    /// <summary>Neither does Studio say that it failed, nor our page that something was refused.</summary>
    private static async Task ExpectNothingFailedAsync(StudioBrowser studio)
    {
        await Assertions.Expect(studio.Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        await Assertions.Expect(studio.Page.Locator("#refusals")).ToBeHiddenAsync();
    }

    /// <summary>A workflow with an event whose result is kept, a loop with a drawing of its own, and another workflow as an activity.</summary>
    private static JsonObject Whole(string id, string part)
    {
        var wait = Definitions.Wait("wait");
        wait["result"] = new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = "kept" } };
        var loop = Definitions.Activity("loop", "Elsa.ForEach", ("items", "Object", "JavaScript", "[1]"));
        loop["body"] = Drawing("body", At(Definitions.Activity("inner", "Elsa.WriteLine", ("text", "String", "Literal", "Synthetic.")), "Inner1", x: 60));
        var used = new JsonObject { ["id"] = "part", ["type"] = TypeOf(part), ["version"] = 1, ["workflowDefinitionId"] = part };
        return new JsonObject
        {
            ["definitionId"] = id,
            ["name"] = id,
            ["variables"] = new JsonArray(new JsonObject { ["id"] = "kept", ["name"] = "Kept", ["typeName"] = "Object", ["isArray"] = false, ["value"] = null }),
            ["root"] = Drawing("flow", At(wait, "Wait1", x: 60), At(loop, "Loop1", x: 320), At(used, "Part1", x: 580)),
        };
    }

    /// <summary>A flowchart in which one activity follows the other.</summary>
    private static JsonObject Drawing(string id, params JsonObject[] activities)
    {
        var drawing = Definitions.Steps(id, "Elsa.Flowchart", activities);
        drawing["connections"] = new JsonArray([.. activities.Zip(activities.Skip(1), (from, to) => (JsonNode)new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = (string?)from["id"], ["port"] = "Done" },
            ["target"] = new JsonObject { ["activity"] = (string?)to["id"], ["port"] = "In" },
            ["vertices"] = new JsonArray(),
        })]);
        return drawing;
    }

    private static JsonObject At(JsonObject activity, string name, int x)
    {
        activity["name"] = name;
        activity["metadata"] = new JsonObject { ["designer"] = new JsonObject { ["position"] = new JsonObject { ["x"] = x, ["y"] = 60 } } };
        return activity;
    }

    /// <summary>The name under which a workflow is used as an activity.</summary>
    private static string TypeOf(string name) => string.Concat(name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static async Task SaveAsync(StudioClient api, JsonObject definition, bool isUsable = false, string? note = null)
    {
        definition["name"] = (string?)definition["definitionId"];
        definition["options"] = new JsonObject { ["usableAsActivity"] = isUsable };
        var saved = await api.SaveAsync(definition, note);
        Assert.True(saved.Status is HttpStatusCode.OK, saved.ToString());
    }

    /// <summary>Whether each version of a workflow is in force, the newest first.</summary>
    private static async Task<string[]> StatesAsync(StudioClient api, string definitionId)
    {
        var versions = await api.GetAsync($"/workflow-definitions?versionOptions=AllVersions&DefinitionIds={definitionId}&OrderBy=Version&OrderDirection=Descending");
        return [.. versions["items"]!.AsArray().Select(version => (bool)version!["isPublished"]! ? "published" : "draft")];
    }

    private StudioClient Client() => new(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
}
