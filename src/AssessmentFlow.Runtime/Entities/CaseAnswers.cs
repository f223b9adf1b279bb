using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Circulation;
using AssessmentFlow.Assessments.Silence;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>What whoever changed a case is shown: the thing changed, with the version that is its ETag.</summary>
public static class CaseAnswers
{
    /// <summary>The answer to an input.</summary>
    internal static JsonElement Of(AssessmentState state, AssessmentInput input, long version) => input switch
    {
        AssessmentInput.ComposeDelegation => Delegation(state),
        AssessmentInput.PutItem put => Versioned(put.ItemId, version),
        AssessmentInput.RemoveItem remove => Versioned(remove.ItemId, version),
        AssessmentInput.ActOnSilence act => Silence(state, state.Silences[act.Round - 1]),
        AssessmentInput.AcknowledgeCopy acknowledge => Copy(state, state.Circulations[acknowledge.Circulation - 1], acknowledge.Copy),
        _ => Summary(state),
    };

    /// <summary>A case in short, as lists show it.</summary>
    public static JsonElement Summary(AssessmentState state) => JsonValues.Object(
        ("id", JsonValues.Of(state.Id)),
        ("version", JsonValues.Of(state.ChangedAt)),
        ("title", JsonValues.Of(state.Title)),
        ("state", JsonValues.Of(state.State?.Name)),
        ("iso2", JsonValues.Of(state.State?.Iso2)),
        ("regime", JsonValues.Of(state.Regime)),
        ("visitType", JsonValues.Of(state.VisitType)),
        ("visitFrom", JsonValues.Of(state.VisitFrom?.ToString("uuuu-MM-dd", null))),
        ("visitTo", JsonValues.Of(state.VisitTo?.ToString("uuuu-MM-dd", null))),
        ("phase", JsonValues.Of(state.Phase)),
        ("phaseSince", JsonValues.Of(state.PhaseSince)),
        ("openedAt", JsonValues.Of(state.OpenedAt)),
        ("instanceId", JsonValues.Of(state.InstanceId)),
        ("synthetic", JsonValues.Of(state.SyntheticLabel)));

    /// <summary>The delegation.</summary>
    public static JsonElement Delegation(AssessmentState state) => JsonValues.Object(
        ("assessmentId", JsonValues.Of(state.Id)),
        ("version", JsonValues.Of(state.Delegation?.ChangedAt ?? 0)),
        ("leader", JsonValues.Of(state.Delegation?.Leader)),
        ("members", JsonValues.Array((state.Delegation?.Members ?? []).Select(member => JsonValues.Object(
            ("agency", JsonValues.Of(member.Agency)),
            ("areas", JsonValues.Of(member.Areas)),
            ("representative", JsonValues.Of(member.Representative)))))));

    /// <summary>A silence procedure.</summary>
    public static JsonElement Silence(AssessmentState state, SilenceRound round) => JsonValues.Object(
        ("assessmentId", JsonValues.Of(state.Id)),
        ("round", JsonValues.Of(round.Number)),
        ("version", JsonValues.Of(round.ChangedAt)),
        ("subject", JsonValues.Of(round.Subject)),
        ("status", JsonValues.Of(round.Status.ToString())),
        ("openedAt", JsonValues.Of(round.OpenedAt)),
        ("expiresAt", JsonValues.Of(round.ExpiresAt)),
        ("endedAt", JsonValues.Of(round.EndedAt)),
        ("roster", JsonValues.Of(round.Roster)),
        ("seats", JsonValues.Of(round.Seats)),
        ("textVersion", JsonValues.Of(round.TextVersion)),
        ("textSha256", JsonValues.Of(round.TextSha256)),
        ("hold", round.Hold is { } hold
            ? JsonValues.Object(
                ("seat", JsonValues.Of(hold.Seat)),
                ("at", JsonValues.Of(hold.At)),
                ("lapsesAt", JsonValues.Of(hold.LapsesAt)),
                ("reason", JsonValues.Of(hold.Reason)))
            : JsonValues.Null),
        ("objections", JsonValues.Array(round.Objections.Select(objection => JsonValues.Object(
            ("seat", JsonValues.Of(objection.Seat)),
            ("at", JsonValues.Of(objection.At)),
            ("text", JsonValues.Of(objection.Text)),
            ("isLate", JsonValues.Of(objection.IsLate)))))));

    /// <summary>A numbered copy.</summary>
    public static JsonElement Copy(AssessmentState state, ReportCirculation circulation, int number)
    {
        var copy = circulation.Copies[number - 1];
        return JsonValues.Object(
            ("id", JsonValues.Of(CopyIds.Of(state.Id, circulation.Number, number))),
            ("version", JsonValues.Of(copy.ChangedAt)),
            ("assessmentId", JsonValues.Of(state.Id)),
            ("circulation", JsonValues.Of(circulation.Number)),
            ("copy", JsonValues.Of(number)),
            ("of", JsonValues.Of(circulation.Copies.Length)),
            ("title", JsonValues.Of(circulation.Title)),
            ("seat", JsonValues.Of(copy.Seat)),
            ("roster", JsonValues.Of(circulation.Roster)),
            ("circulatedOn", JsonValues.Of(circulation.Date.ToString("uuuu-MM-dd", null))),
            ("issuedAt", JsonValues.Of(circulation.IssuedAt)),
            ("marks", JsonValues.Of(circulation.Marks.Select(mark => mark.ToString()))),
            ("textVersion", JsonValues.Of(circulation.TextVersion)),
            ("textSha256", JsonValues.Of(circulation.TextSha256)),
            ("acknowledgedAt", JsonValues.Of(copy.AcknowledgedAt)));
    }

    private static JsonElement Versioned(string id, long version) => JsonValues.Object(("id", JsonValues.Of(id)), ("version", JsonValues.Of(version)));
}

/// <summary>Ids of numbered copies.</summary>
public static class CopyIds
{
    /// <summary>The id of a copy: case, circulation and number.</summary>
    public static string Of(string assessmentId, int circulation, int copy) => $"{assessmentId}.C{circulation}.{copy}";

    /// <summary>Reads an id that <see cref="Of"/> made.</summary>
    public static bool TryParse(string id, out string assessmentId, out int circulation, out int copy)
    {
        assessmentId = "";
        circulation = 0;
        copy = 0;
        var parts = id.Split('.');
        if (parts.Length < 3 || parts[0].Length is 0 || parts[^2].Length < 2 || parts[^2][0] is not 'C' || !int.TryParse(parts[^2].AsSpan(1), out circulation) || !int.TryParse(parts[^1], out copy))
        {
            return false;
        }

        assessmentId = string.Join('.', parts[..^2]);
        return true;
    }
}
