using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Flowcharts;

/// <summary>Where the mode of a flowchart comes from, and that it stays.</summary>
public sealed class FlowchartModeTests
{
    private const string Flag = "flowchartExecutionMode";

    [Theory]
    [InlineData("""{"definitionId":"d"}""")]
    [InlineData("""{"definitionId":"d","customProperties":null}""")]
    [InlineData("""{"definitionId":"d","customProperties":{"flowchartExecutionMode":"Default"}}""")]
    [InlineData("""{"definitionId":"d","customProperties":{"flowchartExecutionMode":""}}""")]
    public void A_definition_that_names_no_mode_takes_that_of_the_host(string definition)
    {
        var pinned = JsonElement.Parse(FlowchartModePin.Pin(Encoding.UTF8.GetBytes(definition), FlowchartMode.TokenBased));

        Assert.Equal("TokenBased", pinned.GetProperty("customProperties").GetProperty(Flag).GetString());
        Assert.Equal("d", pinned.GetProperty("definitionId").GetString());
    }

    [Theory]
    [InlineData("""{"customProperties":{"flowchartExecutionMode":"CounterBased"}}""", FlowchartMode.TokenBased)]
    [InlineData("""{"customProperties":{"flowchartExecutionMode":"TokenBased"}}""", FlowchartMode.CounterBased)]
    [InlineData("""{"customProperties":{}}""", FlowchartMode.CounterBased)]
    [InlineData("[1]", FlowchartMode.TokenBased)]
    [InlineData("{ no json", FlowchartMode.TokenBased)]
    public void Nothing_is_written_into_a_definition_that_names_its_mode_or_needs_none(string definition, FlowchartMode host)
    {
        var document = Encoding.UTF8.GetBytes(definition);

        Assert.Same(document, FlowchartModePin.Pin(document, host));
    }

    [Fact]
    public void Other_custom_properties_are_kept()
    {
        var pinned = JsonElement.Parse(FlowchartModePin.Pin("""{"customProperties":{"owner":"é+'"}}"""u8.ToArray(), FlowchartMode.TokenBased));

        Assert.Equal("é+'", pinned.GetProperty("customProperties").GetProperty("owner").GetString());
    }

    [Fact]
    public void A_definition_keeps_its_mode_on_a_host_with_another()
    {
        var definition = Definition("drawn", Twice(), ("customProperties", new JsonObject { [Flag] = "TokenBased" }));
        var world = new EngineWorld(FlowchartMode.CounterBased);
        Assert.Empty(world.Publish(definition));
        world.Start("drawn", default, correlationId: null);

        Assert.Equal(["x", "y", "tell", "tell"], world.Printed);
    }

    [Fact]
    public void A_mode_that_does_not_exist_is_refused()
    {
        var reading = new EngineWorld().Read(Definition("drawn", Twice(), ("customProperties", new JsonObject { [Flag] = "Sideways" })));

        var problem = Assert.Single(reading.Problems);
        Assert.Equal(("$.customProperties.flowchartExecutionMode", "flowchart-mode-unknown"), (problem.Path, problem.Code));
    }

    [Fact]
    public void A_workflow_used_inside_another_keeps_its_own_mode()
    {
        var world = new EngineWorld(FlowchartMode.CounterBased);
        Assert.Empty(world.Publish(Definition(
            "Inner",
            Twice(),
            ("options", new JsonObject { ["usableAsActivity"] = true }),
            ("customProperties", new JsonObject { [Flag] = "TokenBased" }))));
        var outer = Flowchart("o", [Activity("Elsa.Start", "begin"), Activity("Inner", "use"), Line("p", "p"), Line("q", "q"), Cascading()], "begin>use", "use>p", "use>q", "p>tell", "q>tell");
        Assert.Empty(world.Publish(Definition("drawn", outer)));
        world.Start("drawn", default, correlationId: null);

        Assert.Equal(["x", "y", "tell", "tell", "p", "q", "tell"], world.Printed);
    }

    /// <summary>Runs its last activity twice by tokens, once by counting.</summary>
    private static JsonObject Twice() => Flowchart(
        "f", [Activity("Elsa.Start", "begin"), Line("x", "x"), Line("y", "y"), Cascading()], "begin>x", "begin>y", "x>tell", "y>tell");

    private static JsonObject Cascading()
    {
        var tell = Line("tell", "tell");
        tell["customProperties"] = new JsonObject { ["mergeMode"] = "Cascade" };
        return tell;
    }
}
