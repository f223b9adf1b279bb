using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests;

/// <summary>The shipped workflow is changed in Studio. What runs keeps the rule under which it began.</summary>
[Collection(StudioBrowser.OneAtATime)]
public sealed class StudioLifecycleTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    private const string Workflow = "visit-lifecycle";
    private const string OldRule = "30 calendar days";
    private const string NewRule = "20 working days on KH-2008";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deadline_that_is_changed_and_published_counts_for_new_cases_and_not_for_running_ones()
    {
        Assert.SkipWhen(StudioBrowser.Missing is not null, StudioBrowser.Missing ?? "");
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var running = await OpenCaseAsync();
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var page = studio.Page;
        var activities = (await api.OpenAsync(Workflow))["root"]!["activities"]!.AsArray().Count;

        await studio.OpenAsync($"/studio/workflows/definitions/{Workflow}/edit");
        await Assertions.Expect(page.Locator(".x6-node")).ToHaveCountAsync(activities);
        await page.ShowAsync("Comment on the facts of the draft");
        await page.FillAsync("Comment on the facts of the draft", "Due", NewRule);
        await Eventually.HoldsAsync("the change is saved by itself", async () => RuleOf(await api.OpenAsync(Workflow)) == NewRule, Token);
        await studio.ShootAsync("deadline");
        await studio.PublishAsync("Synthetic: the State has working days.");
        await Eventually.HoldsAsync("the change is published", async () => (bool)(await api.OpenAsync(Workflow))["isPublished"]!, Token);
        var fresh = await OpenCaseAsync();

        Assert.Equal(OldRule, await RuleOfCaseAsync(api, running));
        Assert.Equal(NewRule, await RuleOfCaseAsync(api, fresh));
        await studio.OpenAsync($"/studio/history/{Workflow}");
        await page.GetByText("Synthetic: the State has working days.").WaitForAsync();
        await studio.ShootAsync("lifecycle-history");
        studio.ExpectNothingBroken();
    }

    /// <summary>A case whose workflow waits for somebody.</summary>
    private async Task<string> OpenCaseAsync()
    {
        var caseId = await installation.Stage.OpenCaseAsync();
        await installation.Stage.TaskAsync(caseId);
        return caseId;
    }

    /// <summary>The rule in the definition that the workflow of a case runs on.</summary>
    private static async Task<string?> RuleOfCaseAsync(StudioClient api, string caseId)
    {
        var instances = await api.SendAsync("POST", "/workflow-instances", new JsonObject { ["page"] = 0, ["pageSize"] = 10, ["correlationId"] = caseId });
        var version = (string)Assert.Single(instances.Json["items"]!.AsArray())!["definitionVersionId"]!;
        return RuleOf(await api.GetAsync($"/workflow-definitions/by-id/{Uri.EscapeDataString(version)}"));
    }

    private static string? RuleOf(JsonNode definition) =>
        (string?)definition["root"]!["activities"]!.AsArray().First(activity => (string)activity!["id"]! is "fact-check")!["due"]!["expression"]!["value"];
}
