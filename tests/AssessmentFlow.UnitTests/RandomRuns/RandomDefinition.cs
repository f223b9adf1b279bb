using System.Globalization;
using System.Text.Json.Nodes;
using AssessmentFlow.Simulation;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.RandomRuns;

/// <summary>
/// Draws a definition by chance: nested containers, forks, joins of every mode, loops of every kind, state
/// machines, waits, scripts, HTTP requests, child workflows, faults and early ends. Every loop counts its turns in a variable of its own, so every drawing comes to an end.
/// </summary>
internal sealed class RandomDefinition
{
    public static readonly string[] EventNames = ["Alpha", "Beta", "Gamma"];

    private static readonly string[] JoinModes = ["WaitAll", "WaitAllActive", "WaitAny"];
    private static readonly string[] MergeModes = ["None", "Stream", "Merge", "Converge", "Cascade", "Race"];

    private static readonly string[] Starts = ["Elsa.ExecuteWorkflow", "Elsa.DispatchWorkflow", "Elsa.BulkDispatchWorkflows"];

    private static readonly string[] Ends = ["Elsa.End", "Elsa.Finish", "Elsa.Complete"];

    private const int DepthMax = 3;
    private const int LoopTurnsMax = 3;

    private readonly Dice _dice;
    private readonly JsonArray _variables = [];
    private int _activitiesLeft;
    private int _ids;

    private RandomDefinition(Dice dice)
    {
        _dice = dice;
        _activitiesLeft = dice.Between(5, 60);
    }

    /// <summary>A definition in Elsa's JSON form.</summary>
    public static string Of(Dice dice)
    {
        var drawing = new RandomDefinition(dice);
        var root = dice.Percent(75) ? drawing.Flow(0) : drawing.Container(0);
        var strategy = dice.Percent(75) ? "ContinueWithIncidentsStrategy" : "FaultStrategy";
        return Definition("random", root, ("variables", drawing._variables), ("options", new JsonObject { ["incidentStrategyType"] = strategy }));
    }

    private JsonObject Any(int depth)
    {
        _activitiesLeft--;
        return depth >= DepthMax || _activitiesLeft <= 0 || _dice.Percent(60)
            ? Leaf()
            : _dice.Below(11) switch
            {
                < 4 => Flow(depth),
                < 6 => Container(depth),
                < 8 => Loop(depth),
                < 10 => Branch(depth),
                _ => States(depth),
            };
    }

    private JsonObject Leaf()
    {
        var id = Id("a");
        return _dice.Below(100) switch
        {
            < 22 => Line(id, id),
            < 26 => Script(id),
            < 29 => Activity("Elsa.SendHttpRequest", id, ("url", Literal("http://receiver.example/")), ("enableResiliency", Literal(Flag()))),
            < 34 => Child(id),
            < 66 => Event(id, _dice.One(EventNames)),
            < 75 => Activity("Elsa.Delay", id, ("timeSpan", Literal(_dice.Percent(50) ? "00:05:00" : "1.00:00:00"))),
            < 85 => Activity("Elsa.RunTask", id, ("taskName", Literal(id))),
            < 95 => Counted(id, AnyCounter()),
            < 97 => Activity("Elsa.PublishEvent", id, ("eventName", Literal(_dice.One(EventNames))), ("isLocalEvent", Literal("true"))),
            < 98 => Activity("Elsa.Fault", id, ("message", Literal($"{id} is out of service"))),
            < 99 => Activity("Elsa.Break", id),
            _ => Activity(_dice.One(Ends), id),
        };
    }

    /// <summary>Asks for what others have put out, or for what never was.</summary>
    private JsonObject Script(string id) => Activity(
        "Elsa.RunJavaScript", id, ("script", Literal(_dice.Percent(50) ? $"getLastResult() ?? '{id}'" : $"getOutputFrom('a{_dice.Below(_ids)}') ?? '{id}'")));

    private JsonObject Child(string id) => Activity(
        _dice.One(Starts), id, ("workflowDefinitionId", Literal("child")), ("waitForCompletion", Literal(Flag())), ("items", Json("[1,2,3]")));

    private JsonObject Container(int depth) =>
        Draws(_dice.Percent(60) ? "Elsa.Sequence" : "Elsa.Parallel", Id("c"), [.. Enumerable.Range(0, _dice.Between(1, 4)).Select(_ => Any(depth + 1))]);

    private static JsonObject Draws(string type, string id, JsonObject[] children) => Activity(type, id, ("activities", new JsonArray([.. children])));

    private JsonObject Loop(int depth)
    {
        var id = Id("l");
        var body = Any(depth + 1);
        switch (_dice.Below(4))
        {
            case 0:
                return Activity("Elsa.For", id, ("start", Literal("1")), ("end", Literal(Turns())), ("body", body));
            case 1:
                return Activity("Elsa.ForEach", id, ("items", Json("""["x","y"]""")), ("body", body));
            case 2:
                return Activity("Elsa.ParallelForEach", id, ("items", Json("""["x","y"]""")), ("body", body));
            default:
                var counter = Counter();
                return Activity(
                    "Elsa.While",
                    id,
                    ("condition", Js($"get{counter}() < {Turns()}")),
                    ("body", Draws("Elsa.Sequence", Id("c"), [Counted(Id("n"), counter), body])));
        }
    }

