using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What States, agencies and donors read of the cases that they have a part in, as docs/roles.md says below its tables, and what is refused about them.</summary>
public sealed class ParticipantTests(RolesInstallation installation) : IClassFixture<RolesInstallation>
{
    private const string Agency = "agency-iom";
    private const string Donor = RolesInstallation.Donor;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RestClient Api => installation.Api;

    private Stage Stage => installation.Stage;

    [Fact]
    public async Task The_State_assessed_reads_the_report_in_the_phases_that_open_it_and_only_what_it_is_cleared_for()
    {
        var path = $"/api/v1/assessments/{await OpenAtRestAsync("FR")}";
        var caseId = path.Split('/')[^1];
        await Stage.AddAsync(Stage.Secretariat, $"{path}/report/portions", new JsonObject { ["id"] = "open", ["text"] = "Synthetic open portion", ["mark"] = null });
        await Stage.AddAsync(Stage.Secretariat, $"{path}/report/portions", new JsonObject { ["id"] = "marked", ["text"] = "Synthetic", ["mark"] = Mark("confidential") });
        string[] report = [$"{path}/report", $"{path}/report/portions", $"{path}/report/portions/open"];
        string[] never = [$"{path}/findings", $"{path}/programmes", $"{path}/record/commitment", $"{path}/silences", $"{path}/timeline"];

        foreach (var (phase, reads) in new[] { ("Proposed", false), ("FactCheck", true), ("Revised", false), ("Transmitted", true) })
        {
            await Stage.EnterPhaseAsync(caseId, phase, reads);
            foreach (var each in report)
            {
                Assert.Equal((phase, each, reads ? HttpStatusCode.OK : HttpStatusCode.Forbidden), (phase, each, await StatusAsync(Donor, each)));
            }

            Assert.Equal(reads ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden, await StatusAsync(Donor, $"{path}/report/portions/marked"));
            foreach (var each in never)
            {
                Assert.Equal((phase, each, HttpStatusCode.Forbidden), (phase, each, await StatusAsync(Donor, each)));
            }

            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("state-vn", $"{path}/report"));
        }

