using System.Diagnostics;
using AssessmentFlow.Assessments.Circulation;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Assessments.Silence;
using AssessmentFlow.Engine.Execution;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Assessments.Cases.AssessmentState,
    AssessmentFlow.Assessments.Cases.AssessmentFact,
    AssessmentFlow.Assessments.Cases.CaseEffect>;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>Decides what reaches a case. Pure: what time has decided by the moment of the turn is settled first.</summary>
public static class Assessment
{
    /// <summary>Decides one input.</summary>
    /// <param name="state">Where the case stands.</param>
    /// <param name="input">What reaches it.</param>
    /// <param name="origin">The activity that asked; null when no workflow did.</param>
    /// <param name="moment">When, with the reference data of that moment.</param>
    public static Decision Decide(AssessmentState state, AssessmentInput input, Origin? origin, Moment moment)
    {
        if (state.Exists == input is AssessmentInput.Open)
        {
            return new Decision.Refused(state.Exists
                ? new Refusal(RefusalKind.Conflict, "assessment-exists", $"There is a case '{state.Id}' already.")
                : new Refusal(RefusalKind.NotFound, "assessment-unknown", $"There is no case '{state.Id}'."));
        }

        var turn = new CaseTurn(state, moment);
        SilenceRules.Settle(turn);
        CirculationRules.Settle(turn);
        ReviewRoundRules.Settle(turn);
        return Apply(turn, state, input, origin) is { } refusal ? new Decision.Refused(refusal) : turn.Conclude();
    }

    /// <summary>When time alone changes the case, by the name of the timer.</summary>
    public static IEnumerable<(string Timer, DateTimeOffset DueAt)> Timers(AssessmentState state)
    {
        if (state.OpenSilence is { WakeAt: { } wake } silence)
        {
            yield return ($"silence/{silence.Number}", wake);
        }

        if (state.Reviews is { Origin: not null, DueAt: { } reviewsDue })
        {
            yield return ("reviews", reviewsDue);
        }

        foreach (var circulation in state.Circulations)
        {
            if (circulation is { Origin: not null, DueAt: { } due })
            {
                yield return ($"circulation/{circulation.Number}", due);
            }
        }
    }

    private static Refusal? Apply(CaseTurn turn, AssessmentState before, AssessmentInput input, Origin? origin)
    {
        switch (input)
        {
            case AssessmentInput.Open open:
                return CaseRules.Open(turn, open);
            case AssessmentInput.ComposeDelegation compose:
                return CaseRules.ComposeDelegation(turn, compose);
            case AssessmentInput.EnterPhase enter:
                return CaseRules.EnterPhase(turn, enter);
            case AssessmentInput.RecordConsent consent:
                CaseRules.RecordConsent(turn, consent);
                return null;
            case AssessmentInput.PutItem put:
                return ItemRules.Put(turn, put);
            case AssessmentInput.RemoveItem remove:
                return ItemRules.Remove(turn, remove);
            case AssessmentInput.OpenReviews open:
                return ReviewRoundRules.Open(turn, open, origin);
            case AssessmentInput.ReviewReported report:
                ReviewRoundRules.Report(turn, report);
                return null;
            case AssessmentInput.OpenSilence open:
                return SilenceRules.Open(turn, open, origin);
            case AssessmentInput.ActOnSilence act:
                return SilenceRules.Act(turn, before, act);
            case AssessmentInput.Circulate circulate:
                return CirculationRules.Circulate(turn, circulate, origin);
            case AssessmentInput.AcknowledgeCopy acknowledge:
                return CirculationRules.Acknowledge(turn, acknowledge);
            case AssessmentInput.TimerFired:
                return null; // Settling did all that time decides.
            default:
                throw new UnreachableException($"Input {input.GetType().Name} has no rule.");
        }
    }
}
