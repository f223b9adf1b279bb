using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Simulation;
using NodaTime;

namespace AssessmentFlow.SimulationTests;

/// <summary>Synthetic cases, which workflows ask and which answer them.</summary>
internal static class CaseScenarios
{
    private static readonly Actor Secretariat = new("secretariat", [Roles.Secretariat]);

    /// <summary>Two cases under silence: one is left alone until it expires, to the other a seat objects.</summary>
    public static Scenario Silence()
    {
        var scenario = new Scenario { EndsAlike = true, Reference = Regime("silence") }.Define(Workflows.Silence);
        var objection = new AssessmentInput.ActOnSilence(
            1, SilenceAct.Object, "Peru", "Synthetic objection", Until: null, IfChangedAt: null, new Actor("peru", [Roles.OfSeat("Peru")]));
        return Open(Open(scenario, "LEFT-ALONE"), "OBJECTED").Ask("object", "OBJECTED", objection, when: state => state.Silences.Length > 0);
    }

    /// <summary>A case asks two agencies for their reviews, and goes on when both have signed off.</summary>
    public static Scenario Reviews()
    {
        const string Id = "REVIEWED";
        var delegation = new AssessmentInput.ComposeDelegation(
            "North", [new DelegationMember("North", [], Representative: null), new DelegationMember("South", [], Representative: null)], IfChangedAt: null, Secretariat);
        var go = new PublishedSignal("go", "go", CorrelationId: null, JsonValues.Null);
        var scenario = Open(new Scenario { EndsAlike = true, Reference = Regime("reviews") }.Define(Workflows.Reviews), Id)
            .Ask("compose", Id, delegation, when: static _ => true)
            .Send(new ClientRequest("go", new EntityId(EntityKinds.Signal, go.Id), JsonSerializer.SerializeToUtf8Bytes(go, SignalJson.Plain.PublishedSignal))
            {
                Watched = new EntityId(EntityKinds.Assessment, Id),
                When = static state => JsonSerializer.Deserialize(state, CaseJson.Plain.AssessmentState)!.Delegation is not null,
            });
        foreach (var agency in (string[])["North", "South"])
        {
            var actor = new Actor(agency, [Roles.OfAgency(agency)]);
            var review = ReviewIds.Of(Id, agency);
            scenario
                .Ask($"write-{agency}", review, new ReviewInput.WriteChapter(new Chapter { Text = "Synthetic chapter" }, IfChangedAt: null, actor), when: static _ => true)
                .Ask($"sign-off-{agency}", review, new ReviewInput.Move(ReviewMove.SignOff, Reason: null, IfChangedAt: null, actor), when: state => state.Chapter is not null);
        }

        return scenario;
    }

    /// <summary>A case whose workflow nobody has defined: it can never be started.</summary>
    public static Scenario Unpublished() => Open(new Scenario { Reference = Regime("unpublished"), Duration = TimeSpan.FromHours(1) }, "ORPHAN");

    private static Scenario Open(Scenario scenario, string caseId) => scenario.Ask($"open-{caseId}", caseId, new AssessmentInput.Open(
        "Synthetic", new AssessedState("Ruritania", "RR"), "synthetic", VisitType: null, VisitFrom: null, VisitTo: null, "synthetic", Secretariat));

    /// <summary>A synthetic regime whose cases run a workflow.</summary>
    private static ReferenceSnapshot Regime(string workflow) => ReferenceSnapshot.Empty with
    {
        Rosters = ReferenceSnapshot.Empty.Rosters.Add("council", new Roster("council", "Council", [Term("Peru"), Term("Viet Nam")])),
        Regimes = ReferenceSnapshot.Empty.Regimes.Add(
            "synthetic", new Regime("synthetic", "Synthetic", ["Proposed", "Closed"], workflow, "council", "council", "synthetic")),
        Agencies = ReferenceSnapshot.Empty.Agencies.Add("North", new Agency("North", "Synthetic agency", "synthetic")).Add("South", new Agency("South", "Synthetic agency", "synthetic")),
    };

    private static SeatTerm Term(string seat) => new(seat, new LocalDate(2030, 1, 1), new LocalDate(2030, 12, 31), "synthetic");
}
