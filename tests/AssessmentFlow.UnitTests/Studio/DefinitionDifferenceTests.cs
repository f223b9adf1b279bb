using System.Text.Json.Nodes;
using AssessmentFlow.Server.Studio;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>What the history of a workflow says of two versions.</summary>
public sealed class DefinitionDifferenceTests
{
    private const string Older = """
        {"name":"Synthetic","root":{"id":"flow","type":"Elsa.Flowchart","activities":[
          {"id":"ask","type":"Assessment.HumanTask","due":{"typeName":"String","expression":{"type":"Literal","value":"30 calendar days"}},"metadata":{"designer":{"position":{"x":0}}}},
          {"id":"gone","type":"Elsa.WriteLine"}],
          "connections":[{"source":{"activity":"ask","port":"Done"},"target":{"activity":"gone"}}]}}
        """;

    [Fact]
    public void A_changed_input_an_added_and_a_removed_activity_and_their_connections_are_told()
    {
        var newer = Read(Older.Replace("30 calendar days", "20 working days on KH-2008", StringComparison.Ordinal).Replace("\"gone\"", "\"new\"", StringComparison.Ordinal));

        Assert.Equal(
            [
                "added: new", "removed: gone",
                "ask: due: 30 calendar days → 20 working days on KH-2008",
                "connected: ask (Done) → new", "no longer connected: ask (Done) → gone",
            ],
            DefinitionDifference.Between(Read(Older), newer));
    }

    [Fact]
    public void A_new_name_another_language_another_port_another_order_and_another_container_are_told()
    {
        const string Sequence = """
            {"root":{"id":"all","type":"Elsa.Flowchart","activities":[
              {"id":"steps","type":"Elsa.Sequence","activities":[{"id":"a","type":"Elsa.WriteLine"},{"id":"b","type":"Elsa.WriteLine","text":{"expression":{"type":"Literal","value":"x"}}},{"id":"c","type":"Elsa.WriteLine"}]},
              {"id":"join","type":"Elsa.FlowJoin"}],"connections":[{"source":{"activity":"steps","port":"Done"},"target":{"activity":"join","port":"In"}}]}}
            """;
        var newer = Read(Sequence.Replace("Literal", "JavaScript", StringComparison.Ordinal).Replace("\"In\"", "\"Second\"", StringComparison.Ordinal));
        var steps = newer["root"]!["activities"]![0]!["activities"]!.AsArray();
        var (first, last) = (steps[0]!, steps[2]!);
        steps.Clear();
        first["name"] = "Ask";
        newer["root"]!["activities"]!.AsArray().Add(last);
        steps.Add(JsonNode.Parse(Sequence.Replace("Literal", "JavaScript", StringComparison.Ordinal))!["root"]!["activities"]![0]!["activities"]![1]!.DeepClone());
        steps.Add(first);

        Assert.Equal(
            [
                "b: text: x → JavaScript x", "Ask [a]: name: nothing → Ask",
                "c: moved from steps (activities) to all (activities)", "steps: order: a, b → b, a",
                "connected: steps (Done) → join (Second)", "no longer connected: steps (Done) → join",
            ],
            DefinitionDifference.Between(Read(Sequence), newer));
    }

    [Fact]
    public void Moving_things_on_the_canvas_and_writing_out_what_is_empty_changes_nothing()
    {
        var newer = Read(Older.Replace("\"x\":0", "\"x\":500", StringComparison.Ordinal));
        newer["variables"] = new JsonArray();
        newer["description"] = "";
        newer["root"]!["activities"]![0]!["due"]!["memoryReference"] = null;

        Assert.Empty(DefinitionDifference.Between(Read(Older), newer));
    }

    private static JsonObject Read(string json) => JsonNode.Parse(json)!.AsObject();
}
