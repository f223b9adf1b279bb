using System.Text.Json;
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
    private const string FactCheck = "Comment on the facts of the draft";
    private const string OldRule = "30 calendar days";
    private const string NewRule = "20 working days";
    private const string Calendar = "KH-2008";

    /// <summary>Everything that differs, as the history tells it, once Studio has opened, changed and published the workflow.</summary>
    private static readonly string[] Changes =
    [
        "fact-check: due: 30 calendar days → 20 working days",
        "fact-check: calendar: nothing → KH-2008",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deadline_that_is_changed_and_published_counts_for_new_cases_and_not_for_running_ones()
    {
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        await DriveAsync("synthetic-running", until: "Endorsed");
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var page = studio.Page;
        var activities = (await api.OpenAsync(Workflow))["root"]!["activities"]!.AsArray().Count;

        await studio.OpenAsync($"/studio/workflows/definitions/{Workflow}/edit");
        await Assertions.Expect(page.Locator(".x6-node")).ToHaveCountAsync(activities);
        await page.ShowAsync(FactCheck);
        await page.SelectAsync(FactCheck);
        await Eventually.HoldsAsync(
            "the change is saved by itself",
            async () =>
            {
                // While an earlier save is answered Studio may take back what is entered, and shows it; a person enters it again.
                await page.EnterAsync("Due", NewRule);
                await page.PickAsync("Calendar", Calendar);
                return RuleOf(await api.OpenAsync(Workflow)) == (NewRule, Calendar);
            },
            Token);
        await studio.ShootAsync("deadline");
        await studio.PublishAsync("Synthetic: the State has working days.");
        await Eventually.HoldsAsync("the change is published", async () => (bool)(await api.OpenAsync(Workflow))["isPublished"]!, Token);
        await DriveAsync("synthetic-fresh", until: "Endorsed");

        Assert.Equal((OldRule, null), await RuleOfCaseAsync(api, "synthetic-running"));
        Assert.Equal((NewRule, Calendar), await RuleOfCaseAsync(api, "synthetic-fresh"));
        await LetKnowTodaysHolidaysAsync();
        var (old, changed) = (await DriveToFactCheckAsync("synthetic-running"), await DriveToFactCheckAsync("synthetic-fresh"));
        Assert.Equal((OldRule, old.Anchor.AddDays(30)), (old.Rule, old.DueAt));
        Assert.Equal(($"{NewRule} on {Calendar}", WorkingDaysAfter(changed.Anchor, 20)), (changed.Rule, changed.DueAt));
        await studio.OpenAsync($"/studio/history/{Workflow}");
        await page.GetByText("Synthetic: the State has working days.").WaitForAsync();
        await studio.ShootAsync("lifecycle-history");
        var changes = await page.Locator("tbody tr").First.Locator("li").AllInnerTextsAsync(); // Of the newest version, against the one that was shipped.
        Assert.Equal(Changes, changes);
        studio.ExpectNothingBroken();
    }

    /// <summary>The calendar of 2008 knows the holidays of 2008 only, and no deadline is guessed: a synthetic edit says that there are none now.</summary>
    private async Task LetKnowTodaysHolidaysAsync()
    {
        var calendar = (await installation.Api.GetAsync(Stage.Secretariat, $"/api/v1/calendars/{Calendar}", Token))["value"]!.DeepClone().AsObject();
        calendar["coversTo"] = "2099-12-31";
        calendar["source"] = "Synthetic: extended by a test.";
        await installation.Stage.PutAsync($"/api/v1/calendars/{Calendar}", calendar);
    }

    /// <summary>Takes a case to where the State is asked to comment.</summary>
    /// <returns>The deadline that the State is given.</returns>
    private async Task<Deadline> DriveToFactCheckAsync(string caseId)
    {
        await DriveAsync(caseId, until: "NoComments");
        var task = await installation.Stage.TaskAsync(caseId, "fact-check");
        return task["task"]!["deadline"].Deserialize<Deadline>(JsonSerializerOptions.Web)!;
    }

    private Task DriveAsync(string caseId, string until) => CaseDrive.UntilAsync(installation.Server, installation.Api, caseId, until, Token);

    /// <summary>Counted by hand, without a holiday.</summary>
    private static DateTimeOffset WorkingDaysAfter(DateTimeOffset anchor, int days)
    {
        while (days > 0)
        {
            anchor = anchor.AddDays(1);
            days -= anchor.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0 : 1;
        }

        return anchor;
    }

    /// <summary>The rule and the calendar in the definition that the workflow of a case runs on.</summary>
    private static async Task<(string? Due, string? Calendar)> RuleOfCaseAsync(StudioClient api, string caseId)
    {
        var instances = await api.SendAsync("POST", "/workflow-instances", new JsonObject { ["page"] = 0, ["pageSize"] = 10, ["correlationId"] = caseId });
        var version = (string)Assert.Single(instances.Json["items"]!.AsArray())!["definitionVersionId"]!;
        return RuleOf(await api.GetAsync($"/workflow-definitions/by-id/{Uri.EscapeDataString(version)}"));
    }

    private static (string? Due, string? Calendar) RuleOf(JsonNode definition)
    {
        var activity = definition["root"]!["activities"]!.AsArray().First(each => (string)each!["id"]! is "fact-check")!;
        return (TextOf("due"), TextOf("calendar"));

        string? TextOf(string input) => (string?)activity[input]?["expression"]?["value"];
    }

    /// <summary>What the State is given.</summary>
    private sealed record Deadline(string Rule, DateTimeOffset Anchor, DateTimeOffset DueAt);
}
