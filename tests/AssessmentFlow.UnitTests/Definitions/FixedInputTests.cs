using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Assessments.Deadlines;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using NodaTime;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Definitions;

/// <summary>What authors fix in inputs of the category Assessment is checked before anything runs; what they compute is not.</summary>
public sealed class FixedInputTests
{
    [Theory]
    [InlineData("EnterPhase", "phase", "Elsewhere", "phase-unknown")]
    [InlineData("HumanTask", "assignedTo", "Secretariat", "role-unknown")]
    [InlineData("HumanTask", "assignedTo", "agency:", "role-unknown")]
    [InlineData("HumanTask", "escalateTo", "the boss", "role-unknown")]
    [InlineData("HumanTask", "due", "a fortnight", "due-rule-unusable")]
    [InlineData("HumanTask", "due", "10 working days on XX-1999", "due-rule-unusable")]
    [InlineData("HumanTask", "due", "10 working days in Europe/Atlantis", "due-rule-unusable")]
    [InlineData("HumanTask", "calendar", "XX-1999", "calendar-unknown")]
    [InlineData("HumanTask", "calendar", "KH-2008", "calendar-without-effect")]
    [InlineData("HumanTask", "onDue", "\u0007", "outcome-malformed")]
    [InlineData("HumanTask", "outcomes", "[\"Yes\",\" \"]", "outcome-malformed")]
    [InlineData("HumanTask", "fields", "[\"when:tuesday\"]", "field-unreadable")]
    [InlineData("RequestConsent", "state", "Cambodia", "iso2-malformed")]
    [InlineData("RequestConsent", "due", "30", "due-rule-unusable")]
    [InlineData("RequestConsent", "escalateTo", "nobody", "role-unknown")]
    [InlineData("AgencyReviews", "agencies", "[\"agency:IOM\"]", "agency-malformed")]
    [InlineData("AgencyReviews", "agencies", "[\"Nobody\"]", "agency-unknown")]
    [InlineData("AgencyReviews", "quorum", "0", "quorum-unreachable")]
    [InlineData("AgencyReviews", "due", "1 day", "due-rule-unusable")]
    [InlineData("SilenceProcedure", "roster", "nobody", "roster-unknown")]
    [InlineData("SilenceProcedure", "rosterDate", "20.11.2008", "value-unreadable")]
    [InlineData("CirculateReport", "roster", "nobody", "roster-unknown")]
    [InlineData("CirculateReport", "circulationDate", "tomorrow", "value-unreadable")]
    [InlineData("CirculateReport", "due", "10 working days on XX-1999", "due-rule-unusable")]
    public void A_fixed_value_that_cannot_be_meant_is_refused_with_its_path_and_the_activity(string type, string input, string value, string code)
    {
        var problem = Assert.Single(Problems(Sound(type, (input, Literal(value)))));

        Assert.Equal(($"$.root.{input}.expression.value", code, "drawn"), (problem.Path, problem.Code, problem.Activity));
    }

    [Theory]
    [InlineData("EnterPhase", "phase", "Drafting")]
    [InlineData("HumanTask", "assignedTo", "user:bopha")]
    [InlineData("HumanTask", "due", "20 working days on KH-2008 by 17:00 in Asia/Phnom_Penh")]
    [InlineData("HumanTask", "onDue", "NoComments")]
    [InlineData("HumanTask", "fields", "[\"from:date\",\"to:date? not before from\"]")]
    [InlineData("AgencyReviews", "quorum", "3")]
    [InlineData("SilenceProcedure", "roster", "council")]
    [InlineData("CirculateReport", "circulationDate", "2008-11-20")]
    [InlineData("CirculateReport", "due", "")]
    public void A_fixed_value_that_can_be_meant_is_let_through(string type, string input, string value) =>
        Assert.Empty(Problems(Sound(type, (input, Literal(value)))));

    [Theory]
    [InlineData("EnterPhase", "phase")]
    [InlineData("HumanTask", "assignedTo")]
    [InlineData("HumanTask", "due")]
    [InlineData("CirculateReport", "roster")]
    public void What_an_author_computes_is_left_to_the_run(string type, string input)
    {
        Assert.Empty(Problems(Sound(type, (input, Js("'else' + 'where'")))));
        Assert.Empty(Problems(Sound(type, (input, Wrapped("Input", "Given")))));
    }

