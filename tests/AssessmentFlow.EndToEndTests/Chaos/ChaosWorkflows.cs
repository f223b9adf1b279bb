using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>
/// Synthetic workflows in which every way of going on comes once: a request, a timer, a child that reports back, a task out of the
/// list of tasks, an event that is published for a business identity. After each, a line is written, so that the journal tells how
/// often each happened.
/// </summary>
internal static class ChaosWorkflows
{
    /// <summary>The workflow that clients start.</summary>
    public const string Case = "chaos-case";

    /// <summary>The workflow that every instance of <see cref="Case"/> starts once.</summary>
    public const string Child = "chaos-child";

    /// <summary>A workflow that takes <see cref="Note"/> again and again, from whoever sends it.</summary>
    public const string Shared = "chaos-shared";

    /// <summary>The event of <see cref="Shared"/>.</summary>
    public const string Note = "note";

    /// <summary>Business identities of instances of <see cref="Case"/> begin with this.</summary>
    public const string IdentityPrefix = "chaos-";

    /// <summary>The event that an instance of <see cref="Case"/> waits for last, published for its business identity.</summary>
    public const string Published = "published";

    /// <summary>Events that an instance of <see cref="Case"/> is sent, one after the other.</summary>
    public static readonly string[] Events = ["first", "second"];

    /// <summary>What every instance of <see cref="Case"/> writes, once and in this order.</summary>
    public static readonly string[] CaseLines = ["event first", "timer", "event second", "child", "task", "published"];

    /// <summary>What its child writes.</summary>
    public static readonly string[] ChildLines = ["child timer"];

    public static JsonObject[] All =>
    [
        Definitions.Of(Child, Delay("child-delay"), Line("child timer")),
        Definitions.Of(Shared, ForEver(Event(Note))),
        Definitions.Of(
            Case,
            Event(Events[0]),
            Line(CaseLines[0]),
            Delay("delay"),
            Line(CaseLines[1]),
            Event(Events[1]),
            Line(CaseLines[2]),
            Definitions.Activity(
                "start-child", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "String", "Literal", Child), ("waitForCompletion", "Boolean", "Literal", "true")),
            Line(CaseLines[3]),
            Definitions.Activity(
                "work", "Assessment.HumanTask", ("title", "String", "Literal", "Synthetic task"), ("assignedTo", "String", "Literal", Stage.Secretariat)),
            Line(CaseLines[4]),
            Event(Published),
            Line(CaseLines[5])),
    ];

    private static JsonObject ForEver(JsonObject body)
    {
        var loop = Definitions.Activity("loop", "Elsa.While", ("condition", "Boolean", "Literal", "true"));
        loop["body"] = body;
        return loop;
    }

    private static JsonObject Event(string name) => Definitions.Activity($"wait-{name}", "Elsa.Event", ("eventName", "String", "Literal", name));

    private static JsonObject Line(string text) => Definitions.Activity(text.Replace(' ', '-'), "Elsa.WriteLine", ("text", "String", "Literal", text));

    private static JsonObject Delay(string id) => Definitions.Activity(id, "Elsa.Delay", ("timeSpan", "TimeSpan", "Literal", "00:00:00.300"));
}
