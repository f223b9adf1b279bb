using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What Studio itself does not guard is guarded, and whoever is stopped is told by Studio.</summary>
[Collection(StudioBrowser.OneAtATime)]
public sealed class StudioGateTests(RolesInstallation installation) : IClassFixture<RolesInstallation>
{
    private const string Shipped = "/studio/workflows/definitions/visit-lifecycle/edit";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_may_not_change_a_workflow_sees_it_whole_and_finds_nothing_to_change_it_with()
    {
        await using var studio = await SignInAsync("auditor");
        using var api = Client("auditor");
        var activities = ActivitiesOf(await api.OpenAsync("visit-lifecycle"));
        await studio.OpenAsync(Shipped);

        await Assertions.Expect(studio.Page.Locator(".x6-node")).ToHaveCountAsync(activities);
        await studio.Page.GetByText("read-only mode").WaitForAsync();
        await Assertions.Expect(studio.Page.Locator(StudioHands.PublishButton)).ToHaveCountAsync(0);
        await Assertions.Expect(studio.Page.GetByLabel("Name")).ToBeDisabledAsync();
        await studio.ShootAsync("read-only");
        studio.ExpectNothingBroken();
    }

    [Fact]
    public async Task A_designer_draws_and_keeps_drafts_and_is_told_that_publishing_is_for_others()
    {
        await using var studio = await SignInAsync("designer");
        using var api = Client("designer");
        await studio.OpenAsync("/studio/workflows/definitions");
        var id = await studio.CreateAsync("Synthetic draft");
        await studio.Page.DropAsync("Console", "Write Line", 80, 80);
        await Eventually.HoldsAsync("the draft is kept", async () => ActivitiesOf(await api.OpenAsync(id)) is 1, Token);

        await studio.PublishAsync("Synthetic note.");

        await studio.Page.GetByText("only the secretariat publishes").First.WaitForAsync();
        await studio.ShootAsync("not-published");
        Assert.False((bool)(await api.OpenAsync(id))["isPublished"]!);
        await studio.Page.DropAsync("Primitives", "Event", 420, 80);
        await Eventually.HoldsAsync("drafts go on being kept", async () => ActivitiesOf(await api.OpenAsync(id)) is 2, Token);
    }

    [Fact]
    public async Task What_somebody_else_saved_meanwhile_is_not_overwritten_and_the_page_says_so_and_keeps_what_was_drawn()
    {
        await using var studio = await SignInAsync(Stage.Secretariat);
        using var other = Client("designer");
        await studio.OpenAsync("/studio/workflows/definitions");
        var id = await studio.CreateAsync("Synthetic conflict");
        await studio.Page.DropAsync("Console", "Write Line", 80, 80);
        await Eventually.HoldsAsync("the first activity is saved", async () => ActivitiesOf(await other.OpenAsync(id)) is 1, Token);
        var theirs = await other.OpenAsync(id);
        theirs["description"] = "Synthetic: theirs";
        Assert.Equal(HttpStatusCode.OK, (await other.SaveAsync(theirs)).Status);

        await studio.Page.DropAsync("Primitives", "Event", 420, 80);

        await studio.Page.GetByText("designer has changed this workflow").First.WaitForAsync();
        await studio.ShootAsync("overtaken");
        await Assertions.Expect(studio.Page.Locator(".x6-node")).ToHaveCountAsync(2);
        var kept = await other.OpenAsync(id);
        Assert.Equal(("Synthetic: theirs", 1), ((string?)kept["description"], ActivitiesOf(kept)));
    }

    [Fact]
    public async Task A_draft_stays_the_work_of_who_began_it_and_the_history_tells_who_changed_it_last()
    {
        using var first = Client("designer");
        using var second = Client(Stage.Secretariat);
        var id = (string)(await first.SaveAsync(new JsonObject { ["name"] = "Synthetic authors", ["root"] = new JsonObject { ["id"] = "steps", ["type"] = "Elsa.Sequence", ["version"] = 1 } }))
            .Json["workflowDefinition"]!["definitionId"]!;
        var drawn = await second.OpenAsync(id);
        drawn["description"] = "Changed.";
        Assert.Equal(HttpStatusCode.OK, (await second.SaveAsync(drawn)).Status);

        var workflow = await installation.Api.GetAsync(Stage.Secretariat, $"/api/v1/workflow-definitions/{id}/versions", Token);
        var version = Assert.Single(workflow["versions"]!.AsArray())!;
        Assert.Equal(("designer", Stage.Secretariat), ((string?)version["createdBy"], (string?)version["changedBy"]));
        await using var studio = await SignInAsync(Stage.Secretariat);
        await studio.OpenAsync($"/studio/history/{id}");
        await Assertions.Expect(studio.Page.Locator("tbody tr")).ToContainTextAsync(new Regex("designer, .*; changed last by secretariat, ", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await studio.ShootAsync("authors");
    }

    [Fact]
    public async Task A_link_of_Studio_opens_in_another_tab_and_in_its_own()
    {
        await using var studio = await SignInAsync(Stage.Secretariat);
        await studio.OpenAsync("/studio/workflows/instances");
        await studio.Page.Row("Visit lifecycle").First.ClickAsync();
        await studio.Page.WaitForSelectorAsync(".x6-node");
        var link = studio.Page.Locator("main a[href*='/workflows/definitions/']").First;

        var tab = await studio.Page.Context.RunAndWaitForPageAsync(() => link.ClickAsync(new LocatorClickOptions { Modifiers = [KeyboardModifier.Control] }));

        await tab.WaitForSelectorAsync(".x6-node", new PageWaitForSelectorOptions { Timeout = 60_000 });
        Assert.EndsWith("/edit", tab.Url, StringComparison.Ordinal);
        await tab.CloseAsync();
        await link.ClickAsync();
        await studio.Page.WaitForURLAsync("**/studio/workflows/definitions/*/edit");
        await studio.Page.WaitForSelectorAsync(".x6-node");
        studio.ExpectNothingBroken();
    }

    /// <summary>How many activities are drawn; what is empty has no list yet.</summary>
    private static int ActivitiesOf(JsonNode definition) => definition["root"]!["activities"]?.AsArray().Count ?? 0;

    private StudioClient Client(string client) => new(installation.Server.Address, installation.Api.Keys[client]);

    private Task<StudioBrowser> SignInAsync(string client) => StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[client]);
}
