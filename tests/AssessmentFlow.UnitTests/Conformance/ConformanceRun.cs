using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.UnitTests.Conformance;

/// <summary>Something that a case expects and the engine does otherwise.</summary>
/// <param name="Aspect">What is compared, such as <c>step 2 lines</c>.</param>
internal sealed record Difference(string Aspect, string Expected, string Actual)
{
    public override string ToString() => $"{Aspect}\n  expected {Expected}\n  actual   {Actual}";
}

/// <summary>
/// One case run in one mode. Compared after each step are lines, status, sub status and what is waited for;
/// at the end of every instance outputs, variables, correlation id, name and the activities of incidents.
/// </summary>
internal sealed class ConformanceRun
{
    private readonly ConformanceCase _case;
    private readonly JsonElement _expected;
    private readonly EngineWorld _world;
    private readonly List<Difference> _differences = [];
    private readonly string[] _unstable;

    private ConformanceRun(ConformanceCase which, FlowchartMode mode)
    {
        _case = which;
        _expected = which.Expected(mode);
        _world = new EngineWorld(mode);
        _unstable = [.. Items(_expected.Member("unstable")).Select(member => member.GetString()!)];
    }

    public static IReadOnlyList<Difference> Differences(ConformanceCase which, FlowchartMode mode)
    {
        var run = new ConformanceRun(which, mode);
        run.Run();
        return run._differences;
    }

    private void Run()
    {
        var problems = _case.Dependencies().Append(_case.Definition).SelectMany(definition => _world.Publish(definition.GetRawText())).ToArray();
        Compare("publish", "", string.Join("; ", problems.Select(problem => $"{problem.Code} {problem.Path}")));
        if (problems.Length > 0)
        {
            return;
        }

        var position = 0;
        var printed = 0;
        foreach (var stimulus in _case.Stimuli(_expected))
        {
            Stimulate(stimulus);
            var wanted = _expected.GetProperty("steps")[position];
            if (_case.HasWrittenStimuli)
            {
                CompareLines($"step {position} lines", wanted.Member("printed"), [.. _world.Lines.Skip(printed)]);
                Compare($"step {position} instances", Instances(wanted.Member("instances")), Instances());
            }
            else
            {
                CompareLines($"step {position} lines so far", wanted.Member("lines"), _world.Lines);
                Compare($"step {position} instance", Resting(wanted), Resting());
            }

            printed = _world.Lines.Count;
            position++;
        }

        CompareEnd("instance 0", _expected, _world.Instances[0], _case.HasWrittenStimuli ? "outputs" : "output", _case.HasWrittenStimuli ? "instanceName" : "name");
        foreach (var other in Items(_expected.Member("otherInstances")))
        {
            var number = other.GetProperty("instance").GetInt32();
            if (number < _world.Instances.Count)
            {
                CompareEnd($"instance {number}", other, _world.Instances[number], "outputs", "name");
            }
            else
            {
                Compare("instances", $"{number + 1} or more", $"{_world.Instances.Count}");
            }
        }
    }

    private void CompareEnd(string what, JsonElement expected, WorldInstance instance, string outputs, string name)
    {
        var state = instance.State;
        Compare($"{what} status", $"{expected.Member("status").AsText()}/{expected.Member("subStatus").AsText()}", $"{state.Status}/{state.SubStatus}");
        Compare($"{what} correlation id", expected.Member("correlationId").AsText() ?? "", state.CorrelationId ?? "");
        Compare($"{what} name", expected.Member(name).AsText() ?? "", state.Name ?? "");
        Compare($"{what} outputs", Canonical(expected.Member(outputs)), Canonical(JsonValues.Object([.. state.Output.Select(pair => (pair.Key, pair.Value))])));
        if (_case.HasWrittenStimuli)
        {
            var names = instance.Definition.Variables.ToDictionary(variable => variable.Id, variable => variable.Name);
            Compare($"{what} variables", Canonical(expected.Member("variables")), Canonical(JsonValues.Object([.. state.Variables().Select(pair => (names[pair.Key], pair.Value))])));
        }

        Compare(
            $"{what} incidents",
            string.Join(", ", Items(expected.Member("incidents")).Select(incident => incident.Member("activityId").AsText() ?? incident.Member("ActivityId").AsText())),
            string.Join(", ", state.Incidents.Select(incident => incident.ActivityId)));
    }

