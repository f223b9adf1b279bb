using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Deadlines;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Simulation;
using AssessmentFlow.Worlds;
using NodaTime;

namespace AssessmentFlow.SimulationTests;

/// <summary>
/// Ten years of synthetic cases on the workflows that are shipped. Meanwhile the Council changes every year, a calendar is
/// edited, the deadline of the fact-check is changed twice, and all silos are restarted once a year. Most people do their
/// work within weeks; some never do, and some decide otherwise.
/// </summary>
internal static class Decade
{
    /// <summary>Cases that share a database (count). What they share is only that, so that worlds may be small.</summary>
    public const int CasesPerWorld = 5;

    /// <summary>How long it is (years).</summary>
    public const int Years = 10;

    private const int FirstYear = 2030;
    private const string Calendar = "SYNTHETIC";
    private const string Council = "security-council";
    private const string RegimeId = "unscr-1373";

    private static readonly Actor Secretariat = new("secretariat", [Roles.Secretariat]);
    private static readonly string[] Agencies = ["INTERPOL", "IOM", "UNODC"];
    private static readonly string[] Permanent = ["China", "France", "Russian Federation", "United Kingdom", "United States"];
    private static readonly ReferenceSnapshot Shipped = Repository.ShippedReference();
    private static readonly string Lifecycle = Workflow("visit-lifecycle");

    /// <summary>Rules of the fact-check, each with the day from which new cases have it.</summary>
    public static readonly ImmutableArray<(DateTimeOffset From, string Rule)> FactChecks =
    [
        (At(FirstYear, 1, 1), "30 calendar days"),
        (At(FirstYear + 3, 1, 1), $"20 working days on {Calendar}"),
        (At(FirstYear + 6, 1, 1), "45 calendar days"),
    ];

    /// <summary>Members of the Council on a date, as the roster knows them in the end.</summary>
    public static ImmutableArray<string> SeatsOn(LocalDate date) => RosterUntil(FirstYear + Years).SeatsOn(date);

    /// <summary>The cases with these numbers, in a world of their own.</summary>
    public static Scenario Of(int world)
    {
        var scenario = new Scenario
        {
            Begin = At(FirstYear, 1, 1),
            Duration = At(FirstYear + Years, 1, 1) - At(FirstYear, 1, 1),
            Reference = ReferenceOf(FirstYear),
            StepsMax = 200_000,
        };
        scenario.Define(Workflow("agency-review")).Define(Workflow("report-circulation")).Define(Lifecycle).CompleteTasks(DataFor, PauseBefore);
        for (var year = FirstYear; year < FirstYear + Years; year++)
        {
            foreach (var (from, rule) in FactChecks.Skip(1).Where(each => each.From.Year == year))
            {
                scenario.Define(WithFactCheck(rule), from);
            }

            var next = year + 1;
            scenario.Restart(At(year, 3, 15)).Change(At(year, 11, 1), _ => ReferenceOf(next));
        }

        for (var i = 0; i < CasesPerWorld; i++)
        {
            Add(scenario, $"SYN-{world}-{i}");
        }

        return scenario;
    }

    private static void Add(Scenario scenario, string caseId)
    {
        var dice = new Dice(Dice.SeedOf(caseId));
        var opened = scenario.Begin.AddDays(dice.Below(365 * (Years - 1)));
        scenario.Ask(
            $"open-{caseId}",
            caseId,
            new AssessmentInput.Open("Synthetic", new AssessedState("Ruritania", "RR"), RegimeId, VisitType: null, VisitFrom: null, VisitTo: null, "Synthetic", Secretariat),
            notBefore: opened);
        scenario.Ask(
            $"compose-{caseId}",
            caseId,
            new AssessmentInput.ComposeDelegation(Leader: null, [.. Agencies.Select(agency => new DelegationMember(agency, [], Representative: null))], IfChangedAt: null, Secretariat),
            when: static _ => true);
        foreach (var agency in Agencies.Skip(dice.Below(20) is 0 ? 2 : 0))
        {
            Write("write", static _ => true);
            Write("rewrite", static review => review.Status is ReviewStatus.Returned);

            void Write(string name, Func<ReviewState, bool> when) => scenario.Ask(
                $"{name}-{caseId}-{agency}",
                ReviewIds.Of(caseId, agency),
                new ReviewInput.WriteChapter(new Chapter { Text = $"Synthetic chapter ({name})." }, IfChangedAt: null, new Actor(agency, [Roles.OfAgency(agency)])),
                when,
                after: TimeSpan.FromDays(1 + dice.Below(20)));
        }

        if (dice.Below(6) is 0)
        {
            scenario.Ask(
                $"object-{caseId}",
                caseId,
                new AssessmentInput.ActOnSilence(1, SilenceAct.Object, "France", "Synthetic objection.", Until: null, IfChangedAt: null, new Actor("france", [Roles.OfSeat("France")])),
                when: static state => state.Silences.Length is 1,
                after: TimeSpan.FromDays(1));
        }

        var everySeat = new Actor("council", [.. RosterUntil(FirstYear + Years).Terms.Select(term => Roles.OfSeat(term.Seat)).Distinct()]);
        var copies = dice.Below(8) is 0 ? 12 : 15; // Else three seats never say that they have theirs.
        for (var copy = 1; copy <= copies; copy++)
        {
            scenario.Ask(
                $"acknowledge-{caseId}-{copy}",
                caseId,
                new AssessmentInput.AcknowledgeCopy(1, copy, IfChangedAt: null, everySeat),
                when: static state => state.Circulations.Length > 0,
                after: TimeSpan.FromDays(1 + dice.Below(25)));
        }
    }

