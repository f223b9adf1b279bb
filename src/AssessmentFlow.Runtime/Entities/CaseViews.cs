using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Circulation;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Turns;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Assessments.Cases.AssessmentState,
    AssessmentFlow.Assessments.Cases.AssessmentFact,
    AssessmentFlow.Assessments.Cases.CaseEffect>;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>What a turn of a case changes in the lists.</summary>
internal sealed class CaseViews(EntityId entity, AssessmentState before, Decision.Accepted accepted, Moment moment)
{
    private readonly AssessmentState _after = accepted.State;
    private readonly ViewChanges _changes = new(entity, moment.Version, moment.Now);

    public ImmutableArray<ViewChange> Changes()
    {
        if (_after.ChangedAt == moment.Version)
        {
            _changes.Put(Views.Assessments, _after.Id, new ViewRow(
                Scope: null, _after.State!.Iso2, _after.Regime, _after.Phase, D: null,
                ViewChanges.Micros(_after.OpenedAt), moment.Version, ViewChanges.Bytes(CaseAnswers.Summary(_after))));
        }

        foreach (var fact in accepted.Facts)
        {
            Show(fact);
        }

        return _changes.ToImmutable();
    }

    private void Show(AssessmentFact fact)
    {
        switch (fact)
        {
            case AssessmentFact.Opened opened:
                PutParticipant(Roles.OfState(opened.State.Iso2));
                Happened("opened", ("by", JsonValues.Of(opened.By)));
                break;
            case AssessmentFact.PhaseEntered entered:
                Happened("phase-entered", ("phase", JsonValues.Of(entered.Phase)), ("from", JsonValues.Of(entered.From)));
                break;
            case AssessmentFact.ConsentRecorded consent:
                Happened("consent-recorded", ("outcome", JsonValues.Of(consent.Consent.Outcome)), ("by", JsonValues.Of(consent.Consent.By)));
                break;
            case AssessmentFact.DelegationComposed composed:
                PutDelegation(composed.Delegation);
                Happened("delegation-composed", ("agencies", JsonValues.Of(composed.Delegation.Members.Select(member => member.Agency))), ("by", JsonValues.Of(composed.By)));
                break;
            case AssessmentFact.ItemPut put:
                ItemViews.Put(_changes, _after.Id, put.Kind, put.ItemId, put.Body, put.Mark, _after.Items[$"{put.Kind}/{put.ItemId}"]);
                break;
            case AssessmentFact.ItemRemoved removed:
                _changes.Remove(Views.Items, ItemViews.IdOf(_after.Id, removed.Kind, removed.ItemId));
                break;
            case AssessmentFact.ReviewsOpened opened:
                Happened("reviews-opened", ("quorum", JsonValues.Of(opened.Round.Quorum)), ("agencies", JsonValues.Of(opened.Round.Reviews.Select(review => review.Agency))));
                break;
            case AssessmentFact.ReviewProgressed progressed:
                Happened("review-progressed", ("agency", JsonValues.Of(progressed.Agency)), ("status", JsonValues.Of(progressed.Status)), ("annexed", JsonValues.Of(_after.Reviews!.Reviews.Any(review => review.Agency == progressed.Agency && review.IsAnnexed))));
                break;
            case AssessmentFact.ReviewWaitEnded ended:
                Happened(ended.IsQuorumReached ? "quorum-reached" : "reviews-overdue");
                break;
            case AssessmentFact.Circulated circulated:
                Circulated(circulated.Circulation);
                break;
            case AssessmentFact.CopyAcknowledged acknowledged:
                var circulation = _after.Circulations[acknowledged.Circulation - 1];
                PutCopy(circulation, circulation.Copies[acknowledged.Copy - 1]);
                Happened("copy-acknowledged", ("copy", JsonValues.Of(acknowledged.Copy)), ("seat", JsonValues.Of(circulation.Copies[acknowledged.Copy - 1].Seat)));
                break;
            case AssessmentFact.CirculationWaitEnded ended:
                Happened(ended.IsOverdue ? "acknowledgements-overdue" : "all-acknowledged", ("circulation", JsonValues.Of(ended.Circulation)));
                break;
            default:
                ShowSilence(fact);
                break;
        }
    }