    private void Stimulate(JsonElement step)
    {
        var instance = step.Member("instance");
        var target = instance.ValueKind is JsonValueKind.Number ? _world.Instances[instance.GetInt32()] : null;
        switch (step.GetProperty("op").GetString())
        {
            case "start":
                _world.Start(_case.Definition.GetProperty("definitionId").GetString()!, step.Member("input"), step.Member("correlationId").AsText());
                break;
            case "event":
                _world.Signal(step.GetProperty("name").GetString()!, step.Member("payload"), step.Member("correlationId").AsText(), target);
                break;
            case "completeTask":
                _world.CompleteTask(step.GetProperty("task").GetInt32(), step.Member("result"));
                break;
            case "advance":
                Assert.True(ValueConversion.TryGetSpan(step.GetProperty("by"), out var by));
                _world.Advance(by);
                break;
            case "cancel":
                _world.Cancel(target ?? _world.Instances[0]);
                break;
            case "resume":
                _world.ResumeFirst(_world.Instances[0]);
                break;
            default:
                throw new NotSupportedException(step.GetRawText());
        }
    }

    private void CompareLines(string aspect, JsonElement expected, IReadOnlyList<PrintedLine> actual)
    {
        string[] wanted = [.. Items(expected).Select(line => line.GetString()!)];
        string[] written = [.. actual.Select(line => WithoutIds(line.Text))];
        var agree = _unstable.Contains("printed", StringComparer.Ordinal)
            ? wanted.Order(StringComparer.Ordinal).SequenceEqual(written.Order(StringComparer.Ordinal))
            : wanted.SequenceEqual(written) || TraceOrder.AreEquivalent(wanted, written, (left, right) => AreOrdered(actual, left, right));
        if (!agree)
        {
            _differences.Add(new Difference(aspect, string.Join(" | ", wanted), string.Join(" | ", written)));
        }
    }

    /// <summary>Whether the definition says in which order two lines come.</summary>
    private bool AreOrdered(IReadOnlyList<PrintedLine> lines, string left, string right)
    {
        var one = lines.Where(line => WithoutIds(line.Text) == left).ToArray();
        var other = lines.Where(line => WithoutIds(line.Text) == right).ToArray();
        return one.Any(a => other.Any(b => a.Instance != b.Instance || TraceOrder.AreOrdered(a.Node, b.Node)));
    }

    private static string Instances(JsonElement instances) => string.Join("; ", Items(instances).Select(instance =>
        $"{instance.Member("definitionId").AsText()} {instance.Member("status").AsText()}/{instance.Member("subStatus").AsText()}"
        + AsSet(Items(instance.Member("bookmarks")).Select(bookmark => $"{bookmark.Member("name").AsText()}@{bookmark.Member("activityId").AsText()}{Canonical(bookmark.Member("payload"))}"))));

    private string Instances() => string.Join("; ", _world.Instances.Select(instance =>
        $"{instance.State.DefinitionId} {instance.State.Status}/{instance.State.SubStatus}"
        + AsSet(instance.State.Bookmarks.Values.Select(bookmark =>
            $"{bookmark.Kind}@{instance.Definition.Nodes[instance.State.Executions[bookmark.Execution].Node].Id}{Canonical(JsonElement.Parse(WithoutIds(bookmark.Payload.GetRawText())))}"))));

    /// <summary>Cases without written stimuli were recorded on a real clock, so times of bookmarks are left out.</summary>
    private static string Resting(JsonElement step) =>
        $"{step.Member("status").AsText()}/{step.Member("subStatus").AsText()}"
        + AsSet(Items(step.Member("bookmarks")).Select(bookmark => bookmark.GetString()!.Split(':')[0]));

    private string Resting() =>
        $"{_world.Instances[0].State.Status}/{_world.Instances[0].State.SubStatus}"
        + AsSet(_world.Instances[0].State.Bookmarks.Values.Select(bookmark => bookmark.Kind));

    /// <summary>The text with generated ids as placeholders. Ids of tasks contain those of their instances, so they go first.</summary>
    private string WithoutIds(string text)
    {
        var task = 0;
        foreach (var id in _world.TaskIdsSeen())
        {
            text = text.Replace(id, $"<task {task++}>", StringComparison.Ordinal);
        }

        foreach (var instance in _world.Instances)
        {
            text = text.Replace(instance.Id, $"<instance {instance.Number}>", StringComparison.Ordinal);
        }

        return text;
    }

    private void Compare(string aspect, string expected, string actual)
    {
        if (WithoutIds(actual) is var readable && expected != readable)
        {
            _differences.Add(new Difference(aspect, expected, readable));
        }
    }

    private static string AsSet(IEnumerable<string> items) => string.Concat(items.Order(StringComparer.Ordinal).Select(item => " " + item));

    /// <summary>The value with the members of all objects in order of their names.</summary>
    private static string Canonical(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", json.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => $"{member.Name}:{Canonical(member.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", json.EnumerateArray().Select(Canonical)) + "]",
        JsonValueKind.Undefined => "null",
        _ => json.GetRawText(),
    };

    private static JsonElement.ArrayEnumerator Items(JsonElement json) => json.ValueKind is JsonValueKind.Array ? json.EnumerateArray() : default;
}
