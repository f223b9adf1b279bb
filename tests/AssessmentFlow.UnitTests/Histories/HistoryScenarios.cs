using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Histories;

/// <summary>
/// What instances do to give histories: synthetic workflows that together record every kind of fact. A scenario is not
/// changed once a version was released with its history; new ones are added.
/// </summary>
internal static class HistoryScenarios
{
    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 9, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, Action<Stage>> All = new(StringComparer.Ordinal)
    {
        ["values"] = Values,
        ["rework-counted"] = stage => Rework(stage, FlowchartMode.CounterBased),
        ["rework-by-tokens"] = stage => Rework(stage, FlowchartMode.TokenBased),
        ["race"] = Race,
        ["loops"] = Loops,
        ["state-machine"] = States,
        ["repaired"] = Repaired,
        ["deferred"] = Deferred,
        ["requests"] = Requests,
        ["outputs"] = Outputs,
        ["refused"] = Refused,
        ["acts"] = Acts,
        ["cancelled"] = Cancelled,
    };

    public static ActivityCatalog Catalog { get; } = new([.. ActivityCatalog.General, new Nudge()]);

    public static IEnumerable<string> Names => All.Keys;

    /// <summary>Runs a scenario.</summary>
    /// <returns>The histories of its instances, in the order in which they were started.</returns>
    public static IReadOnlyList<History> Run(string name)
    {
        var stage = new Stage();
        All[name](stage);
        return stage.Histories();
    }

    private static void Values(Stage stage)
    {
        stage.Publish("values", Sequence(
            "s",
            Set("set", "Number", Js("getNumber() + 1")), Activity("Elsa.Correlate", "case", ("correlationId", Js("'CASE-' + getNumber()"))),
            Activity("Elsa.SetName", "name", ("value", Liquid("Case {{ Variables.Number }}"))), Activity("Elsa.Delay", "wait", ("timeSpan", Literal("2.00:00:00"))),
            Activity("Elsa.RunTask", "ask", ("taskName", Literal("Ask")), ("payload", Json("""{"of": "the agency"}""")), ("result", Into("Answer"))),
            LineJs("tell", "getAnswer() + ' of ' + getCorrelationId()"), Activity("Elsa.SetOutput", "out", ("outputName", Literal("Answer")), ("outputValue", Js("getAnswer()")))));
        stage.World.Start("values", JsonValues.Object(("From", JsonValues.Of("synthetic"))), correlationId: null);
        stage.World.Advance(TimeSpan.FromDays(3));
        stage.World.CompleteTask(0, JsonValues.Of("yes"));
    }

    /// <summary>A run that goes on with what it has put out, over a request and a workflow that it starts.</summary>
    private static void Outputs(Stage stage)
    {
        stage.World.AnswerHttp = static _ => new HttpAnswer { Outcome = HttpOutcome.Answered, StatusCode = 200, Body = "answer" };
        stage.Publish("listener", Event("e", "One"));
        stage.Publish("outputs", Sequence(
            "s",
            Activity("Elsa.RunJavaScript", "x", ("script", Literal("'before'"))), Activity("Elsa.FlowSendHttpRequest", "ask", ("url", Literal("http://receiver.example/"))),
            Activity("Elsa.DispatchWorkflow", "start", ("workflowDefinitionId", Literal("listener"))), LineJs("tell", "getResultFromX() + getStatusCodeFromAsk()"), Event("wait", "One")));
        stage.World.Start("outputs", JsonValues.Null, correlationId: null);
        stage.Send("One");
    }

    /// <summary>One of two workflows may not be started at first.</summary>
    private static void Refused(Stage stage)
    {
        stage.Publish("part", LineJs("c", "getInput('Item')"));
        stage.Publish("refused", Activity("Elsa.BulkDispatchWorkflows", "bulk", ("workflowDefinitionId", Literal("part")), ("items", Js("['a', 'b']"))));
        stage.World.RefuseStart = static start => start.Input["Item"].AsText() is "b" ? new Refusal(RefusalKind.Conflict, "taken", "Somebody has it.") : null;
        var instance = stage.World.Start("refused", JsonValues.Null, correlationId: null);
        stage.World.RefuseStart = static _ => null;
        stage.World.Retry(instance, instance.State.Incidents[0].Id);
    }

    private static void Rework(Stage stage, FlowchartMode mode)
    {
        stage.Publish("rework", Flowchart(
            "f",
            [
                Set("count", "Number", Js("getNumber() + 1")), Event("one", "One"), Event("two", "Two"), Activity("Elsa.FlowJoin", "both", ("mode", Literal("WaitAll"))),
                Activity("Elsa.FlowDecision", "again", ("condition", Js("getNumber() < 2"))), Line("done", "done"),
            ],
            "count>one", "count>two", "one>both", "two>both", "both>again", "again.True>count", "again.False>done"), mode);
        stage.World.Start("rework", JsonValues.Null, "CASE-7");
        foreach (var name in (string[])["Two", "One", "One", "Two"])
        {
            stage.Send(name);
        }
    }

