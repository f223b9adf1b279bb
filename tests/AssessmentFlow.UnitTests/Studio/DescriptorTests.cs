using System.Collections.Immutable;
using System.Text.Json.Nodes;
using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Assessments.Deadlines;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Server.ElsaApi;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>What Studio's palette and property panels are told of our activities.</summary>
public sealed class DescriptorTests
{
    private const string ActivityShape =
        "typeName:String namespace:String name:String version:Number category:String displayName:String description:String kind:String inputs:Array outputs:Array ports:Array "
        + "customProperties:Object constructionProperties:Object isContainer:Boolean isBrowsable:Boolean isStart:Boolean isTerminal:Boolean runAsynchronously:Boolean";

    private const string InputShape =
        "name:String typeName:String displayName:String description:String isWrapped:Boolean uiHint:String uiSpecifications:Object defaultValue:String|Number|Boolean|Array|Object|Null "
        + "defaultSyntax:String|Null category:Null order:Number isBrowsable:Boolean isReadOnly:Boolean isSensitive:Boolean isSynthetic:Boolean isSerializable:Boolean autoEvaluate:Boolean storageDriverType:Null";

    /// <summary>Editors that Studio 3.8 has; for another one it shows nothing.</summary>
    private static readonly string[] Editors =
    [
        "singleline", "multiline", "code-editor", "checkbox", "dropdown", "radiolist", "checklist", "multitext", "dynamic-outcomes", "dictionary", "json-editor",
        "expression-editor", "datetime-picker", "flow-switch-editor", "switch-editor", "http-status-codes", "variable-picker", "input-picker", "output-picker",
        "outcome-picker", "workflow-definition-picker", "type-picker", "secret-picker",
    ];

    private static readonly ChoiceLists Lists = new(
        ReferenceSnapshot.Empty with
        {
            Agencies = ReferenceSnapshot.Empty.Agencies.Add("SYN", new Agency("SYN", "Synthetic agency", Source: null)),
            Calendars = ReferenceSnapshot.Empty.Calendars.Add(
                "synthetic-calendar", new HolidayCalendar("synthetic-calendar", 1, [NodaTime.IsoDayOfWeek.Sunday], [], new NodaTime.LocalDate(2008, 1, 1), new NodaTime.LocalDate(2008, 12, 31), "synthetic")),
            Rosters = ReferenceSnapshot.Empty.Rosters.Add("synthetic-roster", new Roster("synthetic-roster", "Synthetic roster", [])),
            Regimes = ReferenceSnapshot.Empty.Regimes.Add("synthetic", new Regime("synthetic", "Synthetic regime", ["Proposed", "Visited"], "w", null, null, null)),
        },
        ["agency:synthetic", "secretariat"]);

    private static ImmutableArray<JsonObject> All => [.. AssessmentActivities.Catalog.All.Select(activity => DescriptorList.Show(activity.Descriptor, Lists))];

    [Fact]
    public void Every_descriptor_has_the_members_that_Studio_reads() => Assert.All(All, descriptor =>
    {
        Shape.Is(ActivityShape, descriptor);
        Assert.All(descriptor["inputs"]!.AsArray(), input => Shape.Is(InputShape, input));
        Assert.All(descriptor["outputs"]!.AsArray(), output => Shape.Is("name:String typeName:String displayName:String description:String order:Number isBrowsable:Boolean isSynthetic:Boolean", output));
        Assert.All(descriptor["ports"]!.AsArray(), port => Shape.Is("name:String displayName:String type:String isBrowsable:Boolean", port));
        Assert.Contains((string)descriptor["kind"]!, new[] { "Action", "Trigger", "Job", "Task" });
    });

    [Fact]
    public void Every_input_has_an_editor_that_Studio_has() => Assert.All(
        All.SelectMany(descriptor => descriptor["inputs"]!.AsArray().Select(input => (Type: (string)descriptor["typeName"]!, Input: (string)input!["name"]!, Hint: (string)input["uiHint"]!))),
        input => Assert.Contains(input.Hint, Editors));

    [Fact]
    public void Type_name_and_version_are_unique() =>
        Assert.Equal(All.Length, All.Select(descriptor => ((string)descriptor["typeName"]!, (int)descriptor["version"]!)).Distinct().Count());

    [Fact]
    public void The_containers_that_Studio_draws_in_are_there_and_not_in_the_palette() => Assert.All(
        new[] { "Elsa.Workflow", "Elsa.Flowchart", "Elsa.Sequence" },
        type => Assert.False((bool)Of(type)["isBrowsable"]!));

    [Theory]
    [InlineData("Assessment.SilenceProcedure", "Roster", "synthetic-roster")]
    [InlineData("Assessment.EnterPhase", "Phase", "Visited")]
    [InlineData("Assessment.HumanTask", "Calendar", "synthetic-calendar")]
    [InlineData("Assessment.RequestConsent", "Calendar", "synthetic-calendar")]
    [InlineData("Assessment.AgencyReviews", "Calendar", "synthetic-calendar")]
    [InlineData("Assessment.CirculateReport", "Calendar", "synthetic-calendar")]
    [InlineData("Assessment.HumanTask", "AssignedTo", "agency:synthetic")]
    [InlineData("Assessment.ReviewAct", "Move", "Accept")]
    public void What_the_installation_knows_is_offered_for_choice(string type, string input, string value)
    {
        var shown = Input(type, input);

        Assert.Equal("dropdown", (string)shown["uiHint"]!);
        Assert.Contains(value, shown["uiSpecifications"]!["dropdown"]!["selectList"]!["items"]!.AsArray().Select(item => (string)item!["value"]!));
    }

    [Fact]
    public void Agencies_are_ticked_in_a_list()
    {
        var shown = Input("Assessment.AgencyReviews", "Agencies");

        Assert.Equal("checklist", (string)shown["uiHint"]!);
        Assert.Equal("SYN", (string)Assert.Single(shown["uiSpecifications"]!["checklist"]!["checkList"]!["items"]!.AsArray())!["value"]!);
    }

    [Fact]
    public void A_due_rule_is_written_and_the_calendars_that_it_may_name_are_told()
    {
        var shown = Input("Assessment.HumanTask", "Due");

        Assert.Equal("singleline", (string)shown["uiHint"]!);
        Assert.EndsWith("Calendars: synthetic-calendar.", (string)shown["description"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void What_may_be_left_open_can_be_left_open()
    {
        Assert.Contains("", Values("Assessment.HumanTask", "EscalateTo"));
        Assert.Contains("", Values("Assessment.HumanTask", "Calendar"));
        Assert.DoesNotContain("", Values("Assessment.HumanTask", "AssignedTo"));
    }

    [Fact]
    public void The_outcomes_that_an_author_writes_become_ports() =>
        Assert.Equal("dynamic-outcomes", (string)Input("Assessment.HumanTask", "Outcomes")["uiHint"]!);

    [Theory]
    [InlineData("QuorumReached", "Quorum reached")]
    [InlineData("AssessmentId", "Assessment id")]
    [InlineData("Done", "Done")]
    [InlineData("URL", "URL")]
    public void Names_are_shown_as_words(string name, string words) => Assert.Equal(words, DescriptorList.Words(name));

    private static IEnumerable<string> Values(string type, string input) =>
        Input(type, input)["uiSpecifications"]!["dropdown"]!["selectList"]!["items"]!.AsArray().Select(item => (string)item!["value"]!);

    private static JsonNode Input(string type, string input) => Of(type)["inputs"]!.AsArray().First(each => (string)each!["name"]! == input)!;

    private static JsonObject Of(string type) => All.First(descriptor => (string)descriptor["typeName"]! == type);
}
