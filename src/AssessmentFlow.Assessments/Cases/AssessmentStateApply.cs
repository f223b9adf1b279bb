using System.Diagnostics;
using AssessmentFlow.Assessments.Circulation;
using AssessmentFlow.Assessments.Silence;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>The one place where facts of a case become state.</summary>
public static class AssessmentStateApply
{
    /// <summary>The state after a fact.</summary>
    public static AssessmentState Apply(AssessmentState state, AssessmentFact fact) => fact switch
    {
        AssessmentFact.Opened opened => Open(state, opened),
        AssessmentFact.DelegationComposed composed => state with { Delegation = composed.Delegation },
        AssessmentFact.ItemPut put => Put(state, put),
        AssessmentFact.ItemRemoved removed => Remove(state, removed),
        AssessmentFact.PhaseEntered entered => state with
        {
            Phase = entered.Phase,
            PhaseSince = entered.At,
            IsReportOpenToState = entered.IsReportOpenToState,
            ChangedAt = entered.Version,
        },
        AssessmentFact.ConsentRecorded consent => state with { Consent = consent.Consent, ChangedAt = consent.Version },
        AssessmentFact.ReviewsOpened opened => state with { Reviews = opened.Round },
        AssessmentFact.ReviewProgressed progressed => Progress(state, progressed),
        AssessmentFact.ReviewWaitEnded ended => state with
        {
            Reviews = state.Reviews! with { Origin = null, DueAt = null, IsQuorumReached = ended.IsQuorumReached },
        },
        AssessmentFact.Circulated circulated => state with { Circulations = state.Circulations.Add(circulated.Circulation) },
        AssessmentFact.CopyAcknowledged acknowledged => Acknowledge(state, acknowledged),
        AssessmentFact.CirculationWaitEnded ended => EndCirculationWait(state, ended),
        _ => ApplyToSilence(state, fact),
    };

    private static AssessmentState Open(AssessmentState state, AssessmentFact.Opened opened) => state with
    {
        Title = opened.Title,
        State = opened.State,
        Regime = opened.Regime,
        Phases = opened.Phases,
        VisitType = opened.VisitType,
        VisitFrom = opened.VisitFrom,
        VisitTo = opened.VisitTo,
        SyntheticLabel = opened.SyntheticLabel,
        InstanceId = opened.InstanceId,
        OpenedAt = opened.At,
        ChangedAt = 1,
    };

    private static AssessmentState Put(AssessmentState state, AssessmentFact.ItemPut put)
    {
        var key = $"{put.Kind}/{put.ItemId}";
        var donor = ItemRules.DonorOf(put.Kind, put.Body);
        var sha256 = put.Kind is ItemRules.PortionKind ? ReportText.HashOf(put.Body) : null;
        return state with
        {
            Items = state.Items.SetItem(key, ItemEntry.Written(state.Items.GetValueOrDefault(key), put.Version, put.Mark, donor, sha256)),
            ReportChangedAt = put.Kind is ItemRules.PortionKind ? put.Version : state.ReportChangedAt,
        };
    }

    private static AssessmentState Remove(AssessmentState state, AssessmentFact.ItemRemoved removed) => state with
    {
        Items = state.Items.Remove($"{removed.Kind}/{removed.ItemId}"),
        ReportChangedAt = removed.Kind is ItemRules.PortionKind ? removed.Version : state.ReportChangedAt,
    };

    private static AssessmentState Progress(AssessmentState state, AssessmentFact.ReviewProgressed progressed)
    {
        var round = state.Reviews!;
        var reviews = round.Reviews.Select(entry => entry.Agency == progressed.Agency
            ? entry with
            {
                Status = progressed.Status,
                Version = progressed.Version,
                SignedOffAt = progressed.Status is "Submitted" ? progressed.At : entry.SignedOffAt,
                IsAnnexed = entry.IsAnnexed || progressed.IsAnnexed,
            }
            : entry);
        return state with { Reviews = round with { Reviews = [.. reviews] } };
    }

    private static AssessmentState ApplyToSilence(AssessmentState state, AssessmentFact fact) => fact switch
    {
        AssessmentFact.SilenceOpened opened => state with { Silences = state.Silences.Add(opened.Round) },
        AssessmentFact.SilenceObjected objected => Change(state, objected.Round, objected.Version, round => round with
        {
            Objections = round.Objections.Add(objected.Objection),
        }),
        AssessmentFact.SilenceHeld held => Change(state, held.Round, held.Version, round => round with
        {
            Status = SilenceStatus.Held,
            Hold = held.Hold,
        }),
        AssessmentFact.SilenceLifted lifted => Change(state, lifted.Round, lifted.Version, round => round with
        {
            Status = SilenceStatus.Open,
            Hold = null,
            ExpiresAt = lifted.ExpiresAt,
        }),
        AssessmentFact.SilenceExtended extended => Change(state, extended.Round, extended.Version, round => round with { ExpiresAt = extended.To }),
        AssessmentFact.SilenceEnded ended => Change(state, ended.Round, ended.Version, round => round with
        {
            Status = ended.Status,
            Hold = null,
            EndedAt = ended.At,
            Origin = null,
        }),
        _ => throw new UnreachableException($"Fact {fact.GetType().Name} has no rule."),
    };

    private static AssessmentState Change(AssessmentState state, int number, long version, Func<SilenceRound, SilenceRound> change) => state with
    {
        Silences = state.Silences.SetItem(number - 1, change(state.Silences[number - 1]) with { ChangedAt = version }),
    };

    private static AssessmentState Acknowledge(AssessmentState state, AssessmentFact.CopyAcknowledged acknowledged)
    {
        var circulation = state.Circulations[acknowledged.Circulation - 1];
        var copy = circulation.Copies[acknowledged.Copy - 1] with
        {
            AcknowledgedAt = acknowledged.At,
            AcknowledgedBy = acknowledged.By,
            ChangedAt = acknowledged.Version,
        };
        return state with
        {
            Circulations = state.Circulations.SetItem(
                acknowledged.Circulation - 1,
                circulation with { Copies = circulation.Copies.SetItem(acknowledged.Copy - 1, copy) }),
        };
    }

    private static AssessmentState EndCirculationWait(AssessmentState state, AssessmentFact.CirculationWaitEnded ended)
    {
        var circulation = state.Circulations[ended.Circulation - 1];
        return state with
        {
            Circulations = state.Circulations.SetItem(
                ended.Circulation - 1,
                circulation with { Origin = null, DueAt = null, IsOverdue = ended.IsOverdue }),
        };
    }
}
