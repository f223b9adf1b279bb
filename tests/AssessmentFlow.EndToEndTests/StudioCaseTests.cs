using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>A workflow that the secretariat draws from nothing drives a case.</summary>
[Collection(StudioBrowser.OneAtATime)]
public sealed class StudioCaseTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    private const string Regime = "synthetic-drawn";

    /// <summary>The agencies of the delegation. The last one never signs off.</summary>
    private static readonly string[] Agencies = ["ADB", "IOM", "UNODC"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workflow_drawn_from_nothing_takes_a_case_through_consent_two_of_three_reviews_silence_and_circulation()
    {
        await using var studio = await StudioBrowser.SignInAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        using var api = new StudioClient(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);
        var workflow = await DrawAsync(studio, api);
        await studio.ShootAsync("case-drawn");
        await studio.PublishAsync("Synthetic: drawn from nothing.");
        await Eventually.HoldsAsync("the drawing is published", async () => (bool)(await api.OpenAsync(workflow))["isPublished"]!, Token);

        var caseId = await OpenCaseAsync(workflow);
        await ConsentAsync(caseId);
        await Eventually.HoldsAsync("the agencies are asked", async () => (await ListAsync($"/api/v1/assessments/{caseId}/reviews")).Count == Agencies.Length, Token);
        foreach (var agency in Agencies[..2])
        {
            Assert.Empty(await ListAsync($"/api/v1/assessments/{caseId}/silences"));
            await installation.Stage.SignOffAsync($"{caseId}.{agency}");
        }

        await Eventually.HoldsAsync("the report is circulated", async () => (await ListAsync($"/api/v1/circulations?assessment={caseId}")).Count is 15, Token);
        var silence = Assert.Single(await ListAsync($"/api/v1/assessments/{caseId}/silences"));
        Assert.Equal("Adopted", (string?)silence["status"]);
        await studio.OpenAsync("/studio/workflows/instances");
        await studio.Page.Row("Synthetic case of its own").First.ClickAsync();
        await studio.Page.Detail("Sub status", "Suspended").WaitForAsync();
        await studio.ShootAsync("case-circulated");
        studio.ExpectNothingBroken();
    }

    private static async Task<string> DrawAsync(StudioBrowser studio, StudioClient api)
    {
        var page = studio.Page;
        var id = await studio.CreateAsync("Synthetic case of its own");
        await page.DropAsync("Assessment", "Request Consent", 80, 80);
        await page.DropAsync("Assessment", "Agency Reviews", 420, 80);
        await page.DropAsync("Assessment", "Silence Procedure", 80, 230);
        await page.DropAsync("Assessment", "Circulate Report", 420, 230);
        await page.ConnectAsync("RequestConsent1", "AgencyReviews1");
        await page.ConnectAsync("AgencyReviews1", "SilenceProcedure1");
        await page.ConnectAsync("SilenceProcedure1", "CirculateReport1");
        await Eventually.HoldsAsync("the connections are saved", async () => (await api.OpenAsync(id))["root"]!["connections"]!.AsArray().Count is 3, Token);
        await FillAsync("RequestConsent1", "State", "KH");
        await FillAsync("AgencyReviews1", "Quorum", "2");
        await FillAsync("SilenceProcedure1", "Subject", "Synthetic subject");
        await FillAsync("SilenceProcedure1", "Roster date", "2008-06-01");
        await page.WriteAsync("SilenceProcedure1", "Expires at", "new Date(Date.now() + 3000).toISOString()");
        await SavedAsync("toISOString()");
        await FillAsync("CirculateReport1", "Title", "Synthetic report");
        await FillAsync("CirculateReport1", "Circulation date", "2008-06-02");
        return id;

        async Task FillAsync(string activity, string input, string value)
        {
            await page.FillAsync(activity, input, value);
            await SavedAsync($"\"{value}\"");
        }

        // Whoever goes on to another activity first looks whether the last input was taken.
        Task SavedAsync(string written) => Eventually.HoldsAsync(
            $"{written} is saved", async () => (await api.OpenAsync(id))["root"]!.ToJsonString(JsonSerializerOptions.Web).Contains(written, StringComparison.Ordinal), Token);
    }

    /// <summary>A case of a regime that the drawn workflow drives.</summary>
    private async Task<string> OpenCaseAsync(string workflow)
    {
        var regime = (await installation.Api.GetAsync(Stage.Secretariat, "/api/v1/regimes/unscr-1373", Token))["value"]!.DeepClone().AsObject();
        regime["name"] = "Synthetic regime";
        regime["workflow"] = workflow;
        await installation.Stage.PutAsync($"/api/v1/regimes/{Regime}", regime);
        var caseId = await installation.Stage.OpenCaseAsync(regime: Regime);
        await installation.Stage.PutAsync($"/api/v1/assessments/{caseId}/delegation", new JsonObject
        {
            ["leader"] = null,
            ["members"] = new JsonArray([.. Agencies.Select(agency => new JsonObject { ["agency"] = agency })]),
        });
        return caseId;
    }

    private async Task ConsentAsync(string caseId)
    {
        JsonNode? task = null;
        await Eventually.HoldsAsync("the State is asked", async () => (task = (await ListAsync($"/api/v1/tasks?assessment={caseId}")).SingleOrDefault()) is not null, Token);
        await installation.Api.ChangeAsync("state-kh", "POST", $"/api/v1/tasks/{task!["id"]}/complete", new JsonObject { ["outcome"] = "Consented" }, Token);
    }

    private Task<IReadOnlyList<JsonNode>> ListAsync(string path) => installation.Api.ListAsync(Stage.Secretariat, path, Token);
}