    private JsonObject Branch(int depth) => _dice.Percent(50)
        ? Activity("Elsa.If", Id("i"), ("condition", Literal(Flag())), ("then", Any(depth + 1)), ("else", Any(depth + 1)))
        : Activity(
            "Elsa.Switch",
            Id("s"),
            ("mode", Literal(_dice.Percent(50) ? "MatchAny" : "MatchFirst")),
            ("cases", new JsonArray(Case("One", Any(depth + 1)), Case("Two", Any(depth + 1)))),
            ("default", Any(depth + 1)));

    /// <summary>Leads from each state to later ones only, so that it comes to an end.</summary>
    private JsonObject States(int depth)
    {
        var states = new JsonArray();
        var transitions = new JsonArray();
        var last = _dice.Between(1, 3);
        for (var i = 0; i <= last; i++)
        {
            states.Add(new JsonObject { ["name"] = $"State {i}", ["entry"] = Perhaps(depth), ["exit"] = Perhaps(depth) });
            for (var ways = i < last ? _dice.Between(1, 3) : 0; ways > 0; ways--)
            {
                var isWaiting = _dice.Percent(80);
                transitions.Add(new JsonObject
                {
                    ["from"] = $"State {i}",
                    ["to"] = $"State {_dice.Between(i + 1, last)}",
                    ["trigger"] = isWaiting ? Event(Id("t"), _dice.One(EventNames)) : null,
                    ["condition"] = _dice.Percent(70) ? null : Js($"get{AnyCounter()}() > 0"),
                    ["action"] = Perhaps(depth),
                });
            }
        }

        return Activity("Elsa.StateMachine", Id("m"), ("initialState", "State 0"), ("states", states), ("transitions", transitions));
    }

    private JsonObject? Perhaps(int depth) => _dice.Percent(35) ? Any(depth + 1) : null;

    private JsonObject Case(string label, JsonObject activity) => new()
    {
        ["label"] = label,
        ["condition"] = new JsonObject { ["type"] = "Literal", ["value"] = Flag() },
        ["activity"] = activity,
    };

    private JsonObject Flow(int depth)
    {
        List<JsonObject> activities = [Activity("Elsa.Start", Id("begin"))];
        List<string> connections = [];
        var loopFrom = _dice.Percent(35) ? 1 : 0;
        for (var i = _dice.Between(2, 8); i > 0; i--)
        {
            activities.Add(Node(depth));
        }

        for (var to = 1; to < activities.Count; to++)
        {
            for (var ways = _dice.Percent(60) ? 1 : _dice.Between(2, 3); ways > 0; ways--)
            {
                connections.Add($"{Outcome(activities[_dice.Below(to)])}>{IdOf(activities[to])}");
            }
        }

        if (loopFrom > 0)
        {
            AddLoop(activities, connections);
        }

        return Flowchart(Id("f"), [.. activities], [.. connections]);
    }

    /// <summary>Leads from the last activity back to any, a few times.</summary>
    private void AddLoop(List<JsonObject> activities, List<string> connections)
    {
        var counter = Counter();
        var count = Counted(Id("n"), counter);
        var again = Activity("Elsa.FlowDecision", Id("d"), ("condition", Js($"get{counter}() < {Turns()}")));
        connections.Add($"{Outcome(activities[^1])}>{IdOf(count)}");
        connections.Add($"{IdOf(count)}>{IdOf(again)}");
        connections.Add($"{IdOf(again)}.True>{IdOf(_dice.One(activities))}");
        activities.Add(count);
        activities.Add(again);
    }

    private JsonObject Node(int depth)
    {
        var node = _dice.Below(100) switch
        {
            < 14 => Activity("Elsa.FlowJoin", Id("j"), ("mode", _dice.Percent(90) ? Literal(_dice.One(JoinModes)) : Js($"get{AnyCounter()}() > 0 ? '{_dice.One(JoinModes)}' : 'unknown'"))),
            < 26 => Activity("Elsa.FlowDecision", Id("d"), ("condition", Literal(Flag()))),
            < 32 => Activity("Elsa.FlowFork", Id("k"), ("branches", Json("""["One","Two"]"""))),
            _ => Any(depth + 1),
        };
        if (_dice.Percent(30))
        {
            node["customProperties"] = new JsonObject { ["mergeMode"] = _dice.One(MergeModes) };
        }

        return node;
    }

    private string Outcome(JsonObject activity) => activity["type"]!.GetValue<string>() switch
    {
        "Elsa.FlowDecision" => $"{IdOf(activity)}.{(_dice.Percent(50) ? "True" : "False")}",
        "Elsa.FlowFork" => $"{IdOf(activity)}.{(_dice.Percent(50) ? "One" : "Two")}",
        _ => IdOf(activity),
    };

    private static JsonObject Counted(string id, string counter) => Set(id, counter, Js($"get{counter}() + 1"));

    private string Counter()
    {
        var name = $"N{_variables.Count}";
        _variables.Add(Variable(name, "Int32", "0"));
        return name;
    }

    /// <summary>A counter of its own, or one that something else counts as well.</summary>
    private string AnyCounter() => _variables.Count > 0 && _dice.Percent(50) ? $"N{_dice.Below(_variables.Count)}" : Counter();

    private string Flag() => _dice.Percent(50) ? "true" : "false";

    private string Turns() => _dice.Between(1, LoopTurnsMax).ToString(CultureInfo.InvariantCulture);

    private string Id(string prefix) => $"{prefix}{_ids++}";

    private static string IdOf(JsonObject activity) => activity["id"]!.GetValue<string>();
}