        var found = await Api.GetAsync(Donor, $"{path}/report", Token);
        Assert.Equal(1, (int)found["portions"]!);
        Assert.Equal(["open"], found["hashes"]!.AsArray().Select(each => (string?)each!["id"]));
        Assert.Equal(["open"], await IdsAsync(Donor, $"{path}/report/portions"));
    }

    [Fact]
    public async Task A_donor_reads_its_own_programmes_and_commitments_and_nothing_else_of_a_case()
    {
        var path = $"/api/v1/assessments/{await Stage.OpenCaseAsync()}";
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Donor, $"{path}/programmes"));
        await Stage.AddAsync(Stage.Secretariat, $"{path}/programmes", Programme("own", "FR"));
        await Stage.AddAsync(Stage.Secretariat, $"{path}/programmes", Programme("other", "US"));
        var marked = Programme("marked", "FR");
        marked["mark"] = Mark("confidential");
        await Stage.AddAsync(Stage.Secretariat, $"{path}/programmes", marked);
        await Stage.AddAsync(Stage.Secretariat, $"{path}/record/commitment", Commitment("own", "FR"));
        await Stage.AddAsync(Stage.Secretariat, $"{path}/record/commitment", Commitment("other", "RU"));

        Assert.Equal(["own"], await IdsAsync(Donor, $"{path}/programmes"));
        Assert.Equal(["own"], await IdsAsync(Donor, $"{path}/record/commitment"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Donor, $"{path}/programmes/own"));
        foreach (var hidden in new[] { "/programmes/other", "/programmes/marked", "", "/findings", "/report", "/record/event", "/timeline" })
        {
            Assert.Equal((hidden, HttpStatusCode.NotFound), (hidden, await StatusAsync(Donor, path + hidden)));
        }

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("state-vn", $"{path}/programmes"));
        var stale = await Api.SendAsync(
            new RestRequest("PUT", $"{path}/programmes/own") { Client = Donor, IfMatch = "\"1\"" }.WithJson(Programme("own", "FR")), Token);
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.Status);
    }

    [Fact]
    public async Task An_agency_lists_the_cases_on_whose_delegation_it_is_and_once_taken_off_reads_no_more_than_its_own_review()
    {
        var caseId = await Stage.OpenCaseAsync();
        Assert.Contains(caseId, await IdsAsync(Agency, "/api/v1/assessments?limit=200"));
        var review = $"/api/v1/reviews/{await Stage.WriteChapterAsync(await Stage.OpenReviewAsync(caseId))}";
        var others = review.Replace($".{Stage.Agency}", $".{Stage.OtherAgency}", StringComparison.Ordinal);

        await Stage.PutAsync($"/api/v1/assessments/{caseId}/delegation", new JsonObject { ["members"] = new JsonArray(new JsonObject { ["agency"] = Stage.OtherAgency }) });

        Assert.DoesNotContain(caseId, await IdsAsync(Agency, "/api/v1/assessments?limit=200"));
        Assert.Contains(caseId, await IdsAsync("agency-adb", "/api/v1/assessments?limit=200"));
        foreach (var hidden in new[] { $"/api/v1/assessments/{caseId}", $"/api/v1/assessments/{caseId}/findings", $"/api/v1/assessments/{caseId}/reviews", others })
        {
            Assert.Equal((hidden, HttpStatusCode.NotFound), (hidden, await StatusAsync(Agency, hidden)));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Agency, review));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Agency, $"{review}/chapter"));
    }

    [Fact]
    public async Task A_client_with_several_roles_lists_the_cases_of_all_of_them_once_each()
    {
        var byDelegation = await Stage.OpenCaseAsync();
        var byState = await Stage.OpenCaseAsync("FJ");
        await Stage.PutAsync($"/api/v1/assessments/{byState}/delegation", new JsonObject { ["members"] = new JsonArray(new JsonObject { ["agency"] = "UNODC" }) });
        var byAll = await Stage.OpenCaseAsync("FJ");
        await Stage.CirculateAsync(byAll);
        var bySeat = await Stage.OpenCaseAsync();
        await Stage.PutAsync($"/api/v1/assessments/{bySeat}/delegation", new JsonObject { ["members"] = new JsonArray(new JsonObject { ["agency"] = "UNODC" }) });
        await Stage.OpenSilenceAsync(bySeat);

        foreach (var limit in new[] { 1, 2, 200 })
        {
            var listed = await IdsAsync(RolesInstallation.Several, $"/api/v1/assessments?limit={limit}");
            Assert.Equal(listed.Distinct(StringComparer.Ordinal), listed);
            Assert.Superset(new HashSet<string>([byDelegation, byState, byAll, bySeat], StringComparer.Ordinal), listed.ToHashSet(StringComparer.Ordinal));
        }

        var filtered = await IdsAsync(RolesInstallation.Several, "/api/v1/assessments?state=FJ");
        Assert.Contains(byState, filtered);
        Assert.DoesNotContain(byDelegation, filtered);
    }

    [Fact]
    public async Task A_review_says_whether_it_came_too_late_for_the_report()
    {
        var caseId = await Stage.OpenCaseAsync();
        var inTime = await Stage.SignOffAsync(await Stage.OpenReviewAsync(caseId)); // The quorum of the synthetic workflow is one.
        var late = inTime.Replace($".{Stage.Agency}", $".{Stage.OtherAgency}", StringComparison.Ordinal);
        await Eventually.HoldsAsync(
            $"{caseId} goes on with the first review",
            async () => (await Api.ListAsync("auditor", $"/api/v1/assessments/{caseId}/timeline", Token)).Any(happened => (string?)happened["event"] is "quorum-reached"),
            Token);
        await Stage.SignOffAsync(late);
        await Eventually.HoldsAsync($"{late} is annexed", async () => (bool)(await Api.GetAsync("agency-adb", $"/api/v1/reviews/{late}", Token))["annexed"]!, Token);

        var rows = await Api.ListAsync("auditor", $"/api/v1/assessments/{caseId}/reviews", Token);
        Assert.Equal([(inTime, false), (late, true)], rows.Select(row => ((string)row["id"]!, (bool)row["annexed"]!)).OrderBy(row => row.Item2));
        Assert.False((bool)(await Api.GetAsync(Agency, $"/api/v1/reviews/{inTime}", Token))["annexed"]!);
    }

    [Theory]
    [InlineData("iom", "agency-unknown")]
    [InlineData("Atlantis", "agency-unknown")]
    public async Task A_delegation_of_agencies_that_nobody_knows_is_refused_where_they_stand(string agency, string code)
    {
        var path = $"/api/v1/assessments/{await Stage.OpenCaseAsync()}/delegation";
        var members = new JsonArray(new JsonObject { ["agency"] = "ADB" }, new JsonObject { ["agency"] = agency });

        var answer = await Api.SendAsync(
            new RestRequest("PUT", path) { Client = Stage.Secretariat, IfMatch = "*" }.WithJson(new JsonObject { ["members"] = members }), Token);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal((code, "members[1].agency"), ((string?)answer.Json["errors"]![0]!["code"], (string?)answer.Json["errors"]![0]!["pointer"]));
    }

    [Theory]
    [InlineData("extend", "expiresAt", "2031-05-09T12:00:00")]
    [InlineData("extend", "expiresAt", "2031-05-09")]
    [InlineData("extend", "expiresAt", "tomorrow")]
    [InlineData("hold", "lapsesAt", "2031-05-09T12:00:00.5")]
    public async Task An_instant_without_its_offset_is_refused_where_it_stands(string act, string member, string instant)
    {
        var silence = await Stage.OpenSilenceAsync(await Stage.OpenCaseAsync());
        var client = act is "extend" ? Stage.Secretariat : Stage.SeatClient(Stage.Seat);
        var request = new RestRequest("POST", $"{silence}/{act}") { Client = client, IfMatch = "*", IdempotencyKey = Guid.NewGuid().ToString() };

        var answer = await Api.SendAsync(request.WithJson(new JsonObject { [member] = instant, ["reason"] = "Synthetic." }), Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal($"$.{member}", (string?)answer.Json["errors"]![0]!["pointer"]);
        Assert.Contains("offset", (string?)answer.Json["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_marking_scheme_that_names_a_level_twice_is_refused_whatever_the_letters()
    {
        var request = new RestRequest("PUT", $"/api/v1/marking-schemes/synthetic-{Guid.NewGuid():N}") { Client = Stage.Secretariat, IfMatch = "\"0\"" };

        var answer = await Api.SendAsync(request.WithJson(new JsonObject { ["levels"] = new JsonArray("low", "high", "Low"), ["source"] = "Synthetic." }), Token);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "levels"), (answer.Status, (string?)answer.Json["errors"]![0]!["pointer"]));
    }

    [Fact]
    public async Task A_member_that_a_body_does_not_have_is_refused_where_it_stands()
    {
        var silence = await Stage.OpenSilenceAsync(await Stage.OpenCaseAsync());
        var request = new RestRequest("POST", $"{silence}/withdraw") { Client = Stage.Secretariat, IfMatch = "*", IdempotencyKey = Guid.NewGuid().ToString() };

        var answer = await Api.SendAsync(request.WithJson(new JsonObject { ["reason"] = "Synthetic.", ["raeson"] = "misspelt" }), Token);

        Assert.Equal((HttpStatusCode.BadRequest, "$.raeson"), (answer.Status, (string?)answer.Json["errors"]![0]!["pointer"]));
    }

    /// <summary>A case whose own workflow has come to rest, so that it enters no phase any more.</summary>
    private async Task<string> OpenAtRestAsync(string iso2)
    {
        var caseId = await Stage.OpenCaseAsync(iso2);
        await Stage.TaskAsync(caseId);
        return caseId;
    }

    private async Task<IReadOnlyList<string>> IdsAsync(string client, string path) => [.. (await Api.ListAsync(client, path, Token)).Select(item => (string)item["id"]!)];

    private async Task<HttpStatusCode> StatusAsync(string client, string path) => (await Api.SendAsync(new RestRequest("GET", path) { Client = client }, Token)).Status;

    private static JsonObject Mark(string level) => new() { ["scheme"] = "UN", ["level"] = level };

    private static JsonObject Programme(string id, string donor) => new() { ["id"] = id, ["donor"] = donor, ["title"] = "Synthetic programme" };

    private static JsonObject Commitment(string id, string by) => new() { ["id"] = id, ["summary"] = "Synthetic commitment.", ["facts"] = new JsonObject { ["by"] = by } };
}