    private void ShowSilence(AssessmentFact fact)
    {
        switch (fact)
        {
            case AssessmentFact.SilenceOpened opened:
                PutSeats(opened.Round.Seats);
                Happened("silence-opened", ("round", JsonValues.Of(opened.Round.Number)), ("expiresAt", JsonValues.Of(opened.Round.ExpiresAt)), ("seats", JsonValues.Of(opened.Round.Seats.Length)));
                break;
            case AssessmentFact.SilenceObjected objected:
                Happened(objected.Objection.IsLate ? "late-objection" : "objection", ("seat", JsonValues.Of(objected.Objection.Seat)));
                break;
            case AssessmentFact.SilenceHeld held:
                Happened("silence-held", ("seat", JsonValues.Of(held.Hold.Seat)));
                break;
            case AssessmentFact.SilenceLifted lifted:
                Happened("silence-lifted", ("expiresAt", JsonValues.Of(lifted.ExpiresAt)));
                break;
            case AssessmentFact.SilenceExtended extended:
                Happened("silence-extended", ("from", JsonValues.Of(extended.From)), ("to", JsonValues.Of(extended.To)), ("by", JsonValues.Of(extended.By)));
                break;
            case AssessmentFact.SilenceEnded ended:
                Happened("silence-ended", ("outcome", JsonValues.Of(ended.Status.ToString())), ("effectiveAt", JsonValues.Of(ended.At)));
                break;
        }
    }

    private void Circulated(ReportCirculation circulation)
    {
        foreach (var copy in circulation.Copies)
        {
            PutCopy(circulation, copy);
        }

        PutSeats(circulation.Copies.Select(copy => copy.Seat));
        Happened(
            "circulated",
            ("circulation", JsonValues.Of(circulation.Number)),
            ("on", JsonValues.Of(circulation.Date.ToString("uuuu-MM-dd", null))),
            ("copies", JsonValues.Of(circulation.Copies.Length)));
    }

    private void PutCopy(ReportCirculation circulation, ReportCopy copy) =>
        _changes.Put(Views.Copies, CopyIds.Of(_after.Id, circulation.Number, copy.Number), new ViewRow(
            _after.Id,
            copy.Seat,
            copy.AcknowledgedAt is null ? "issued" : "acknowledged",
            C: null,
            D: null,
            ViewChanges.Micros(circulation.IssuedAt) + copy.Number,
            copy.ChangedAt,
            ViewChanges.Bytes(CaseAnswers.Copy(_after, circulation, copy.Number))));

    private void PutDelegation(Delegation delegation)
    {
        var agencies = delegation.Members.Select(member => member.Agency).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in (before.Delegation?.Members ?? []).Select(member => member.Agency).Where(agency => !agencies.Contains(agency)))
        {
            _changes.Remove(Views.Participants, Participants.IdOf(_after.Id, Roles.OfAgency(gone)));
        }

        foreach (var agency in agencies.Order(StringComparer.Ordinal))
        {
            PutParticipant(Roles.OfAgency(agency));
        }
    }

    private void PutSeats(IEnumerable<string> seats)
    {
        foreach (var seat in seats)
        {
            PutParticipant(Roles.OfSeat(seat));
        }
    }

    private void PutParticipant(string role) => _changes.Put(Views.Participants, Participants.IdOf(_after.Id, role), new ViewRow(
        _after.Id, role, B: null, C: null, D: null, ViewChanges.Micros(_after.OpenedAt), moment.Version,
        ViewChanges.Bytes(JsonValues.Object(("assessmentId", JsonValues.Of(_after.Id)), ("role", JsonValues.Of(role))))));

    private void Happened(string what, params ReadOnlySpan<(string, JsonElement)> details) => _changes.Happened(_after.Id, what, details);
}

/// <summary>Rows that say who has a part in a case.</summary>
public static class Participants
{
    internal static string IdOf(string caseId, string role) => $"{caseId}/{role}";

    /// <summary>The case of a row. Ids of cases have no slash.</summary>
    public static string CaseOf(string rowId) => rowId.Split('/')[0];
}

/// <summary>Items of a record or review as lists show them.</summary>
internal static class ItemViews
{
    private const string NeedToKnow = "need-to-know";

    public static string IdOf(string owner, string kind, string id) => $"{owner}/{kind}/{id}";

    public static void Put(ViewChanges changes, string owner, string kind, string id, JsonElement body, Mark? mark, ItemEntry entry) =>
        changes.Put(Views.Items, IdOf(owner, kind, id), new ViewRow(
            owner,
            kind,
            body.Member("needToKnow").ValueKind is JsonValueKind.True ? NeedToKnow : null,
            mark?.ToString(),
            entry.Donor is { } donor ? Roles.OfState(donor) : null,
            entry.CreatedAt,
            entry.ChangedAt,
            ViewChanges.Bytes(JsonValues.Object([("id", JsonValues.Of(id)), ("version", JsonValues.Of(entry.ChangedAt)), .. Members(body)]))));

    private static (string, JsonElement)[] Members(JsonElement body) => [.. body.EnumerateObject().Select(member => (member.Name, member.Value))];
}
