using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Whoever is refused something in Studio is told why, Studio goes on, and what was drawn is not lost.</summary>
[Collection(StudioBrowser.OneAtATime)]
public sealed class StudioRefusalTests(RolesInstallation installation) : IClassFixture<RolesInstallation>
{
    private const string List = "/studio/workflows/definitions";
    private const string RunButton = "button.mud-icon-button.mud-success-text";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Stage.Secretariat, "", "The workflow cannot be run yet.")]
    [InlineData("designer", "go", "Only the secretariat runs workflows.")]
    public async Task Whoever_cannot_run_a_workflow_is_told_why_and_not_that_it_was_started(string client, string eventName, string why)
    {
        await using var studio = await SignInAsync(client);
        var id = await ImportAsync(client, $"Synthetic run of {client}", eventName);

        await studio.OpenAsync(Editor(id));
        await studio.Page.WaitForSelectorAsync(".x6-node");
        await studio.Page.Locator(RunButton).First.ClickAsync();
        await ExpectRefusedRunAsync(studio, why);

        await studio.OpenAsync(List);
        await studio.Page.ChooseAsync(studio.Page.Row(id), "Run");
        await ExpectRefusedRunAsync(studio, why);
    }

    [Fact]
    public async Task Whoever_publishes_or_deletes_in_vain_is_told_why_and_Studio_goes_on()
    {
        await using var studio = await SignInAsync(Stage.Secretariat);
        var page = studio.Page;
        var unsound = await ImportAsync(Stage.Secretariat, "Synthetic unsound", eventName: "");
        var twice = await PublishTwiceAsync();

        await studio.OpenAsync(List);
        await page.ChooseAsync(page.Row(unsound), "Publish");
        await page.ClickAsync("#change-note button[value=cancel]");
        await studio.ExpectRefusedAsync("a publication needs a change note");
        await page.ChooseAsync(page.Row(unsound), "Publish");
        await studio.NoteAsync("Synthetic note.");
        await studio.ExpectRefusedAsync("Nothing was published; what was drawn is kept as a draft.");

        await studio.OpenAsync("/studio/workflows/instances");
        await page.ChooseTogetherAsync(page.Row("Synthetic twice").First, "Delete");
        await page.ConfirmAsync();
        await studio.ExpectRefusedAsync("Instances are evidence and are kept");

        await studio.OpenAsync(Editor(twice));
        await page.Locator(".monaco-editor").First.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await page.OpenTabAsync("Version history");
        var rows = page.Locator("tbody tr");
        await page.ChooseAsync(rows.Last, "Delete");
        await page.ConfirmAsync();
        await studio.ExpectRefusedAsync("only a draft that was never published can be deleted");
        await page.ChooseTogetherAsync(rows.Last, "Delete");
        await page.ConfirmAsync();
        await studio.ExpectRefusedAsync("only a draft that was never published can be deleted");
        await Assertions.Expect(rows).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task Whoever_was_overtaken_keeps_what_was_drawn_as_a_file_and_imports_it_beside_the_other_change()
    {
        await using var studio = await SignInAsync(Stage.Secretariat);
        using var other = Client("designer");
        var page = studio.Page;
        var asked = CountQuestions(page);
        var id = await ImportAsync(Stage.Secretariat, "Synthetic overtaken", "go");
        await studio.OpenAsync(Editor(id));
        await page.WaitForSelectorAsync(".x6-node");
        var theirs = await other.OpenAsync(id);
        theirs["description"] = "Synthetic: theirs";
        Assert.Equal(HttpStatusCode.OK, (await other.SaveAsync(theirs)).Status);

        await page.DropAsync("Console", "Write Line", 80, 80);
        await Assertions.Expect(page.Locator("#refusals-texts")).ToContainTextAsync("designer has changed this workflow");
        await studio.ShootAsync("overtaken");
        await LeaveAsync(page);
        await Eventually.HoldsAsync("leaving the page is asked about", () => Task.FromResult(asked() is 1), Token);
        var file = await page.DownloadAsync(() => page.ClickAsync("#refusals-keep"));

        await studio.OpenAsync(List);
        Assert.Equal(1, asked());
        await page.Row(id).WaitForAsync();
        await page.ImportAsync(file);
        await Eventually.HoldsAsync("the file is the newest version", async () => ActivitiesOf(await other.OpenAsync(id)) is 2, Token);
        var versions = (await other.GetAsync($"/workflow-definitions?versionOptions=AllVersions&DefinitionIds={id}&OrderBy=Version&OrderDirection=Ascending"))["items"]!.AsArray();
        Assert.Equal(["Synthetic: theirs", ""], versions.Select(version => (string?)version!["description"]));
        await studio.OpenAsync(Editor(id));
        await Assertions.Expect(page.Locator(".x6-node")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task Whoever_leaves_while_a_change_is_on_its_way_is_asked_and_nobody_else()
    {
        await using var studio = await SignInAsync(Stage.Secretariat);
        using var api = Client(Stage.Secretariat);
        var page = studio.Page;
        var asked = CountQuestions(page);
        var id = await ImportAsync(Stage.Secretariat, "Synthetic leaving", "go");
        await studio.OpenAsync(Editor(id));
        await page.WaitForSelectorAsync(".x6-node");
        var isSent = new TaskCompletionSource();
        var goesOn = new TaskCompletionSource();
        await page.RouteAsync("**/elsa/api/workflow-definitions", async route =>
        {
            isSent.TrySetResult();
            await goesOn.Task;
            await route.ContinueAsync();
        });

        await page.DropAsync("Console", "Write Line", 80, 80);
        await isSent.Task.WaitAsync(Token);
        await LeaveAsync(page);
        await Eventually.HoldsAsync("leaving the page is asked about", () => Task.FromResult(asked() is 1), Token);

        await page.RunAndWaitForResponseAsync(() => Task.FromResult(goesOn.TrySetResult()), "**/elsa/api/workflow-definitions");
        await Eventually.HoldsAsync("the change is saved", async () => ActivitiesOf(await api.OpenAsync(id)) is 2, Token);
        await page.WaitForFunctionAsync("() => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"); // Nobody objects.
        await studio.OpenAsync(List);
        Assert.Equal(1, asked());
    }

    /// <summary>Counts how often a page asks whether it may be left; the answer is always no.</summary>
    private static Func<int> CountQuestions(IPage page)
    {
        var count = 0;
        page.Dialog += async (_, dialog) =>
        {
            Interlocked.Increment(ref count);
            await dialog.DismissAsync();
        };
        return () => Volatile.Read(ref count);
    }

    /// <summary>Tries to leave the page, as who closes its tab does.</summary>
    private static Task LeaveAsync(IPage page) => page.CloseAsync(new PageCloseOptions { RunBeforeUnload = true });

    private static async Task ExpectRefusedRunAsync(StudioBrowser studio, string why)
    {
        await Assertions.Expect(studio.Page.Locator(".mud-snackbar")).ToContainTextAsync("The workflow cannot be started");
        await Assertions.Expect(studio.Page.GetByText("Successfully started")).ToHaveCountAsync(0);
        await studio.ExpectRefusedAsync(why);
    }

    private static string Editor(string id) => $"/studio/workflows/definitions/{id}/edit";

    /// <summary>How many activities are drawn.</summary>
    private static int ActivitiesOf(JsonNode definition) => definition["root"]!["activities"]!.AsArray().Count;

    /// <summary>Brings a workflow into the installation that waits for an event; without a name of the event it is unsound.</summary>
    private async Task<string> ImportAsync(string client, string name, string eventName)
    {
        using var api = Client(client);
        return await api.ImportAsync(name, "Elsa.Event", "eventName", eventName);
    }

    /// <summary>A workflow with two versions that were published, and an instance.</summary>
    private async Task<string> PublishTwiceAsync()
    {
        using var api = Client(Stage.Secretariat);
        var id = await ImportAsync(Stage.Secretariat, "Synthetic twice", "go");
        foreach (var note in new[] { "First.", "Second." })
        {
            var drawn = await api.OpenAsync(id);
            drawn["description"] = note;
            Assert.Equal(HttpStatusCode.OK, (await api.SaveAsync(drawn, note)).Status);
        }

        await api.RunAsync(id);
        return id;
    }

    private StudioClient Client(string client) => new(installation.Server.Address, installation.Api.Keys[client]);

    private Task<StudioBrowser> SignInAsync(string client) => StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[client]);
}