    /// <summary>What somebody hands in with a task.</summary>
    private static JsonElement DataFor(JsonElement task)
    {
        var openedAt = task.GetProperty("openedAt").GetDateTimeOffset();
        var day = JsonValues.Of(openedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        var data = ActivityOf(task) switch
        {
            "visit" or "physical-part" => JsonValues.Object(("from", day), ("to", day)),
            "observations" => JsonValues.Object(("deliveredOn", day)),
            "open-silence" => JsonValues.Object(("expiresAt", JsonValues.Of(openedAt + PauseBefore(task) + TimeSpan.FromDays(5)))),
            "transmit" => JsonValues.Object(("receivedOn", day)),
            "circulate-on" or "correct" => JsonValues.Object(("circulatedOn", day)),
            _ => JsonValues.EmptyObject,
        };
        return JsonValues.Object(("outcome", JsonValues.Of(OutcomeOf(task))), ("data", data));
    }

    /// <summary>Mostly the first outcome, which is the way to the end; one time in twelve another one, where there is one.</summary>
    private static string OutcomeOf(JsonElement task)
    {
        var outcomes = task.GetProperty("task").GetProperty("outcomes").EnumerateArray().Select(outcome => outcome.GetString()!).ToArray();
        var dice = new Dice(Dice.SeedOf(task.GetProperty("id").GetString()!));
        return outcomes.Length > 1 && dice.Below(12) is 0 ? outcomes[1 + dice.Below(outcomes.Length - 1)] : outcomes[0];
    }

    /// <summary>How long somebody takes over a task: days, more for a chapter, which is written meanwhile; one in sixty is forgotten.</summary>
    private static TimeSpan PauseBefore(JsonElement task)
    {
        var dice = new Dice(Dice.SeedOf("pause " + task.GetProperty("id").GetString()));
        var isForgotten = dice.Below(ActivityOf(task) is "fact-check" or "consent" or "follow-up" ? 4 : 60) is 0;
        return isForgotten ? TimeSpan.MaxValue : TimeSpan.FromDays((ActivityOf(task) is "write" ? 22 : 1) + dice.Below(15));
    }

    private static string ActivityOf(JsonElement task) => task.GetProperty("activityId").GetString()!;

    /// <summary>Every year the calendar and the Council are known until the end of the next.</summary>
    private static ReferenceSnapshot ReferenceOf(int year)
    {
        var calendar = new HolidayCalendar(
            Calendar,
            year - FirstYear + 1,
            [IsoDayOfWeek.Saturday, IsoDayOfWeek.Sunday],
            [.. Enumerable.Range(FirstYear, year - FirstYear + 1).Select(each => new LocalDate(each, 1 + (each % 12), 10))],
            new LocalDate(FirstYear, 1, 1),
            new LocalDate(year + 1, 12, 31),
            "Synthetic");
        var regime = Shipped.Regimes[RegimeId];
        return Shipped with
        {
            Calendars = Shipped.Calendars.SetItem(Calendar, calendar),
            Rosters = Shipped.Rosters.SetItem(Council, RosterUntil(year + 1)),
            Regimes = Shipped.Regimes.SetItem(RegimeId, regime with
            {
                Settings = regime.Settings
                    .SetItem("ConsentDue", Setting("60 calendar days")).SetItem("ReviewsDue", Setting("90 calendar days")).SetItem("AcknowledgementsDue", Setting("30 calendar days")),
            }),
        };
    }

    private static RegimeSetting Setting(string value) => new(JsonValues.Of(value), "Synthetic");

    /// <summary>The permanent members, and ten synthetic ones for two years each, five of which change every year.</summary>
    private static Roster RosterUntil(int lastYear) => new(Council, "Synthetic Council",
    [
        .. Permanent.Select(seat => new SeatTerm(seat, new LocalDate(FirstYear, 1, 1), new LocalDate(lastYear, 12, 31), "Synthetic")),
        .. from year in Enumerable.Range(FirstYear - 1, lastYear - FirstYear + 2)
           from number in Enumerable.Range(1, 5)
           select new SeatTerm($"Elected {year} {number}", new LocalDate(year, 1, 1), new LocalDate(year + 1, 12, 31), "Synthetic"),
    ]);

    private static string WithFactCheck(string rule)
    {
        var definition = JsonNode.Parse(Lifecycle)!;
        var activity = definition["root"]!["activities"]!.AsArray().Single(each => (string?)each!["id"] is "fact-check")!;
        activity["due"]!["expression"]!["value"] = rule;
        return definition.ToJsonString();
    }

    private static string Workflow(string name) => File.ReadAllText(Repository.PathOf("workflows", name, "definition.json"));

    private static DateTimeOffset At(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);
}
