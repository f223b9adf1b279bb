using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.UnitTests.Conformance;

/// <summary>
/// A recorded case: a definition, stimuli, and what Elsa did. The files have the form that
/// <c>docs/testing.md</c> describes; the expectations compared here are status, lines, outputs, variables,
/// incidents and what is waited for after each step.
/// </summary>
public static class ConformanceCase
{
    public static List<string> Differences(string folder, string mode)
    {
        var world = new EngineWorld();
        foreach (var dependency in Directory.EnumerateFiles(folder, "dep-*.json"))
        {
            world.Publish(File.ReadAllText(dependency));
        }

        var definition = Parse(Path.Combine(folder, "definition.json"));
        world.Publish(definition.GetRawText());
        var expected = Parse(Path.Combine(folder, $"expected.{mode}.json"));
        var definitionId = definition.GetProperty("definitionId").GetString()!;
        var differences = new List<string>();
        var position = 0;
        foreach (var step in Parse(Path.Combine(folder, "steps.json")).GetProperty("steps").EnumerateArray())
        {
            var printedBefore = world.Printed.Count;
            Stimulate(world, definitionId, step);
            var wanted = expected.GetProperty("steps")[position];
            Compare(differences, $"step {position} lines", Lines(wanted.Member("printed")), string.Join(" | ", world.Printed.Skip(printedBefore)));
            Compare(differences, $"step {position} instances", Instances(wanted.Member("instances")), Instances(world));
            position++;
        }

        CompareEnd(differences, expected, world);
        return differences;
    }

    private static void CompareEnd(List<string> differences, JsonElement expected, EngineWorld world)
    {
        var first = world.Instances[0];
        var state = first.State;
        Compare(differences, "status", expected.Member("status").GetString()!, state.Status.ToString());
        Compare(differences, "sub status", expected.Member("subStatus").GetString()!, state.SubStatus.ToString());
        Compare(differences, "correlation id", expected.Member("correlationId").AsText() ?? "", state.CorrelationId ?? "");
        Compare(differences, "name", expected.Member("instanceName").AsText() ?? "", state.Name ?? "");
        Compare(differences, "outputs", Sorted(expected.Member("outputs")), Sorted(JsonValues.Object([.. state.Output.Select(pair => (pair.Key, pair.Value))])));
        var names = first.Definition.Variables.ToDictionary(variable => variable.Id, variable => variable.Name);
        Compare(differences, "variables", Sorted(expected.Member("variables")), Sorted(JsonValues.Object([.. state.Variables().Select(pair => (names[pair.Key], pair.Value))])));
        Compare(
            differences,
            "incidents",
            string.Join(", ", expected.Member("incidents").EnumerateArray().Select(incident => incident.Member("activityId").AsText())),
            string.Join(", ", state.Incidents.Select(incident => incident.ActivityId)));
    }

    private static void Stimulate(EngineWorld world, string definitionId, JsonElement step)
    {
        var instance = step.Member("instance");
        var target = instance.ValueKind is JsonValueKind.Number ? world.Instances[instance.GetInt32()] : null;
        switch (step.GetProperty("op").GetString())
        {
            case "start":
                world.Start(definitionId, step.Member("input"), step.Member("correlationId").AsText());
                break;
            case "event":
                world.Signal(step.GetProperty("name").GetString()!, step.Member("payload"), step.Member("correlationId").AsText(), target);
                break;
            case "completeTask":
                world.CompleteTask(step.GetProperty("task").GetInt32(), step.Member("result"));
                break;
            case "advance":
                Assert.True(ValueConversion.TryGetSpan(step.GetProperty("by"), out var by));
                world.Advance(by);
                break;
            case "cancel":
                world.Cancel(target ?? world.Instances[0]);
                break;
            default:
                throw new NotSupportedException(step.GetRawText());
        }
    }

    private static string Instances(JsonElement instances) => string.Join("; ", instances.EnumerateArray().Select(instance =>
        $"{instance.Member("definitionId").AsText()} {instance.Member("status").AsText()}/{instance.Member("subStatus").AsText()} "
        + string.Join(",", instance.Member("bookmarks").EnumerateArray().Select(bookmark => $"{bookmark.Member("name").AsText()}@{bookmark.Member("activityId").AsText()}").Order(StringComparer.Ordinal))));

    private static string Instances(EngineWorld world) => string.Join("; ", world.Instances.Select(instance =>
        $"{instance.State.DefinitionId} {instance.State.Status}/{instance.State.SubStatus} "
        + string.Join(",", instance.State.Bookmarks.Values
            .Select(bookmark => $"{bookmark.Kind}@{instance.Definition.Nodes[instance.State.Executions[bookmark.Execution].Node].Id}").Order(StringComparer.Ordinal))));

    private static string Lines(JsonElement lines) => string.Join(" | ", lines.EnumerateArray().Select(line => line.GetString()));

    private static string Sorted(JsonElement json) => string.Join(", ", json.EnumerateObject()
        .OrderBy(member => member.Name, StringComparer.Ordinal)
        .Select(member => $"{member.Name}={JsonSerializer.Serialize(member.Value)}"));

    private static void Compare(List<string> differences, string what, string expected, string actual)
    {
        if (expected != actual)
        {
            differences.Add($"{what}\n  expected {expected}\n  actual   {actual}");
        }
    }

    private static JsonElement Parse(string path) => JsonElement.Parse(File.ReadAllBytes(path));
}
