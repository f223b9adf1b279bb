using System.Text.Json.Nodes;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>Small synthetic workflows in Elsa's JSON form: steps, one after the other.</summary>
internal static class Definitions
{
    /// <summary>Asks two agencies for their reviews and goes on with the first.</summary>
    public const string Reviews = "synthetic-reviews";

    /// <summary>Puts a text under silence until the input ExpiresAt, before the seats of June 2008.</summary>
    public const string Silence = "synthetic-silence";

    /// <summary>Circulates a report to the seats of June 2008.</summary>
    public const string Circulation = "synthetic-circulation";

    /// <summary>Waits for the event "go" a thousand times.</summary>
    public const string Waits = "synthetic-waits";

    /// <summary>Opens <see cref="TasksCount"/> tasks side by side.</summary>
    public const string Tasks = "synthetic-tasks";

    /// <summary>Tasks of <see cref="Tasks"/> (count).</summary>
    public const int TasksCount = 400;

    /// <summary>Waits for the event "go", then runs ten activities straight on, then waits again.</summary>
    public const string TenSteps = "synthetic-ten-steps";

    /// <summary>A task for the role in the input Role.</summary>
    public const string Assigned = "synthetic-assigned";

    /// <summary>Enters the phase in the input Phase; the State reads the report in it when the input StateReads says so.</summary>
    public const string Phase = "synthetic-phase";

    /// <summary>A task for another system.</summary>
    public const string OfSystem = "synthetic-of-system";

    /// <summary>Faults at once.</summary>
    public const string Faults = "synthetic-fault";

    public static JsonObject[] All =>
    [
        Of(Reviews, Activity("reviews", "Assessment.AgencyReviews", ("quorum", "Int32", "Literal", "1"))),
        Of(Silence, Activity(
            "silence",
            "Assessment.SilenceProcedure",
            ("subject", "String", "Literal", "Synthetic text"),
            ("expiresAt", "DateTimeOffset", "JavaScript", "getInput('ExpiresAt')"),
            ("rosterDate", "String", "Literal", "2008-06-01"))),
        Of(Circulation, Activity(
            "circulate", "Assessment.CirculateReport", ("title", "String", "Literal", "Synthetic report"), ("circulationDate", "String", "Literal", "2008-06-01"))),
        Of(Assigned, Activity(
            "assigned", "Assessment.HumanTask", ("title", "String", "Literal", "Synthetic task"), ("assignedTo", "String", "JavaScript", "getInput('Role')"))),
        Of(Phase, Activity(
            "enter", "Assessment.EnterPhase", ("phase", "String", "JavaScript", "getInput('Phase')"), ("stateReads", "Boolean", "JavaScript", "getInput('StateReads')"))),
        Of(OfSystem, Activity("of-system", "Elsa.RunTask", ("taskName", "String", "Literal", "synthetic"))),
        Of(Faults, Activity("fault", "Elsa.Fault", ("message", "String", "Literal", "Synthetic fault."))),
        Of(Waits, [.. Enumerable.Range(1, 1_000).Select(step => Wait($"wait-{step}"))]),
        Beside(Tasks, [.. Enumerable.Range(1, TasksCount).Select(step => Activity(
            $"task-{step}", "Assessment.HumanTask", ("title", "String", "Literal", $"Synthetic task {step}"), ("assignedTo", "String", "Literal", "secretariat")))]),
        Of(TenSteps, [Wait("before"), .. Enumerable.Range(1, 10).Select(step => Activity($"step-{step}", "Elsa.WriteLine", ("text", "String", "Literal", $"Step {step}"))), Wait("after")]),
    ];

    /// <summary>A definition whose steps run one after the other.</summary>
    public static JsonObject Of(string id, params JsonObject[] steps) => Container(id, "Elsa.Sequence", steps);

    /// <summary>A definition whose steps run side by side.</summary>
    private static JsonObject Beside(string id, params JsonObject[] steps) => Container(id, "Elsa.Parallel", steps);

    /// <summary>An activity with its inputs: name, type, kind of expression, expression.</summary>
    public static JsonObject Activity(string id, string type, params (string Name, string Type, string Syntax, string Value)[] inputs)
    {
        var activity = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var input in inputs)
        {
            activity[input.Name] = new JsonObject
            {
                ["typeName"] = input.Type,
                ["expression"] = new JsonObject { ["type"] = input.Syntax, ["value"] = input.Value },
            };
        }

        return activity;
    }

    private static JsonObject Container(string id, string type, JsonObject[] steps) => new()
    {
        ["definitionId"] = id,
        ["name"] = $"Synthetic: {id}",
        ["version"] = 1,
        ["root"] = Steps("steps", type, steps),
    };

    /// <summary>A container of steps.</summary>
    public static JsonObject Steps(string id, string type, params JsonObject[] steps) =>
        new() { ["id"] = id, ["type"] = type, ["version"] = 1, ["activities"] = new JsonArray([.. steps]) };

    /// <summary>Waits for the event "go".</summary>
    public static JsonObject Wait(string id) => Activity(id, "Elsa.Event", ("eventName", "String", "Literal", "go"));
}
