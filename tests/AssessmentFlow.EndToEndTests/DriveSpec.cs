using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>The drive of <c>flow demo</c> takes a case through the API to circulation, also while the server dies on the way.</summary>
public abstract class DriveSpec(Installation installation)
{
    /// <summary>Members of the Council at its sitting of 6 May 2008 (S/PV.5886).</summary>
    private static readonly string[] Members2008 =
    [
        "Belgium", "Burkina Faso", "China", "Costa Rica", "Croatia", "France", "Indonesia", "Italy", "Libya", "Panama",
        "Russian Federation", "South Africa", "United Kingdom", "United States", "Viet Nam",
    ];

    /// <summary>Members of the Council of 2009: those of 2008 whose terms go on, and the five elected in October 2008.</summary>
    private static readonly string[] Members2009 =
    [
        "Austria", "Burkina Faso", "China", "Costa Rica", "Croatia", "France", "Japan", "Libya", "Mexico", "Russian Federation",
        "Turkey", "Uganda", "United Kingdom", "United States", "Viet Nam",
    ];

    /// <summary>Phases of a case on its way to circulation. The follow-up of a report received in 2008 or 2009 is long due.</summary>
    private static readonly string[] PhasesToCirculation =
    [
        "Proposed", "Endorsed", "ConsentRequested", "Consented", "Preparing", "OnSite", "PAODelivered", "Drafting", "Consolidated",
        "FactCheck", "Revised", "Silence", "Adopted", "Transmitted", "FollowUpDue",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>How often the server is killed at least on the long drive.</summary>
    private protected abstract int KillsMin { get; }

    /// <summary>When the server is killed around the n-th change of the long drive.</summary>
    private protected abstract Kill PlanOf(int change);

    [Fact]
    public async Task The_record_s_case_circulated_in_2008_goes_in_fifteen_numbered_copies_to_the_members_of_2008()
    {
        await DriveAsync("KH-2008-05", new DateOnly(2008, 11, 20), TimeSpan.FromSeconds(2), _ => Kill.Never);

        await AssertCirculatedAsync("KH-2008-05", "2008-11-20", Members2008, ["US:SBU"]);
        await AssertNothingLostOrDoubledAsync("KH-2008-05");
    }

    [Fact]
    public async Task A_case_circulated_in_2009_goes_in_fifteen_numbered_copies_to_the_members_of_2009_though_the_server_is_killed_on_the_way()
    {
        // The silence is long enough for a restart between its opening and its expiry.
        var transport = await DriveAsync("KH-2009-killed", new DateOnly(2009, 1, 15), TimeSpan.FromSeconds(20), PlanOf);

        await AssertCirculatedAsync("KH-2009-killed", "2009-01-15", Members2009, []);
        await AssertNothingLostOrDoubledAsync("KH-2009-killed");
        var written = (await TurnChain.ReadAsync(installation)).Turns.Select(turn => turn.InputId).ToHashSet(StringComparer.Ordinal);
        Assert.All(transport.Acknowledged, key => Assert.Single(written, input => input.StartsWith("api/", StringComparison.Ordinal) && input.EndsWith("/" + key, StringComparison.Ordinal)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{transport.Acknowledged.Count} changes acknowledged, {transport.Kills} kills");
        Assert.True(transport.Kills >= KillsMin, $"The server was killed {transport.Kills} times.");
    }

    private async Task<KillingTransport> DriveAsync(string caseId, DateOnly circulatedOn, TimeSpan silence, Func<int, Kill> plan)
    {
        using var transport = new KillingTransport(installation.Server, plan);
        await CaseDrive.ToCirculationAsync(installation.Server, installation.Api, caseId, circulatedOn, silence, transport, Token);
        return transport;
    }

    private async Task AssertCirculatedAsync(string caseId, string on, string[] seats, string[] marks)
    {
        var copies = await installation.Api.ListAsync("auditor", $"/api/v1/circulations?assessment={caseId}", Token);

        Assert.Equal(Enumerable.Range(1, 15), copies.Select(copy => (int)copy["copy"]!).Order());
        Assert.Equal(seats, copies.Select(copy => (string)copy["seat"]!).Order(StringComparer.Ordinal));
        Assert.All(copies, copy => Assert.Equal(on, (string?)copy["circulatedOn"]));
        Assert.All(copies, copy => Assert.Equal(marks, copy["marks"]!.AsArray().Select(mark => (string?)mark)));
        Assert.All(copies, copy => Assert.NotNull(copy["acknowledgedAt"]));
        await AssertOfOneTextAsync(caseId, copies);
    }

    /// <summary>A seat finds that its copy is of the very text that it reads, and of the one that was adopted.</summary>
    private async Task AssertOfOneTextAsync(string caseId, IReadOnlyList<JsonNode> copies)
    {
        const string Reader = "seat-france";
        var portions = await installation.Api.ListAsync(Reader, $"/api/v1/assessments/{caseId}/report/portions", Token);
        var report = await installation.Api.GetAsync(Reader, $"/api/v1/assessments/{caseId}/report", Token);
        var silence = await installation.Api.GetAsync(Reader, $"/api/v1/assessments/{caseId}/silences/1", Token);

        var text = (ReportHash.Of(portions), (long?)report["textVersion"]);
        Assert.All([.. copies, report, silence], each => Assert.Equal(text, ((string?)each["textSha256"], (long?)each["textVersion"])));
        Assert.Equal(
            portions.Select(portion => ((string?)portion["id"], (long?)portion["version"], (string?)ReportHash.OfPortion(portion))),
            report["hashes"]!.AsArray().Select(each => ((string?)each!["id"], (long?)each["version"], (string?)each["sha256"])));
    }

    private async Task AssertNothingLostOrDoubledAsync(string caseId)
    {
        var timeline = await SettledTimelineAsync(caseId);
        var completed = timeline.Where(happened => Is(happened, "task-completed")).Select(happened => (string)happened["task"]!).ToList();
        var opened = timeline.Where(happened => Is(happened, "task-opened")).Select(happened => (string)happened["task"]!).ToList();

        // Twelve tasks that people do, the overdue follow-up, and one to write and one to read for each of five agencies.
        Assert.Equal(23, completed.Count);
        Assert.Equal(completed.Count, completed.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(24, opened.Count);
        Assert.Equal(opened.Count, opened.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(PhasesToCirculation, timeline.Where(happened => Is(happened, "phase-entered")).Select(happened => (string)happened["phase"]!));
        foreach (var (what, count) in new[]
        {
            ("opened", 1), ("delegation-composed", 1), ("consent-recorded", 1), ("reviews-opened", 1), ("quorum-reached", 1), ("silence-opened", 1),
            ("silence-ended", 1), ("chapter-written", 5), ("review-submitted", 5), ("review-accepted", 5), ("review-released", 5),
            ("circulated", 1), ("copy-acknowledged", 15), ("all-acknowledged", 1), ("task-cancelled", 0),
        })
        {
            Assert.True(timeline.Count(happened => Is(happened, what)) == count, $"\"{what}\" happened {timeline.Count(happened => Is(happened, what))} times, not {count}.");
        }

        Assert.Equal(
            Enumerable.Range(1, 15), timeline.Where(happened => Is(happened, "copy-acknowledged")).Select(happened => (int)happened["copy"]!).Order());
        (await TurnChain.ReadAsync(installation)).AssertUnbroken();
    }

    /// <summary>The timeline, once everything that the last change set going has come to rest.</summary>
    private async Task<IReadOnlyList<JsonNode>> SettledTimelineAsync(string caseId)
    {
        IReadOnlyList<JsonNode> timeline = [];
        await Eventually.HoldsAsync(
            $"in {caseId} the circulation ends, the five reviews are released and the follow-up is up for review",
            async () =>
            {
                timeline = await installation.Api.ListAsync("auditor", $"/api/v1/assessments/{caseId}/timeline?limit=50", Token);
                var ended = await installation.Api.ListAsync(
                    "auditor", $"/api/v1/instances?correlationId={caseId}&definitionId=report-circulation&status=Finished", Token);
                return ended.Count is 1
                    && timeline.Count(happened => Is(happened, "review-released")) >= 5
                    && timeline.Any(happened => Is(happened, "task-opened") && (string?)happened["title"] is "Review the follow-up");
            },
            Token);
        return timeline;
    }

    private static bool Is(JsonNode happened, string what) => (string?)happened["event"] == what;
}

/// <summary>Every change of the drive is followed by a kill.</summary>
public sealed class DriveOnSqlite(SqliteInstallation installation) : DriveSpec(installation), IClassFixture<SqliteInstallation>
{
    private protected override int KillsMin => 47;

    private protected override Kill PlanOf(int change) => Kill.AfterAnswer;
}

/// <summary>Around every sixth change the server is killed, each time at another moment.</summary>
public sealed class DriveOnPostgres(PostgresInstallation installation) : DriveSpec(installation), IClassFixture<PostgresInstallation>
{
    private static readonly Kill[] Moments = [Kill.AfterAnswer, Kill.UnderWay, Kill.BeforeAnswerArrives];

    private protected override int KillsMin => 8;

    private protected override Kill PlanOf(int change) => change % 6 is 3 ? Moments[change / 6 % Moments.Length] : Kill.Never;
}
