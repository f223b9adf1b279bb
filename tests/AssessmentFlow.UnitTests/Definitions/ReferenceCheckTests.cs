using System.Collections.Immutable;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Definitions;

/// <summary>What an activity names by fixed text is there, or its author is told.</summary>
public sealed class ReferenceCheckTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"id":"gone","name":"Gone"}""")]
    [InlineData("Gone")]
    public void An_expression_that_names_a_variable_which_is_not_there_is_refused(string variable) =>
        AssertRefused(LineOf("Variable", variable), "$.root.activities[0].text.expression.value", "variable-unknown");

    [Fact]
    public void A_condition_and_a_member_of_a_dictionary_that_name_no_variable_are_refused()
    {
        var reference = new JsonObject { ["type"] = "Variable", ["value"] = "Gone" };
        var condition = new JsonObject { ["label"] = "A", ["condition"] = reference.DeepClone() };

        AssertRefused(Activity("Elsa.FlowSwitch", "drawn", ("cases", new JsonArray(condition))), "$.root.activities[0].cases[0].condition.value", "variable-unknown");
        AssertRefused(
            Activity("Elsa.RunTask", "drawn", ("taskName", Literal("t")), ("payload", Json(new JsonObject { ["a"] = reference }.ToJsonString()))),
            "$.root.activities[0].payload.expression.value.a.value",
            "variable-unknown");
    }

    [Theory]
    [InlineData("""{"id":"V","name":"renamed since"}""")]
    [InlineData("""{"id":"another","name":"V"}""")]
    [InlineData("V")]
    [InlineData("Inner")]
    public void A_variable_is_found_by_its_id_or_its_name_on_everything_around(string variable)
    {
        var inner = Sequence("s", LineOf("Variable", variable));
        inner["variables"] = new JsonArray(Variable("Inner"));

        Assert.Empty(new EngineWorld().Publish(Definition("drawn", Sequence("outer", inner), ("variables", new JsonArray(Variable("V"))))));
    }

    [Fact]
    public void What_a_loop_and_a_workflow_that_is_used_hand_on_is_known_by_name()
    {
        var world = new EngineWorld();
        Assert.Empty(Published(world, Activity("Elsa.ForEach", "loop", ("items", Json("[1]")), ("body", LineOf("Variable", "CurrentValue")))));
        Assert.Empty(world.Publish(Definition(
            "used",
            LineOf("Variable", "Given"),
            ("name", "used"),
            ("options", new JsonObject { ["usableAsActivity"] = true }),
            ("inputs", new JsonArray(new JsonObject { ["name"] = "Given", ["type"] = "String" })),
            ("variables", new JsonArray(Variable("Given"))))));
        Assert.Empty(Published(world, Activity("Used", "u", ("given", Literal("x")))));
    }

    [Fact]
    public void An_expression_that_names_an_input_which_is_not_declared_is_warned_about()
    {
        AssertWarned(LineOf("Input", "Gone"), "$.root.activities[0].text.expression.value", "input-unknown");
        Assert.Empty(Warnings(LineOf("Input", "Given"), ("inputs", Named("Given"))));
        Assert.Empty(Warnings(LineOf("Input", "GIVEN"), ("inputs", Named("Given"))));
    }

    [Fact]
    public void What_a_bulk_dispatch_tells_its_ports_is_an_input_at_any_depth_of_them_and_nowhere_else()
    {
        Assert.Empty(Warnings(Bulk(LineOf("Input", "WorkflowOutput"))));
        Assert.Empty(Warnings(Bulk(Sequence("outer", Sequence("inner", LineOf("Input", "WorkflowSubStatus"))))));
        AssertWarned(LineOf("Input", "WorkflowOutput"), "$.root.activities[0].text.expression.value", "input-unknown");
        AssertWarned(Bulk(LineOf("Input", "Gone")), "$.root.activities[0].childCompleted.text.expression.value", "input-unknown");

        static JsonObject Bulk(JsonObject port) => Activity("Elsa.BulkDispatchWorkflows", "bulk", ("workflowDefinitionId", Literal("child")), ("items", Js("[1]")), ("childCompleted", port));
    }

    [Fact]
    public void An_output_that_goes_nowhere_is_warned_about()
    {
        var bound = Event("drawn", "E", ("result", Into("gone")));

        AssertWarned(bound, "$.root.activities[0].result.memoryReference.id", "binding-unknown");
        Assert.Empty(Warnings(bound, ("variables", new JsonArray(Variable("gone")))));
        Assert.Empty(Warnings(bound, ("outputs", Named("gone"))));
    }

    [Fact]
    public void Setting_an_output_that_is_not_declared_is_warned_about()
    {
        var set = Activity("Elsa.SetOutput", "drawn", ("outputName", Literal("Gone")), ("outputValue", Literal("1")));

        AssertWarned(set, "$.root.activities[0].outputName.expression.value", "output-undeclared");
        Assert.Empty(Warnings(set, ("outputs", Named("Gone"))));
    }

    [Theory]
    [InlineData("Int32", "twelve")]
    [InlineData("Boolean", "12")]
    [InlineData("DateTimeOffset", "soon")]
    public void A_fixed_value_that_its_variable_cannot_take_is_warned_about(string type, string value)
    {
        var warning = Assert.Single(Warnings(Set("drawn", "V", Literal(value)), ("variables", new JsonArray(Variable("V", type)))));

        Assert.Equal(("$.root.activities[0].value.expression.value", "assigned-value-unreadable", "drawn"), (warning.Path, warning.Code, warning.Activity));
    }

    [Theory]
    [InlineData("Int32", "12")]
    [InlineData("String", "")]
    [InlineData("Object", "anything")]
    public void A_fixed_value_that_its_variable_can_take_is_let_through(string type, string value) =>
        Assert.Empty(Warnings(Set("drawn", "V", Literal(value)), ("variables", new JsonArray(Variable("V", type)))));

    [Fact]
    public void Completing_with_an_outcome_that_the_workflow_does_not_offer_as_an_activity_is_warned_about()
    {
        var complete = Activity("Elsa.Complete", "drawn", ("outcomes", Json("""["Done","Yes","Gone"]""")));

        var warning = Assert.Single(Warnings(complete, ("outcomes", new JsonArray("Yes"))));
        Assert.Equal(("$.root.activities[0].outcomes.expression.value", "outcome-undeclared", "drawn"), (warning.Path, warning.Code, warning.Activity));
        Assert.Equal(2, Warnings(complete, ("options", new JsonObject { ["usableAsActivity"] = true })).Length);
        Assert.Empty(Warnings(complete));
    }

    [Fact]
    public void Two_variables_with_one_id_are_refused()
    {
        var twin = Variable("Other");
        twin["id"] = "V";

        var problem = Assert.Single(new EngineWorld().Publish(Definition("drawn", Line("a", "a"), ("variables", new JsonArray(Variable("V"), twin)))));

        Assert.Equal(("$.variables[1]", "variable-id-repeated", null), (problem.Path, problem.Code, problem.Activity));
        Assert.Contains("'V' and 'Other'", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_variables_with_one_name_in_one_scope_are_warned_about()
    {
        var (inner, twin) = (Sequence("inner", Line("a", "a")), Variable("V"));
        twin["id"] = "another";
        inner["variables"] = new JsonArray(Variable("V"), twin);

        var warning = Assert.Single(Warnings(inner, ("variables", new JsonArray(Variable("V")))));

        Assert.Equal(("$.root.activities[0].variables[1]", "variable-name-repeated", "inner"), (warning.Path, warning.Code, warning.Activity));
    }

    [Fact]
    public void A_start_at_a_time_that_has_passed_is_warned_about()
    {
        AssertWarned(
            Starting(Activity("Elsa.StartAt", "drawn", ("dateTime", Literal("2029-12-31T00:00:00Z")))), "$.root.activities[0].dateTime.expression.value", "start-in-the-past");
        Assert.Empty(Warnings(Starting(Activity("Elsa.StartAt", "drawn", ("dateTime", Literal("2030-01-02T00:00:00Z"))))));
        Assert.Empty(Warnings(Activity("Elsa.StartAt", "drawn", ("dateTime", Literal("2029-12-31T00:00:00Z")))));
    }

    private static JsonObject LineOf(string type, string value) => Activity("Elsa.WriteLine", "drawn", ("text", Wrapped(type, value)));

    private static JsonArray Named(string name) => [new JsonObject { ["name"] = name, ["type"] = "String" }];

    private static IReadOnlyList<DefinitionProblem> Published(EngineWorld world, JsonObject activity) => world.Publish(Definition("drawn", Sequence("s", activity)));

    private static void AssertRefused(JsonObject activity, string path, string code)
    {
        var problem = Assert.Single(Published(new EngineWorld(), activity));

        Assert.Equal((path, code, "drawn"), (problem.Path, problem.Code, problem.Activity));
    }

    private static void AssertWarned(JsonObject activity, string path, string code)
    {
        var warning = Assert.Single(Warnings(activity));

        Assert.Equal((path, code, "drawn"), (warning.Path, warning.Code, warning.Activity));
    }

    private static ImmutableArray<DefinitionProblem> Warnings(JsonObject activity, params (string Name, JsonNode? Value)[] members)
    {
        var json = Definition("drawn", Sequence("s", activity.DeepClone()), [.. members.Select(member => (member.Name, member.Value?.DeepClone()))]);
        Assert.Empty(new EngineWorld().Publish(json));
        return PublicationChecks.WarningsOf(new EngineWorld().Read(json).Definition!, Now);
    }
}
