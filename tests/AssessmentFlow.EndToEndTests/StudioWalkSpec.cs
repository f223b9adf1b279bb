using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests;

/// <summary>The real Studio in a real browser: what is said here holds for every kind of installation.</summary>
public abstract partial class StudioWalkSpec
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Where the browser finds the installation.</summary>
    protected abstract Uri Address { get; }

    /// <summary>Key of the secretariat.</summary>
    protected abstract string Key { get; }

    [Fact]
    public async Task A_workflow_is_drawn_published_run_and_watched_and_nothing_breaks_on_the_way()
    {
        await using var studio = await SignInAsync();
        using var api = new StudioClient(Address, Key);
        var page = studio.Page;
        var id = await studio.DrawAsync("Synthetic walk");
        await Eventually.HoldsAsync("the drawing is saved by itself", async () => StudioHands.IsDrawn(await api.OpenAsync(id)), Token);
        await studio.ShootAsync("drawn");

        await studio.PublishAsync("Synthetic note.");
        await Eventually.HoldsAsync("the version is published", async () => (bool)(await api.OpenAsync(id))["isPublished"]!, Token);
        await studio.ShootAsync("published");

        var instance = await page.RunAsync();
        await page.Detail("Sub status", "Suspended").WaitForAsync();
        await studio.ShootAsync("suspended");
        await Eventually.HoldsAsync("the page is told of the instance", () => Task.FromResult(studio.News > 0), Token);
        var news = studio.News;
        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync("POST", "/events/go/trigger", new JsonObject { ["workflowInstanceId"] = instance })).Status);
        await Eventually.HoldsAsync("the page is told that the instance has moved on", () => Task.FromResult(studio.News > news), Token);
        await page.Detail("Sub status", "Finished").WaitForAsync();
        await studio.ShootAsync("finished");
        studio.ExpectNothingBroken();
    }

    [Fact]
    public async Task An_older_version_is_brought_back_and_the_history_tells_each_version_its_author_and_its_note()
    {
        await using var studio = await SignInAsync();
        using var api = new StudioClient(Address, Key);
        var page = studio.Page;
        var id = await api.ImportAsync("Synthetic history", "Elsa.WriteLine", "text", "First");
        var first = await api.OpenAsync(id);
        Assert.Equal(HttpStatusCode.OK, (await api.SaveAsync(first, "Synthetic first note.")).Status);

        await studio.OpenAsync($"/studio/workflows/definitions/{id}/edit");
        await page.FillAsync("Only1", "Text", "Second");
        await Eventually.HoldsAsync("the change is a version of its own", async () => (int)(await api.OpenAsync(id))["version"]! is 2, Token);
        await studio.PublishAsync("Synthetic second note.");
        await Eventually.HoldsAsync("the change is published", async () => (bool)(await api.OpenAsync(id))["isPublished"]!, Token);

        await page.OpenTabAsync("Version history");
        await page.ChooseAsync(page.Locator("tbody tr").Last, "Rollback to this version");
        await Eventually.HoldsAsync("the first version is the newest draft", async () => (int)(await api.OpenAsync(id))["version"]! is 3, Token);
        Assert.Equal("First", TextOf(await api.OpenAsync(id)));
        await studio.ShootAsync("versions");

        await studio.OpenAsync($"/studio/history/{id}");
        var rows = await page.Locator("tbody tr").AllAsync();
        var versions = await Task.WhenAll(rows.Select(VersionAsync));
        Assert.Equal(
            [
                "3 | draft | secretariat |  | Only1 [only]: text: Second → First",
                "2 | published | secretariat | secretariat, then: Synthetic second note. | Only1 [only]: text: First → Second",
                "1 | was published | secretariat | secretariat, then, until then, by secretariat: Synthetic first note. | the first",
            ],
            versions);
        await studio.ShootAsync("history");
        studio.ExpectNothingBroken();
    }

    [Fact]
    public async Task Instances_are_cancelled_singly_and_together_and_an_incident_is_opened()
    {
        await using var studio = await SignInAsync();
        using var api = new StudioClient(Address, Key);
        var page = studio.Page;
        var waiting = await api.ImportAsync("Synthetic waiting", "Elsa.Event", "eventName", "never");
        var faulty = await api.ImportAsync("Synthetic fault", "Elsa.Fault", "message", "A synthetic fault.");
        foreach (var id in new[] { waiting, waiting, waiting, faulty })
        {
            await api.RunAsync(id);
        }

        await studio.OpenAsync("/studio/workflows/instances");
        var rows = page.Row("Synthetic waiting");
        await Assertions.Expect(rows).ToHaveCountAsync(3);
        await page.CancelAsync(rows.First);
        await Eventually.HoldsAsync("one is cancelled", async () => (await api.StatusesAsync(waiting)).Count(status => status is "Cancelled") is 1, Token);
        await studio.OpenAsync("/studio/workflows/instances"); // The list reads again by itself, but may show what an earlier look found.
        var cancelled = rows.Filter(new LocatorFilterOptions { HasText = "Cancelled" });
        await Assertions.Expect(cancelled).ToHaveCountAsync(1);
        await page.CancelTogetherAsync(rows.Filter(new LocatorFilterOptions { HasText = "Suspended" }));
        await Eventually.HoldsAsync("all are cancelled", async () => (await api.StatusesAsync(waiting)).Count(status => status is "Cancelled") is 3, Token);
        await studio.OpenAsync("/studio/workflows/instances");
        await Assertions.Expect(cancelled).ToHaveCountAsync(3);
        await studio.ShootAsync("cancelled");

        await page.Row("Synthetic fault").ClickAsync();
        await page.WaitForURLAsync("**/studio/workflows/instances/*/view");
        await page.WaitForSelectorAsync(".x6-node");
        await page.Locator(".mud-tab").Filter(new LocatorFilterOptions { HasText = "Incidents" }).DispatchEventAsync("click");
        await page.GetByText("A synthetic fault.").First.ClickAsync();
        await studio.ShootAsync("incident");
        studio.ExpectNothingBroken();
    }

    [Fact]
    public async Task A_workflow_is_exported_deleted_and_imported_back_with_the_same_content()
    {
        await using var studio = await SignInAsync();
        using var api = new StudioClient(Address, Key);
        var page = studio.Page;
        var id = await api.ImportAsync("Synthetic file", "Elsa.WriteLine", "text", "Kept");
        await studio.OpenAsync("/studio/workflows/definitions");
        var row = page.Row(id);
        await row.WaitForAsync();

        var file = await page.ExportAsync(row);
        await page.ChooseAsync(row, "Delete");
        await page.ConfirmAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync("GET", $"/workflow-definitions/by-definition-id/{id}?versionOptions=Latest")).Status);

        await page.ImportAsync(file);
        await row.WaitForAsync();
        Assert.Equal("Kept", TextOf(await api.OpenAsync(id)));
        await studio.ShootAsync("imported");
        studio.ExpectNothingBroken();
    }

    /// <summary>Opens a browser on the installation.</summary>
    private protected Task<StudioBrowser> SignInAsync() => StudioBrowser.SignInAsync(Address, Key);

    /// <summary>What the history says of a version, without when; a client's name holds no comma.</summary>
    private static async Task<string> VersionAsync(ILocator row)
    {
        var cells = (await row.Locator("td").AllInnerTextsAsync()).ToArray();
        Assert.Equal(5, cells.Length);
        cells[2] = cells[2].Split(',')[0];
        cells[3] = Times().Replace(cells[3], "then");
        cells[4] = cells[4].Split('\n').FirstOrDefault(line => line.StartsWith("Only1 [only]: text:", StringComparison.Ordinal)) ?? cells[4]; // Studio adds settings of its own.
        return string.Join(" | ", cells.Select(cell => cell.Trim()));
    }

    [GeneratedRegex("[0-9-]{10} [0-9:]{5} UTC", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Times();

    private static string? TextOf(JsonNode definition) => (string?)definition["root"]!["activities"]![0]!["text"]!["expression"]!["value"];
}
