using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;

namespace AssessmentFlow.EndToEndTests;

/// <summary>A bare start shows the Cambodia case as the public record has it: what is counted there is counted here.</summary>
public abstract class SampleCaseSpec(Installation installation)
{
    private const string Case = "/api/v1/assessments/KH-2008-05";
    private const string Reader = "auditor";

    private static readonly string[] FieldsOfProgrammes = ["beneficiary", "implementer", "start", "end", "duration", "amount"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bare_start_lists_the_Cambodia_case_and_no_other()
    {
        var cases = await installation.Api.ListAsync("secretariat", "/api/v1/assessments", Token);

        var found = Assert.Single(cases);
        Assert.Equal(
            ("KH-2008-05", "Cambodia", "KH", "unscr-1373", "2008-05-05", "2008-05-09"),
            ((string?)found["id"], (string?)found["state"], (string?)found["iso2"], (string?)found["regime"], (string?)found["visitFrom"], (string?)found["visitTo"]));
    }

    [Fact]
    public async Task What_the_record_does_not_say_about_the_visit_is_null_and_the_case_waits_for_its_endorsement()
    {
        var found = await installation.Api.GetAsync(Reader, Case, Token);
        var tasks = await installation.Api.ListAsync(Reader, "/api/v1/tasks?assessment=KH-2008-05&status=open", Token);

        Assert.Null(Member(found, "visitType"));
        Assert.Null(Member(found, "synthetic"));
        Assert.Equal("Proposed", (string?)found["phase"]);
        Assert.Equal(("endorse", "secretariat"), ((string?)Assert.Single(tasks)["activityId"], (string?)tasks[0]["task"]!["assignedTo"]));
    }

    [Theory]
    [InlineData("findings", 26)]
    [InlineData("programmes", 12)]
    [InlineData("report/portions", 13)]
    [InlineData("record/commitment", 8)]
    [InlineData("record/organisation", 20)]
    [InlineData("record/actor", 18)]
    [InlineData("record/donor", 8)]
    [InlineData("record/event", 7)]
    [InlineData("record/instrument", 5)]
    [InlineData("record/artefact", 5)]
    [InlineData("record/question", 10)]
    public async Task The_record_is_whole(string kind, int count) =>
        Assert.Equal(count, (await installation.Api.ListAsync(Reader, $"{Case}/{kind}?limit=7", Token)).Select(item => (string?)item["id"]).Distinct().Count());

    [Fact]
    public async Task Findings_keep_their_kinds_and_name_the_portions_that_say_so()
    {
        var findings = await installation.Api.ListAsync(Reader, $"{Case}/findings", Token);

        var counts = findings.GroupBy(finding => (string)finding["type"]!).ToDictionary(kind => kind.Key, kind => kind.Count(), StringComparer.Ordinal);
        Assert.Equal((5, 3, 4, 3), (counts["Shortfall"], counts["Strength"], counts["Recommendation"], counts["Concern"]));
        var portions = (await installation.Api.ListAsync(Reader, $"{Case}/report/portions", Token)).Select(portion => (string?)portion["id"]).ToHashSet(StringComparer.Ordinal);
        Assert.All(findings, finding => Assert.NotEmpty(finding["refs"]!.AsArray()));
        Assert.All(findings.SelectMany(finding => finding["refs"]!.AsArray()), reference => Assert.Contains((string?)reference, portions));
    }

    [Fact]
    public async Task Programmes_keep_their_status_and_not_stated_is_one()
    {
        var programmes = await installation.Api.ListAsync(Reader, $"{Case}/programmes", Token);

        var counts = programmes.GroupBy(programme => (string)programme["status"]!).ToDictionary(status => status.Key, status => status.Count(), StringComparer.Ordinal);
        Assert.Equal((2, 6, 4), (counts["Undertaken"], counts["Underway"], counts["NotStated"]));
        Assert.DoesNotContain("UnderConsideration", counts.Keys);
    }

    [Fact]
    public async Task What_the_record_does_not_say_about_a_programme_or_commitment_is_there_as_null()
    {
        var programmes = await installation.Api.ListAsync(Reader, $"{Case}/programmes", Token);
        var commitments = await installation.Api.ListAsync(Reader, $"{Case}/record/commitment", Token);

        Assert.All(programmes, programme => Assert.All(FieldsOfProgrammes, field => Assert.True(programme.AsObject().ContainsKey(field), $"{programme["id"]} leaves out {field}.")));
        Assert.Equal(12, programmes.Count(programme => programme["start"] is null));
        Assert.Equal(12, programmes.Count(programme => programme["amount"] is null));
        Assert.All(commitments, commitment => Assert.Null(Member(commitment["facts"]!, "due")));
    }

    [Fact]
    public async Task Every_portion_carries_its_mark_and_the_report_that_of_its_highest()
    {
        var portions = await installation.Api.ListAsync(Reader, $"{Case}/report/portions", Token);
        var report = await installation.Api.GetAsync(Reader, $"{Case}/report", Token);

        Assert.Equal(
            ["SBU", "SBU", "SBU", "SBU", "SBU", "SBU", "SBU", "SBU", "SBU", "SBU", "SBU", "SBU", "U"],
            portions.Select(portion => (string?)portion["mark"]!["level"]).Order(StringComparer.Ordinal));
        Assert.All(portions, portion => Assert.Equal("US", (string?)portion["mark"]!["scheme"]));
        Assert.Equal((13, 0), ((int)report["portions"]!, (int)report["unmarked"]!));
        Assert.Equal(["US:SBU"], report["marks"]!.AsArray().Select(mark => (string?)mark));
    }

    [Fact]
    public async Task Every_other_item_carries_a_mark_and_says_so_where_the_record_gives_none()
    {
        foreach (var kind in new[] { "findings", "programmes", "record/organisation", "record/actor", "record/donor", "record/event", "record/instrument", "record/commitment", "record/artefact", "record/question" })
        {
            var items = await installation.Api.ListAsync(Reader, $"{Case}/{kind}?limit=200", Token);
            Assert.NotEmpty(items);
            Assert.All(items, item => Assert.Equal((kind, (string?)item["id"], "US"), (kind, (string?)item["id"], (string?)item["mark"]?["scheme"])));
            Assert.All(
                items.Where(item => kind is "record/question" || (string?)item["id"] is "E6" or "D5"),
                item => Assert.Equal(("SBU", true), ((string?)item["mark"]!["level"], item["facts"]!["markBasis"] is not null)));
        }
    }

    [Fact]
    public async Task The_delegation_is_that_of_the_record_without_areas_that_nobody_stated()
    {
        var delegation = await installation.Api.GetAsync(Reader, $"{Case}/delegation", Token);

        var members = delegation["members"]!.AsArray();
        Assert.Equal(["ADB", "INTERPOL", "IOM", "UNODC", "UN-SECRETARIAT"], members.Select(member => (string?)member!["agency"]));
        Assert.All(members, member => Assert.Empty(member!["areas"]!.AsArray()));
        Assert.All(members, member => Assert.Null(Member(member!, "representative")));
    }

    /// <summary>A member that must be there, also when it is null.</summary>
    private static JsonNode? Member(JsonNode json, string name)
    {
        Assert.True(json.AsObject().ContainsKey(name), $"There is no {name}.");
        return json[name];
    }
}

public sealed class SampleCaseOnSqlite(SqliteInstallation installation) : SampleCaseSpec(installation), IClassFixture<SqliteInstallation>;

public sealed class SampleCaseOnPostgres(PostgresInstallation installation) : SampleCaseSpec(installation), IClassFixture<PostgresInstallation>;
