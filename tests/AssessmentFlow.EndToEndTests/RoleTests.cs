using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What the lines of docs/roles.md below its tables say.</summary>
public sealed class RoleTests(RolesInstallation installation) : IClassFixture<RolesInstallation>
{
    private static readonly string[] Handlers = ["secretariat", "mission-leader", "auditor"];

    /// <summary>Every part that there is in a case.</summary>
    public static TheoryData<string> Parts => [.. RolesInstallation.Parts.Keys];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RestClient Api => installation.Api;

    private Stage Stage => installation.Stage;

    [Fact]
    public async Task Whoever_reads_all_that_he_can_finds_only_what_is_for_him()
    {
        var (own, other) = (await Stage.OpenCaseAsync(), await Stage.OpenCaseAsync("FJ"));
        await FillAsync(own);
        await FillOtherAsync(other);
        var tour = await TourAsync(own, other);
        string[] open = [.. Handlers, "agency", "fellow agency", "seat"];
        (string Text, string[] For)[] expected =
        [
            (own, [.. open, "State", "operator"]),
            (other, [.. Handlers, "other agency", "operator"]),
            ("Synthetic open finding", open),
            ("Synthetic marked finding", [.. open.Except([RolesInstallation.Uncleared], StringComparer.Ordinal)]),
            ("Synthetic finding of the few", Handlers),
            ("Synthetic marked portion", [.. open.Except([RolesInstallation.Uncleared], StringComparer.Ordinal)]),
            ("Synthetic chapter of IOM", [.. Handlers, "agency"]),
            ("Synthetic reason of a hold", [.. Handlers, "seat"]),
            ("Synthetic name of an instance", Handlers),
            ("Synthetic input of an instance", Handlers),
            ("Synthetic finding of the other case", [.. Handlers, "other agency"]),
        ];

        var wrong = new List<string>();
        foreach (var (part, (client, _)) in RolesInstallation.Parts)
        {
            var shown = await tour.ReadAllAsync(client, Token);
            wrong.AddRange(expected
                .Where(each => shown.Contains(each.Text, StringComparison.Ordinal) != each.For.Contains(part, StringComparer.Ordinal))
                .Select(each => $"{part} {(each.For.Contains(part, StringComparer.Ordinal) ? "does not find" : "finds")} '{each.Text}'"));
        }

        Assert.True(wrong.Count is 0, string.Join('\n', wrong));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_task_is_seen_and_done_by_the_role_that_it_is_for_and_seen_by_those_who_handle_cases(string part)
    {
        var caseId = await Stage.OpenCaseAsync();
        await Stage.StartAsync(Definitions.Assigned, caseId, new JsonObject { ["Role"] = RolesInstallation.Parts[part].Role });
        var task = (string)(await Stage.TaskAsync(caseId, "assigned"))["id"]!;

        foreach (var (other, (client, _)) in RolesInstallation.Parts)
        {
            var isFor = other == part;
            var sees = isFor || Handlers.Contains(other, StringComparer.Ordinal);
            Assert.Equal((other, sees), (other, await StatusAsync(client, "GET", $"/api/v1/tasks/{task}") is HttpStatusCode.OK));
            Assert.Equal((other, sees), (other, (await Api.ListAsync(client, $"/api/v1/tasks?assessment={caseId}", Token)).Any(each => (string?)each["id"] == task)));
            var refused = sees ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound;
            Assert.Equal((other, isFor ? HttpStatusCode.OK : refused), (other, await StatusAsync(client, "POST", $"/api/v1/tasks/{task}/claim")));
            Assert.Equal((other, isFor || other is "secretariat" ? HttpStatusCode.OK : refused), (other, await StatusAsync(client, "POST", $"/api/v1/tasks/{task}/release", orConflict: other is "secretariat")));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(RolesInstallation.Parts[part].Client, "POST", $"/api/v1/tasks/{task}/complete", new JsonObject { ["outcome"] = "Done" }));
    }

    [Fact]
    public async Task What_another_system_reports_is_recorded_by_the_secretariat_alone()
    {
        var caseId = await Stage.OpenCaseAsync();
        await Stage.StartAsync(Definitions.OfSystem, caseId);
        var task = (string)(await Stage.TaskAsync(caseId, "of-system"))["id"]!;
        var report = new JsonObject { ["result"] = 1 };

        foreach (var (part, (client, _)) in RolesInstallation.Parts.Where(part => part.Key is not "secretariat"))
        {
            var refused = Handlers.Contains(part, StringComparer.Ordinal) ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound;
            Assert.Equal((part, refused), (part, await StatusAsync(client, "POST", $"/api/v1/tasks/{task}/complete", report)));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Stage.Secretariat, "POST", $"/api/v1/tasks/{task}/complete", report));
    }