    private static void Race(Stage stage)
    {
        stage.Publish("race", Flowchart(
            "f",
            [
                Event("one", "One"), Sequence("slow", Event("two", "Two"), Line("late", "late")), Activity("Elsa.FlowFork", "begin", ("branches", Json("""["A","B"]"""))),
                Activity("Elsa.FlowJoin", "first", ("mode", Literal("WaitAny"))), Line("won", "won"),
            ],
            "begin.A>one", "begin.B>slow", "one>first", "slow>first", "first>won"));
        stage.World.Start("race", JsonValues.Null, correlationId: null);
        stage.Send("One");
    }

    private static void Loops(Stage stage)
    {
        stage.Publish("loops", Sequence(
            "s",
            Activity("Elsa.For", "for", ("start", Literal("3")), ("end", Literal("1")), ("step", Literal("-1")), ("body", Sequence("b", Event("e", "One"), LineJs("l", "getCurrentValue()")))),
            Activity("Elsa.ForEach", "each", ("items", Js("['a', 'b', 'c']")), ("body", Sequence(
                "c", LineJs("m", "getCurrentValue()"), Activity("Elsa.If", "if", ("condition", Js("getCurrentValue() == 'b'")), ("then", Activity("Elsa.Break", "stop")))))),
            Activity("Elsa.ParallelForEach", "all", ("items", Js("[1, 2]")), ("body", Event("w", "Two")))));
        stage.World.Start("loops", JsonValues.Null, correlationId: null);
        foreach (var name in (string[])["One", "One", "One", "Two"])
        {
            stage.Send(name);
        }
    }

    private static void States(Stage stage)
    {
        static JsonObject Transition(string from, string to, string name) => new() { ["from"] = from, ["to"] = to, ["trigger"] = Event(name, name), ["action"] = Line($"act{name}", name) };
        stage.Publish("states", Activity(
            "Elsa.StateMachine",
            "machine",
            ("initialState", "draft"),
            ("states", new JsonArray(new JsonObject { ["name"] = "draft", ["entry"] = Line("in", "enter"), ["exit"] = Line("out", "leave") }, new JsonObject { ["name"] = "review" }, new JsonObject { ["name"] = "adopted" })),
            ("transitions", new JsonArray(Transition("draft", "review", "One"), Transition("review", "draft", "Two"), Transition("review", "adopted", "Three")))));
        stage.World.Start("states", JsonValues.Null, correlationId: null);
        foreach (var name in (string[])["One", "Two", "One", "Three"])
        {
            stage.Send(name);
        }
    }

    /// <summary>Faults beside a branch that deals with the cause, in both strategies.</summary>
    private static void Repaired(Stage stage)
    {
        var beside = Container(
            "Elsa.Parallel", "par", Sequence("cause", Event("e", "One"), Set("set", "Number", Js("2"))), LineJs("x", "if (getNumber() < 2) { throw new Error('too early'); } 'ok'"), Line("b", "beside"));
        stage.Publish("repaired", beside, options: "ContinueWithIncidentsStrategy");
        var instance = stage.World.Start("repaired", JsonValues.Null, correlationId: null);
        stage.Send("One");
        stage.World.Retry(instance, instance.State.Incidents[0].Id);

        stage.Publish("halted", Sequence("s", beside.DeepClone(), Line("z", "after")), options: "FaultStrategy");
        var halted = stage.World.Start("halted", JsonValues.Null, correlationId: null);
        stage.World.Retry(halted, halted.State.Incidents[0].Id);
    }

    /// <summary>A child ends while its parent lies faulted.</summary>
    private static void Deferred(Stage stage)
    {
        stage.Publish("child", Sequence("c", Event("end", "Two"), Activity("Elsa.SetOutput", "o", ("outputName", Literal("Of")), ("outputValue", Js("getInput('Of')")))));
        stage.Publish(
            "parent",
            Sequence(
                "s",
                Container(
                    "Elsa.Parallel",
                    "par",
                    Activity("Elsa.ExecuteWorkflow", "call", ("workflowDefinitionId", Literal("child")), ("input", Json("""{"Of": "child"}""")), ("waitForCompletion", Literal("True"))),
                    Sequence("then", Event("e", "One"), Activity("Elsa.Fault", "fault", ("code", Literal("synthetic")), ("message", Literal("out of service")))))),
            options: "FaultStrategy");
        var parent = stage.World.Start("parent", JsonValues.Null, correlationId: null);
        stage.Send("One");
        stage.Send("Two");
        stage.World.Retry(parent, parent.State.Incidents[0].Id);
    }

