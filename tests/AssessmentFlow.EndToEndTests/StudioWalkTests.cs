using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AssessmentFlow.EndToEndTests.Support;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests;

/// <summary>The real Studio in a real browser: a workflow is drawn from nothing, published, run and watched.</summary>
public sealed partial class StudioWalkTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    private const string Name = "Synthetic walk";

    [Fact]
    public async Task A_workflow_is_drawn_published_run_and_watched_and_nothing_breaks_on_the_way()
    {
        await using var studio = await SignInAsync();
        var page = studio.Page;
        var id = await CreateAsync(studio);

        await DropAsync(page, "Console", "Write Line", 80, 80);
        await DropAsync(page, "Primitives", "Event", 420, 80);
        await ConnectAsync(page, "WriteLine1", "Event1");
        await FillAsync(page, "WriteLine1", "Text", "Hello");
        await FillAsync(page, "Event1", "Event name", "go");
        await studio.ShootAsync("drawn");
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        await TestSupport.Eventually.HoldsAsync("the drawing is saved by itself", async () => IsDrawn(await api.OpenAsync(id)), TestContext.Current.CancellationToken);

        await page.ClickAsync("button.mud-icon-button.mud-primary-text");
        await page.FillAsync("#change-note-text", "Synthetic note.");
        await studio.ShootAsync("note");
        await page.ClickAsync("#change-note button[value=publish]");
        await TestSupport.Eventually.HoldsAsync("the version is published", async () => (bool)(await api.OpenAsync(id))["isPublished"]!, TestContext.Current.CancellationToken);
        await studio.ShootAsync("published");

        await page.Locator("button.mud-icon-button.mud-success-text").First.ClickAsync();
        await page.WaitForURLAsync("**/studio/workflows/instances/*/view");
        var instance = InstanceOf().Match(page.Url).Groups["id"].Value;
        await page.WaitForSelectorAsync(".x6-node");
        await page.GetByText("Suspended").First.WaitForAsync();
        await studio.ShootAsync("suspended");

        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync("POST", "/events/go/trigger", new JsonObject { ["workflowInstanceId"] = instance })).Status);
        await page.GetByText("Finished").First.WaitForAsync();
        await studio.ShootAsync("finished");

        await studio.OpenAsync($"/studio/history/{id}");
        await page.GetByText("Synthetic note.").WaitForAsync();
        await studio.ShootAsync("history");
        Assert.Empty(studio.Broken);
    }

    [Fact]
    public async Task The_shipped_workflow_and_the_sample_instance_are_shown_whole()
    {
        await using var studio = await SignInAsync();
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var activities = (await api.OpenAsync("visit-lifecycle"))["root"]!["activities"]!.AsArray().Count;

        await studio.OpenAsync("/studio/workflows/definitions/visit-lifecycle/edit");
        await studio.Page.WaitForSelectorAsync(".x6-node");
        await Assertions.Expect(studio.Page.Locator(".x6-node")).ToHaveCountAsync(activities);
        await studio.ShootAsync("lifecycle");

        await studio.OpenAsync("/studio/workflows/instances");
        await studio.Page.Locator("tbody tr").Filter(new LocatorFilterOptions { HasText = "Visit lifecycle" }).First.ClickAsync();
        await studio.Page.WaitForURLAsync("**/studio/workflows/instances/*/view");
        await Assertions.Expect(studio.Page.Locator(".x6-node")).ToHaveCountAsync(activities);
        await studio.ShootAsync("sample");
        Assert.Empty(studio.Broken);
    }

    private Task<StudioBrowser> SignInAsync()
    {
        Assert.SkipWhen(StudioBrowser.Missing is not null, StudioBrowser.Missing ?? "");
        return StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
    }

    private static async Task<string> CreateAsync(StudioBrowser studio)
    {
        var page = studio.Page;
        await page.Locator("tbody tr").Filter(new LocatorFilterOptions { HasText = "visit-lifecycle" }).WaitForAsync();
        await studio.ShootAsync("list");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Create workflow" }).ClickAsync();
        var name = page.Locator(".mud-dialog input[type=text]").First;
        await name.FillAsync(Name);
        await name.PressAsync("Tab");
        await page.Locator(".mud-dialog button").Filter(new LocatorFilterOptions { HasTextRegex = Confirmation() }).First.ClickAsync();
        await page.WaitForURLAsync("**/edit");
        await page.WaitForSelectorAsync(".mud-expand-panel-header");
        return DefinitionOf().Match(page.Url).Groups["id"].Value;
    }

    /// <summary>Drags an activity from the palette to a place on the canvas.</summary>
    private static async Task DropAsync(IPage page, string category, string name, float x, float y)
    {
        var item = page.Locator("[draggable=true]").Filter(new LocatorFilterOptions { HasTextRegex = new Regex($"^\\s*{name}\\s*$", RegexOptions.None, TimeSpan.FromSeconds(1)) }).First;
        if (!await item.IsVisibleAsync())
        {
            await page.Locator(".mud-expand-panel-header").Filter(new LocatorFilterOptions { HasText = category }).First.ClickAsync();
            await item.WaitForAsync();
        }

        var nodes = await page.Locator(".x6-node").CountAsync();
        await item.DragToAsync(page.Locator(".x6-graph-svg").First, new LocatorDragToOptions { TargetPosition = new TargetPosition { X = x, Y = y } });
        await Assertions.Expect(page.Locator(".x6-node")).ToHaveCountAsync(nodes + 1);
    }

    /// <summary>Draws a connection from the last port of an activity to the first one of another.</summary>
    private static async Task ConnectAsync(IPage page, string from, string to)
    {
        var start = await CentreAsync(Node(page, from).Locator(".x6-port-out circle").First);
        var end = await CentreAsync(Node(page, to).Locator(".x6-port-in circle").First);
        await page.Mouse.MoveAsync(start.X, start.Y);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(end.X - 40, end.Y + 5, new MouseMoveOptions { Steps = 8 });
        await page.Mouse.MoveAsync(end.X, end.Y, new MouseMoveOptions { Steps = 4 });
        await page.Mouse.UpAsync();
        await Assertions.Expect(page.Locator(".x6-edge")).ToHaveCountAsync(1);
    }

    private static async Task FillAsync(IPage page, string activity, string input, string value)
    {
        await Node(page, activity).Locator(".activity-label").ClickAsync();
        var label = page.Locator("label").Filter(new LocatorFilterOptions { HasTextRegex = new Regex($"^\\s*{input}\\s*$", RegexOptions.None, TimeSpan.FromSeconds(1)) });
        var field = page.Locator(".mud-input-control").Filter(new LocatorFilterOptions { Has = label }).Locator("input").First;
        await field.FillAsync(value);
        await field.PressAsync("Tab");
    }

    private static ILocator Node(IPage page, string activity) => page.Locator(".x6-node").Filter(new LocatorFilterOptions { HasText = activity });

    private static async Task<(float X, float Y)> CentreAsync(ILocator locator) =>
        await locator.BoundingBoxAsync() is { } box ? (box.X + (box.Width / 2), box.Y + (box.Height / 2)) : throw new InvalidOperationException("A port is not to be seen.");

    private static bool IsDrawn(JsonNode definition)
    {
        var text = definition["root"]!.ToJsonString();
        return text.Contains("\"Hello\"", StringComparison.Ordinal) && text.Contains("\"go\"", StringComparison.Ordinal) && definition["root"]!["connections"]!.AsArray().Count is 1;
    }

    [GeneratedRegex("ok|create|save", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Confirmation();

    [GeneratedRegex("/definitions/(?<id>[^/]+)/edit", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DefinitionOf();

    [GeneratedRegex("/instances/(?<id>[^/]+)/view", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InstanceOf();
}