    [Fact]
    public async Task A_released_review_is_read_by_the_delegation_and_by_no_other_agency()
    {
        var caseId = await Stage.OpenCaseAsync();
        var review = $"/api/v1/reviews/{await Stage.SignOffAsync(await Stage.OpenReviewAsync(caseId))}";
        await Api.ChangeAsync(Stage.MissionLeader, "POST", $"{review}/accept", null, Token);
        await Stage.CirculateAsync(caseId);
        await Eventually.HoldsAsync(
            $"{review} is released", async () => (string?)(await Api.GetAsync(Stage.Secretariat, review, Token))["status"] is "Released", Token);

        string[] readers = [.. Handlers, "agency", "fellow agency"];
        foreach (var (part, (client, _)) in RolesInstallation.Parts)
        {
            var status = readers.Contains(part, StringComparer.Ordinal) ? HttpStatusCode.OK : HttpStatusCode.NotFound;
            foreach (var what in new[] { "", "/chapter", "/findings" })
            {
                Assert.Equal((part, what, status), (part, what, await StatusAsync(client, "GET", review + what)));
            }
        }
    }

    [Fact]
    public async Task A_donor_changes_its_own_programmes_and_neither_adds_any_nor_takes_one_over()
    {
        var programmes = $"/api/v1/assessments/{await Stage.OpenCaseAsync()}/programmes";
        var (own, _) = await Stage.AddAsync(Stage.Secretariat, programmes, Programme("FR", "NotStated"));
        var (other, _) = await Stage.AddAsync(Stage.Secretariat, programmes, Programme("US", "NotStated"));
        const string Donor = RolesInstallation.Donor;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Donor, "PUT", own, Programme("FR", "Underway")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(Donor, "PUT", own, Programme("US", "Underway")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Donor, "PUT", other, Programme("FR", "Underway")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Donor, "POST", programmes, Programme("FR", "Underway")));
        Assert.Equal("Underway", (string?)(await Api.GetAsync(Stage.Secretariat, own, Token))["status"]);
        Assert.Equal("US", (string?)(await Api.GetAsync(Stage.Secretariat, other, Token))["donor"]);
    }

    [Fact]
    public async Task Who_opens_cases_alone_learns_whether_an_id_is_taken()
    {
        var taken = new JsonObject
        {
            ["id"] = await Stage.OpenCaseAsync(),
            ["title"] = "Synthetic case",
            ["state"] = new JsonObject { ["name"] = "Synthetic State", ["iso2"] = "KH" },
            ["regime"] = "unscr-1373",
        };

        foreach (var (part, (client, _)) in RolesInstallation.Parts)
        {
            Assert.Equal(
                (part, part is "secretariat" ? HttpStatusCode.Conflict : HttpStatusCode.Forbidden),
                (part, await StatusAsync(client, "POST", "/api/v1/assessments", taken)));
        }
    }

    [Fact]
    public async Task A_page_of_the_cases_of_an_agency_leads_to_the_next_until_all_were_shown_once()
    {
        var cases = new List<string>();
        for (var count = 0; count < 3; count++)
        {
            cases.Add(await Stage.OpenCaseAsync());
            await Stage.OpenReviewAsync(cases[^1]);
        }

        var shown = (await Api.ListAsync(RolesInstallation.Parts["agency"].Client, "/api/v1/assessments?limit=1", Token)).Select(each => (string)each["id"]!).ToList();

        Assert.Equal(shown.Distinct(StringComparer.Ordinal), shown);
        Assert.Superset(cases.ToHashSet(StringComparer.Ordinal), shown.ToHashSet(StringComparer.Ordinal));
    }

    private static JsonObject Programme(string donor, string status) => new() { ["donor"] = donor, ["title"] = "Synthetic programme", ["status"] = status };

    private async Task FillAsync(string caseId)
    {
        var findings = $"/api/v1/assessments/{caseId}/findings";
        await Stage.AddAsync(Stage.Secretariat, findings, Finding("open", "Synthetic open finding"));
        await Stage.AddAsync(Stage.Secretariat, findings, With(Finding("marked", "Synthetic marked finding"), "mark", new JsonObject { ["scheme"] = "UN", ["level"] = "confidential" }));
        await Stage.AddAsync(Stage.Secretariat, findings, With(Finding("few", "Synthetic finding of the few"), "needToKnow", true));
        await Stage.AddAsync(Stage.Secretariat, $"/api/v1/assessments/{caseId}/report/portions", new JsonObject
        {
            ["id"] = "portion",
            ["text"] = "Synthetic marked portion",
            ["mark"] = new JsonObject { ["scheme"] = "US", ["level"] = "SBU" },
        });
        var review = await Stage.OpenReviewAsync(caseId);
        await Api.ChangeAsync(Stage.ClientOf(review), "PUT", $"/api/v1/reviews/{review}/chapter", new JsonObject { ["text"] = "Synthetic chapter of IOM" }, Token);
        var silence = await Stage.OpenSilenceAsync(caseId);
        await Api.ChangeAsync(Stage.SeatClient(Stage.Seat), "POST", $"{silence}/hold", new JsonObject { ["reason"] = "Synthetic reason of a hold" }, Token);
        await Stage.CirculateAsync(caseId);
        await Api.ChangeAsync(Stage.Secretariat, "POST", "/api/v1/instances", new JsonObject
        {
            ["definitionId"] = Definitions.Waits,
            ["correlationId"] = caseId,
            ["name"] = "Synthetic name of an instance",
            ["input"] = new JsonObject { ["Text"] = "Synthetic input of an instance" },
        }, Token);
    }

    private async Task FillOtherAsync(string caseId)
    {
        await Stage.PutAsync($"/api/v1/assessments/{caseId}/delegation", new JsonObject { ["members"] = new JsonArray(new JsonObject { ["agency"] = "UNODC" }) });
        await Stage.AddAsync(Stage.Secretariat, $"/api/v1/assessments/{caseId}/findings", Finding("other", "Synthetic finding of the other case"));
        await Stage.StartAsync(Definitions.Reviews, caseId);
        await Eventually.HoldsAsync(
            $"the agency of {caseId} is asked for its review",
            async () => (await Api.ListAsync(Stage.Secretariat, $"/api/v1/assessments/{caseId}/reviews", Token)).Count is 1,
            Token);
    }

    private async Task<ReadingTour> TourAsync(params string[] cases)
    {
        var (tasks, instances, reviews, copies) = (new List<string>(), new List<string>(), new List<string>(), new List<string>());
        foreach (var id in cases)
        {
            tasks.AddRange(await IdsAsync($"/api/v1/tasks?assessment={id}"));
            instances.AddRange(await IdsAsync($"/api/v1/instances?correlationId={id}"));
            reviews.AddRange(await IdsAsync($"/api/v1/assessments/{id}/reviews"));
            copies.AddRange(await IdsAsync($"/api/v1/circulations?assessment={id}"));
        }

        return new ReadingTour(Api, await OpenApi.ReadAsync(Api),
        [
            new("/assessments/{id}", [.. cases.Select(id => $"/assessments/{id}")]),
            new("/reviews/{id}", [.. reviews.Select(id => $"/reviews/{id}")]),
            new("/tasks/{id}", [.. tasks.Select(id => $"/tasks/{id}")]),
            new("/instances/{id}", [.. instances.Select(id => $"/instances/{id}")]),
            new("/circulations/{copyId}", [.. copies.Select(id => $"/circulations/{id}")]),
            new("{caseId}", cases),
            new("{kind}", ["commitment"]),
            new("{itemId}", ["open", "marked", "few", "portion", "other"]),
            new("{round}", ["1"]),
            new("{definitionId}", [Definitions.Waits]),
            new("{id}", ["UN"]),
        ]);
    }

    private async Task<IEnumerable<string>> IdsAsync(string path) => (await Api.ListAsync(Stage.Secretariat, path, Token)).Select(item => (string)item["id"]!);

    private async Task<HttpStatusCode> StatusAsync(string client, string method, string path, JsonObject? body = null, bool orConflict = false)
    {
        var request = new RestRequest(method, path) { Client = client, IfMatch = method is "GET" ? null : "*", IdempotencyKey = method is "POST" ? Guid.NewGuid().ToString() : null };
        var status = (await Api.SendAsync(request.WithJson(body), Token)).Status;
        return orConflict && status is HttpStatusCode.Conflict ? HttpStatusCode.OK : status;
    }

    private static JsonObject Finding(string id, string summary) => new() { ["id"] = id, ["type"] = "Context", ["area"] = "synthetic", ["summary"] = summary };

    private static JsonObject With(JsonObject json, string name, JsonNode value)
    {
        json[name] = value;
        return json;
    }
}