    private static void Requests(Stage stage)
    {
        stage.World.AnswerHttp = static call => new HttpAnswer { Outcome = HttpOutcome.Answered, StatusCode = 200, Body = $"{{\"asked\":\"{call.Method}\"}}", ContentType = "application/json" };
        stage.Publish("requests", Sequence(
            "s",
            Activity("Elsa.SendHttpRequest", "send", ("url", Literal("https://receiver.example/cases")), ("method", Literal("GET")), ("parsedContent", Into("Answer"))),
            Activity("Elsa.HttpEndpoint", "wait", ("path", Literal("cases")), ("supportedMethods", Json("""["POST"]"""))),
            Activity("Elsa.WriteHttpResponse", "answer", ("content", Js("getAnswer().asked")), ("statusCode", Literal("201")))));
        stage.World.Start("requests", JsonValues.Null, correlationId: null);
        stage.Send(HttpRoutes.KeyOf("POST", "cases", isAuthorized: true));
    }

    private static void Acts(Stage stage)
    {
        stage.Publish("acts", Sequence("s", Activity(Nudge.Type, "nudge"), Activity("Elsa.Complete", "c", ("outcomes", Json("""["Adopted"]""")))));
        var instance = stage.World.Start("acts", JsonValues.Null, correlationId: null);
        stage.World.Act(instance, instance.State.Bookmarks.Keys.Single(), "nudge", JsonValues.Null, Actor.System);
        stage.World.Act(instance, instance.State.Bookmarks.Keys.Single(), "end", JsonValues.Null, Actor.System);
    }

    private static void Cancelled(Stage stage)
    {
        stage.Publish("child", Event("end", "Two"));
        stage.Publish("cancelled", Sequence("s", Activity("Elsa.ExecuteWorkflow", "call", ("workflowDefinitionId", Literal("child")), ("waitForCompletion", Literal("True")))));
        stage.World.Cancel(stage.World.Start("cancelled", JsonValues.Null, correlationId: null));
    }

    /// <summary>A world whose turns are written down.</summary>
    private sealed class Stage
    {
        private readonly Dictionary<string, JsonElement> _definitions = new(StringComparer.Ordinal);
        private readonly OrderedDictionary<WorldInstance, List<HistoryTurn>> _turns = [];

        public Stage() => World = new EngineWorld(Catalog, Begin, FlowchartMode.CounterBased) { Committed = Record };

        public EngineWorld World { get; }

        public void Publish(string id, JsonObject root, FlowchartMode mode = FlowchartMode.CounterBased, string? options = null)
        {
            var json = Definition(
                id,
                root,
                ("variables", new JsonArray(Variable("Number", "Int32", "0"), Variable("Answer"))),
                ("options", new JsonObject { ["incidentStrategyType"] = options }),
                ("customProperties", new JsonObject { ["flowchartExecutionMode"] = mode.ToString() }));
            Assert.Empty(World.Publish(json));
            _definitions[id] = JsonElement.Parse(Encoding.UTF8.GetBytes(json));
        }

        public void Send(string name) => World.Signal(name, JsonValues.Of(name), correlationId: null, only: null);

        public IReadOnlyList<History> Histories() =>
            [.. _turns.Select(pair => new History(_definitions[pair.Value[^1].State.DefinitionId], pair.Key.Id, [.. pair.Value]))];

        private void Record(WorldTurn turn)
        {
            if (!_turns.TryGetValue(turn.Instance, out var turns))
            {
                _turns[turn.Instance] = turns = [];
            }

            turns.Add(new HistoryTurn(turn.At, turn.Input, [.. turn.Facts], turn.Instance.State));
        }
    }

    /// <summary>Waits for acts: one changes what is waited for, every other ends the waiting.</summary>
    private sealed class Nudge : Activity
    {
        public const string Type = "Test.Nudge";

        public override ActivityDescriptor Descriptor { get; } = new() { TypeName = Type, Category = "Test", DisplayName = "Nudge", Description = "Waits for acts." };

        public override void Execute(ActivityContext context) => context.Wait(JsonValues.Of(0L));

        public override Refusal? OnAct(ActivityContext context, Bookmark bookmark, InstanceInput.Act act)
        {
            if (act.Name is "nudge")
            {
                context.Change(bookmark with { Payload = JsonValues.Of(bookmark.Payload.GetInt64() + 1) }, act.Name, act.Actor.Id);
            }
            else
            {
                context.Burn(bookmark, JsonValues.Null, act.Actor.Id);
                context.Complete();
            }

            return null;
        }
    }
}
