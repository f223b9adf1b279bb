using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Simulation;
using NodaTime;

namespace AssessmentFlow.SimulationTests;

/// <summary>What the tests simulate.</summary>
internal static class Scenarios
{
    /// <summary>Three cases, each with a child, a timer, a task and two events of its own.</summary>
    public static Scenario Cases()
    {
        var scenario = new Scenario { EndsAlike = true }.Define(Workflows.Child).Define(Workflows.Case).CompleteTasks();
        foreach (var correlationId in (string[])["A", "B", "C"])
        {
            scenario.Start("case", correlationId).Publish("first", correlationId).Publish("last", correlationId);
        }

        return scenario;
    }

    /// <summary>Branches of two instances that are resumed at once.</summary>
    public static Scenario Branches() => new Scenario { EndsAlike = true }
        .Define(Workflows.Branches)
        .Start("branches", "A").Start("branches", "B")
        .Publish("one").Publish("two", "A").Publish("two", "B").Publish("one", "A", isAwaited: false).Publish("one", "B", isAwaited: false);

    /// <summary>An event starts an instance, which tells another one that waits, or will wait soon.</summary>
    public static Scenario Events() => new Scenario { EndsAlike = true }
        .Define(Workflows.Triggered).Define(Workflows.Listener)
        .Start("listener")
        .Publish("opened", isAwaited: false);

    /// <summary>Starts that stand in each other's way: one runs, the others are refused or come after.</summary>
    public static Scenario Alone() => new Scenario().Define(Workflows.Alone).Start("alone").Start("alone").Start("alone");

    /// <summary>Runs that are longer than a turn.</summary>
    public static Scenario Long() => new Scenario { EndsAlike = true }.Define(Workflows.Long).Start("long").Start("long");

    /// <summary>Two cases under silence: one is left alone until it expires, to the other a seat objects.</summary>
    public static Scenario Silence()
    {
        var scenario = new Scenario { EndsAlike = true, Reference = Council }.Define(Workflows.Silence);
        foreach (var caseId in (string[])["LEFT-ALONE", "OBJECTED"])
        {
            Open(scenario, caseId);
        }

        return scenario.Send(
            "object",
            CaseOf("OBJECTED"),
            Input(new AssessmentInput.ActOnSilence(1, SilenceAct.Object, "Peru", "Synthetic objection", Until: null, IfChangedAt: null, new Actor("peru", [Roles.OfSeat("Peru")]))),
            when: store => store.Load(CaseOf("OBJECTED")) is { } snapshot && JsonSerializer.Deserialize(snapshot.State, CaseJson.Plain.AssessmentState)!.Silences.Length > 0);
    }

    /// <summary>A case whose workflow nobody has defined: it can never be started.</summary>
    public static Scenario Unpublished() => Open(new Scenario { Reference = Council, Duration = TimeSpan.FromHours(1) }, "ORPHAN");

    private static Scenario Open(Scenario scenario, string caseId) => scenario.Send($"open-{caseId}", CaseOf(caseId), Input(new AssessmentInput.Open(
        "Synthetic", new AssessedState("Ruritania", "RR"), "synthetic", VisitType: null, VisitFrom: null, VisitTo: null, "synthetic", Secretariat)));

    private static readonly Actor Secretariat = new("secretariat", [Roles.Secretariat]);

    /// <summary>A synthetic regime whose cases run <see cref="Workflows.Silence"/>.</summary>
    private static ReferenceSnapshot Council => ReferenceSnapshot.Empty with
    {
        Rosters = ReferenceSnapshot.Empty.Rosters.Add("council", new Roster(
            "council", "Council", [new SeatTerm("Peru", new LocalDate(2030, 1, 1), new LocalDate(2030, 12, 31), "synthetic"), new SeatTerm("Viet Nam", new LocalDate(2030, 1, 1), new LocalDate(2030, 12, 31), "synthetic")])),
        Regimes = ReferenceSnapshot.Empty.Regimes.Add("synthetic", new Regime("synthetic", "Synthetic", ["Proposed", "Closed"], "silence", "council", "council", "synthetic")),
    };

    private static EntityId CaseOf(string id) => new(EntityKinds.Assessment, id);

    private static byte[] Input(AssessmentInput input) => JsonSerializer.SerializeToUtf8Bytes(input, CaseJson.Plain.AssessmentInput);
}
