using System.Text.Json.Nodes;

namespace AssessmentFlow.SimulationTests;

/// <summary>Synthetic workflows, each with ways of going on that a run must not lose or take twice.</summary>
internal static class Workflows
{
    /// <summary>Every way of going on comes once: events, a timer, a child that reports back, a task.</summary>
    public static string Case => Definition(
        "case",
        Sequence(
            "steps",
            Event("wait-first", "first"),
            Line("after-first"),
            Delay("pause", "00:00:02"),
            Line("after-pause"),
            Activity("run-child", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "child"), ("waitForCompletion", "true")),
            Line("after-child"),
            Activity("task", "Elsa.RunTask", ("taskName", "decide")),
            Line("after-task"),
            Event("wait-last", "last"),
            Line("after-last")));

    /// <summary>What a case starts.</summary>
    public static string Child => Definition("child", Sequence("steps", Line("child-begins"), Delay("pause", "00:00:01"), Line("child-ends")));

    /// <summary>Three branches that wait for different things at once, one of them for a month.</summary>
    public static string Branches => Definition(
        "branches",
        Sequence(
            "steps",
            Container(
                "branches",
                "Elsa.Parallel",
                Sequence("one", Event("wait-one", "one"), Line("one")),
                Sequence("two", Event("wait-two", "two"), Line("two")),
                Sequence("month", Delay("wait-month", "30.00:00:00"), Line("month"))),
            Line("together")));

    /// <summary>Is started by an event, and tells when it is done.</summary>
    public static string Triggered
    {
        get
        {
            var trigger = Event("opened", "opened");
            trigger["customProperties"] = new JsonObject { ["canStartWorkflow"] = true };
            return Definition("triggered", Sequence("steps", trigger, Line("started"), Delay("pause", "00:00:01"), Activity("tell", "Elsa.PublishEvent", ("eventName", "done")), Line("told")));
        }
    }

    /// <summary>Waits for what <see cref="Triggered"/> tells.</summary>
    public static string Listener => Definition("listener", Sequence("steps", Line("listens"), Event("wait-done", "done"), Line("heard")));

    /// <summary>Waits for a child that never ends, and ends with it at an event.</summary>
    public static string Parent => Definition(
        "parent",
        Container(
            "branches",
            "Elsa.Parallel",
            Activity("run-child", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "endless"), ("waitForCompletion", "true")),
            Sequence("way-out", Event("wait-enough", "enough"), Activity("finish", "Elsa.Finish"))));

    /// <summary>Waits for what never comes.</summary>
    public static string Endless => Definition("endless", Sequence("steps", Line("endless-begins"), Event("wait-never", "never")));

    /// <summary>Of which one instance runs at a time.</summary>
    public static string Alone => Definition(
        "alone", Sequence("steps", Line("alone"), Delay("pause", "00:00:05"), Line("no-longer")), new JsonObject { ["activationStrategyType"] = "Elsa.Workflows.Runtime.ActivationValidators.SingletonStrategy" });

    /// <summary>More activities than fit into one turn: it goes on by a message to itself.</summary>
    public static string Long
    {
        get
        {
            var loop = Activity("loop", "Elsa.For", ("start", "1"), ("end", "300"), ("step", "1"));
            loop["body"] = Line("again");
            return Definition("long", Sequence("steps", loop, Line("at-last")));
        }
    }

    /// <summary>Puts a text under silence until the third of January 2030.</summary>
    public static string Silence => Definition("silence", Sequence(
        "steps",
        Activity("procedure", "Assessment.SilenceProcedure", ("subject", "Synthetic text"), ("expiresAt", "2030-01-03T00:00:00Z")),
        Line("silence-ended")));

    /// <summary>Asks the delegation for its reviews once an event says so.</summary>
    public static string Reviews => Definition("reviews", Sequence("steps", Event("wait-go", "go"), Activity("ask", "Assessment.AgencyReviews", ("quorum", "2")), Line("reviewed")));

    /// <summary>Sends an HTTP request.</summary>
    public static string Request => Definition("request", Sequence("steps", Activity("ask", "Elsa.SendHttpRequest", ("url", "https://example.org/"), ("method", "GET"))));

    private static string Definition(string id, JsonObject root, JsonObject? options = null) => new JsonObject
    {
        ["definitionId"] = id,
        ["name"] = id,
        ["version"] = 1,
        ["root"] = root,
        ["options"] = options ?? [],
    }.ToJsonString();

    private static JsonObject Sequence(string id, params JsonNode[] activities) => Container(id, "Elsa.Sequence", activities);

    private static JsonObject Container(string id, string type, params JsonNode[] activities)
    {
        var container = Activity(id, type);
        container["activities"] = new JsonArray(activities);
        return container;
    }

    private static JsonObject Event(string id, string name) => Activity(id, "Elsa.Event", ("eventName", name));

    private static JsonObject Delay(string id, string span) => Activity(id, "Elsa.Delay", ("timeSpan", span));

    private static JsonObject Line(string text) => Activity(text, "Elsa.WriteLine", ("text", text));

    private static JsonObject Activity(string id, string type, params (string Name, string Value)[] inputs)
    {
        var activity = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var (name, value) in inputs)
        {
            activity[name] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };
        }

        return activity;
    }
}