    [Fact]
    public void An_entry_of_a_list_has_a_path_of_its_own()
    {
        var agencies = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = new JsonArray("IOM", "a/b", "", "c/d") } };

        Assert.Equal(
            ["$.root.agencies.expression.value[1]", "$.root.agencies.expression.value[3]"],
            Problems(Sound("AgencyReviews", ("agencies", agencies))).Select(problem => problem.Path));
    }

    [Fact]
    public void A_quorum_is_compared_with_the_agencies_that_are_named_beside_it()
    {
        const string Named = """["IOM","UNODC","IOM"]""";

        Assert.Equal("quorum-unreachable", Assert.Single(Problems(Sound("AgencyReviews", ("agencies", Json(Named)), ("quorum", Literal("3"))))).Code);
        Assert.Empty(Problems(Sound("AgencyReviews", ("agencies", Json(Named)), ("quorum", Literal("2")))));
        Assert.Empty(Problems(Sound("AgencyReviews", ("agencies", Js("['IOM']")), ("quorum", Literal("3")))));
    }

    [Fact]
    public void A_date_that_the_roster_does_not_know_is_refused()
    {
        var problem = Assert.Single(Problems(Sound("CirculateReport", ("roster", Literal("council")), ("circulationDate", Literal("1999-01-01")))));

        Assert.Equal("roster-empty", problem.Code);
        Assert.Contains("2008-01-01 to 2008-12-31", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_workflow_that_drives_a_regime_enters_only_phases_of_that_regime()
    {
        Assert.Equal("phase-unknown", Assert.Single(Problems(Sound("EnterPhase", ("phase", Literal("Peer"))), "driver")).Code);
        Assert.Empty(Problems(Sound("EnterPhase", ("phase", Literal("Peer"))), "used-by-others"));
    }

    [Theory]
    [InlineData("20 working days", null)]
    [InlineData("20 working days by 17:00 in Asia/Phnom_Penh", null)]
    [InlineData("20 working days on KH-2008", "calendar-without-effect")]
    [InlineData("30 calendar days", "calendar-without-effect")]
    public void A_calendar_that_would_count_for_nothing_is_refused(string due, string? code) =>
        Assert.Equal(code, Problems(Sound("HumanTask", ("due", Literal(due)), ("calendar", Literal("KH-2008")))).SingleOrDefault()?.Code);

    [Fact]
    public void Without_reference_data_only_the_form_is_checked()
    {
        Assert.Empty(PublicationChecks.Of(Read(Sound("EnterPhase", ("phase", Literal("Elsewhere"))), "driver"), At));
        Assert.Equal("due-rule-unusable", Assert.Single(PublicationChecks.Of(Read(Sound("HumanTask", ("due", Literal("soon"))), "driver"), At)).Code);
    }

    [Fact]
    public void Every_kind_that_can_be_listed_lets_its_own_choices_through()
    {
        var definition = Read(Sound("HumanTask", ("due", Literal("5 working days"))), "driver");
        var place = new InputPlace("driver", definition.Root, Reference);
        var listed = AssessmentActivities.Catalog.All
            .SelectMany(activity => activity.Descriptor.Inputs)
            .Select(input => input.Kind)
            .OfType<InputKind>()
            .Distinct()
            .Where(kind => kind.ChoicesAt(place).Length > 0)
            .ToArray();

        Assert.Equal(["agency", "calendar", "outcome-when-due", "phase", "role", "roster"], listed.Select(kind => kind.Name).Order());
        Assert.All(listed, kind => Assert.All(kind.ChoicesAt(place), choice => Assert.Null(kind.Check(choice, place))));
    }

    private static readonly DateTimeOffset At = new(2008, 11, 20, 0, 0, 0, TimeSpan.Zero);

    private static readonly ReferenceSnapshot Reference = ReferenceSnapshot.Empty with
    {
        Agencies = ReferenceSnapshot.Empty.Agencies.Add("IOM", new Agency("IOM", "Synthetic", Source: null)).Add("UNODC", new Agency("UNODC", "Synthetic", Source: null)),
        Calendars = ReferenceSnapshot.Empty.Calendars.Add(
            "KH-2008", new HolidayCalendar("KH-2008", 1, [IsoDayOfWeek.Sunday], [], new LocalDate(2008, 1, 1), new LocalDate(2008, 12, 31), "synthetic")),
        Rosters = ReferenceSnapshot.Empty.Rosters.Add(
            "council", new Roster("council", "A council", [new SeatTerm("Belgium", new LocalDate(2008, 1, 1), new LocalDate(2008, 12, 31), Source: null)])),
        Regimes = ReferenceSnapshot.Empty.Regimes
            .Add("visits", new Regime("visits", "Visits", ["Drafting", "Silence"], "driver", DecidingRoster: null, CirculationRoster: null, Source: null))
            .Add("peers", new Regime("peers", "Peers", ["Peer"], "another", DecidingRoster: null, CirculationRoster: null, Source: null)),
    };

    private static ImmutableArray<DefinitionProblem> Problems(JsonObject activity, string definitionId = "driver") =>
        PublicationChecks.Of(Read(activity, definitionId), At, Reference);

    private static WorkflowDefinition Read(JsonObject root, string definitionId)
    {
        var reading = DefinitionReader.Read(Encoding.UTF8.GetBytes(Definition(definitionId, root)), AssessmentActivities.Catalog);
        Assert.Empty(reading.Problems);
        return reading.Definition!;
    }

    /// <summary>A sound activity with the given inputs instead of its own.</summary>
    private static JsonObject Sound(string type, params (string Name, JsonNode? Value)[] inputs)
    {
        (string Name, string Value)[] needed = type switch
        {
            "EnterPhase" => [("phase", "Drafting")],
            "HumanTask" => [("title", "Read"), ("assignedTo", "secretariat")],
            "RequestConsent" => [("state", "KH")],
            "SilenceProcedure" => [("subject", "The report"), ("expiresAt", "2008-12-01T12:00:00Z")],
            "CirculateReport" => [("title", "The report")],
            _ => [],
        };
        var activity = Activity($"Assessment.{type}", "drawn");
        foreach (var (name, value) in needed)
        {
            activity[name] = Literal(value);
        }

        foreach (var (name, value) in inputs)
        {
            activity[name] = value;
        }

        return activity;
    }
}
