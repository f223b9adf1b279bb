using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>The rules of opening a case, composing its delegation and moving through its phases.</summary>
internal static class CaseRules
{
    private const int DelegationMax = 100;

    public static Refusal? Open(CaseTurn turn, AssessmentInput.Open input)
    {
        if (!input.Actor.Has(Roles.Secretariat))
        {
            return new Refusal(RefusalKind.Forbidden, "role-missing", "Only the secretariat opens cases.");
        }

        if (!turn.Reference.Regimes.TryGetValue(input.Regime, out var regime))
        {
            return new Refusal(
                RefusalKind.Invalid,
                "regime-unknown",
                $"There is no regime '{input.Regime}'; known are {string.Join(", ", turn.Reference.Regimes.Keys)}.",
                "regime");
        }

        if (input.VisitFrom is { } from && input.VisitTo is { } to && to < from)
        {
            return new Refusal(RefusalKind.Invalid, "visit-ends-before-it-begins", "The last day of the visit lies before the first.", "visitTo");
        }

        var instanceId = InstanceIds.From($"assessment/{turn.State.Id}");
        turn.Record(new AssessmentFact.Opened(
            input.Title, input.State, regime.Id, regime.Phases, input.VisitType, input.VisitFrom, input.VisitTo,
            input.SyntheticLabel, instanceId, input.Actor.Id, turn.Now));
        var inputs = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["AssessmentId"] = JsonValues.Of(turn.State.Id),
            ["State"] = JsonValues.Of(input.State.Iso2),
            ["StateName"] = JsonValues.Of(input.State.Name),
            ["Regime"] = JsonValues.Of(regime.Id),
        };
        foreach (var (name, setting) in regime.Settings)
        {
            inputs.TryAdd(name, setting.Value);
        }

        turn.Tell(new CaseEffect.StartWorkflow(instanceId, regime.Workflow, inputs, turn.State.Id));
        return null;
    }

    public static Refusal? ComposeDelegation(CaseTurn turn, AssessmentInput.ComposeDelegation input)
    {
        if (!input.Actor.Has(Roles.Secretariat))
        {
            return new Refusal(RefusalKind.Forbidden, "role-missing", "Only the secretariat composes delegations.");
        }

        var seen = turn.State.Delegation?.ChangedAt ?? 0;
        if (input.IfChangedAt is { } expected && expected != seen)
        {
            return Stale.Version("The delegation", seen, expected);
        }

        if (CheckMembers(turn, input.Members) is { } unsound)
        {
            return unsound;
        }

        turn.Record(new AssessmentFact.DelegationComposed(new Delegation(input.Leader, input.Members, turn.Moment.Version), input.Actor.Id));
        return null;
    }

    private static Refusal? CheckMembers(CaseTurn turn, ImmutableArray<DelegationMember> members)
    {
        if (members.Length is 0 or > DelegationMax)
        {
            return members.IsEmpty
                ? new Refusal(RefusalKind.Invalid, "delegation-empty", "A delegation has at least one organisation.", "members")
                : new Refusal(RefusalKind.Invalid, "delegation-too-large", $"A delegation may have {DelegationMax} organisations.", "members");
        }

        var known = turn.Reference.Agencies;
        for (var i = 0; i < members.Length; i++)
        {
            var agency = members[i].Agency;
            if (members.Take(i).Any(member => string.Equals(member.Agency, agency, StringComparison.OrdinalIgnoreCase)))
            {
                return new Refusal(RefusalKind.Invalid, "agency-repeated", $"'{agency}' is named twice; give it all its areas in one entry.", $"members[{i}].agency");
            }

            if (!known.ContainsKey(agency))
            {
                var meant = known.Keys.FirstOrDefault(each => string.Equals(each, agency, StringComparison.OrdinalIgnoreCase));
                return new Refusal(
                    RefusalKind.Invalid,
                    "agency-unknown",
                    meant is null
                        ? $"There is no agency '{agency}' in the reference data; known are {string.Join(", ", known.Keys)}. Add it there first."
                        : $"There is no agency '{agency}' in the reference data; it is written '{meant}'.",
                    $"members[{i}].agency");
            }
        }

        return null;
    }

    public static Refusal? EnterPhase(CaseTurn turn, AssessmentInput.EnterPhase input)
    {
        if (CheckPhase(turn.State, input.Phase) is { } unknown)
        {
            return unknown;
        }

        if (turn.State.Phase != input.Phase || turn.State.IsReportOpenToState != input.IsReportOpenToState)
        {
            turn.Record(new AssessmentFact.PhaseEntered(input.Phase, turn.State.Phase, turn.Now, turn.Moment.Version, input.IsReportOpenToState));
        }

        return null;
    }

    /// <returns>Null when the regime of the case knows the phase; else why not.</returns>
    public static Refusal? CheckPhase(AssessmentState state, string phase) => state.Phases.Contains(phase, StringComparer.Ordinal)
        ? null
        : new Refusal(
            RefusalKind.Invalid,
            "phase-unknown",
            $"The regime '{state.Regime}' knows no phase '{phase}'; it knows {string.Join(", ", state.Phases)}.");

    public static void RecordConsent(CaseTurn turn, AssessmentInput.RecordConsent input) =>
        turn.Record(new AssessmentFact.ConsentRecorded(new Consent(input.Outcome, turn.Now, input.By, input.Reference), turn.Moment.Version));
}
