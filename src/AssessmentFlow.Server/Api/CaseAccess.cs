using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Who may read what of a case (domain, section 3.1). Who may change what is decided where the change is.</summary>
internal sealed class CaseAccess(ITurnJournal journal, IReferenceData reference)
{
    /// <summary>Whether the actor handles cases: reads them whole.</summary>
    public static bool HandlesCases(Actor actor) => actor.Has(Roles.Secretariat) || actor.Has(Roles.MissionLeader) || actor.Has(Roles.Auditor);

    /// <summary>A case that the caller may know of.</summary>
    /// <exception cref="RequestProblemException">There is none, or the caller may not know of it.</exception>
    public async Task<AssessmentState> FindAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var state = await LoadAsync(id, cancellationToken);
        return state is not null && MayKnow(caller.Actor, state) ? state : throw RequestProblemException.NotFound($"case '{id}'");
    }

    /// <summary>
    /// A case whose report the caller may read: who reads the substance of the case, and the State assessed while the workflow lets it,
    /// which is when it is asked to comment on the draft and once the report was transmitted to it.
    /// </summary>
    public async Task<AssessmentState> FindForReportAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var state = await FindAsync(id, caller, cancellationToken);
        return ReadsSubstance(caller.Actor, state) || ReadsReport(caller.Actor, state) ? state : throw NotForReading();
    }

    /// <summary>
    /// Whose items of a kind the caller may read in a case. A donor reads the programmes and commitments that are recorded
    /// as its own (domain, section 3.1), in a case of which it may know nothing else.
    /// </summary>
    /// <returns>Null for all items; else the roles whose items they are.</returns>
    /// <exception cref="RequestProblemException">There is no such case, or the caller may read none of them.</exception>
    public async Task<ImmutableArray<string>?> FindOwnersAsync(string id, string kind, Caller caller, CancellationToken cancellationToken)
    {
        if (await LoadAsync(id, cancellationToken) is { } state)
        {
            return ReadsSubstance(caller.Actor, state) || (kind is ItemRules.PortionKind && ReadsReport(caller.Actor, state)) ? null
                : ItemRules.HasDonor(kind) && IsDonor(caller.Actor, state) ? [.. caller.Actor.Names(Roles.StatePrefix).Select(Roles.OfState)]
                : throw (MayKnow(caller.Actor, state) ? NotForReading() : RequestProblemException.NotFound($"case '{id}'"));
        }

        throw RequestProblemException.NotFound($"case '{id}'");
    }

    /// <summary>Whether the caller may learn why a change of an item was refused: who may know of the case, and the donor whose item it is.</summary>
    /// <exception cref="RequestProblemException">It may not.</exception>
    public async Task FindItemAsync(string id, string kind, string itemId, Caller caller, CancellationToken cancellationToken)
    {
        if (await LoadAsync(id, cancellationToken) is not { } state
            || (!MayKnow(caller.Actor, state)
                && !(state.Items.GetValueOrDefault($"{kind}/{itemId}")?.Donor is { } donor && caller.Actor.Has(Roles.OfState(donor)))))
        {
            throw RequestProblemException.NotFound($"case '{id}'");
        }
    }

    /// <summary>Whether the case took a review for an annex.</summary>
    public async Task<bool> IsAnnexedAsync(ReviewState review, CancellationToken cancellationToken) =>
        await LoadAsync(review.AssessmentId, cancellationToken) is { } state && IsAnnexed(state, review.Id);

    /// <summary>Whether the case took a review for an annex.</summary>
    public static bool IsAnnexed(AssessmentState state, string reviewId) =>
        state.Reviews?.Reviews.Any(review => review.ReviewId == reviewId && review.IsAnnexed) is true;

    /// <summary>A case whose history the caller may read.</summary>
    public async Task<AssessmentState> FindForHandlingAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var state = await FindAsync(id, caller, cancellationToken);
        return HandlesCases(caller.Actor) ? state : throw RequestProblemException.Forbidden("This is for those who handle the case.");
    }

    /// <summary>The answer to a command on a case. A refusal tells nothing of a case that the caller may not know of.</summary>
    /// <exception cref="RequestProblemException">The command was refused.</exception>
    public Task<IResult> AnswerAsync(
        TurnAnswer answer, string id, Caller caller, CancellationToken cancellationToken, int status = StatusCodes.Status200OK, string? location = null) =>
        AnswerAsync(answer, caller, () => FindAsync(id, caller, cancellationToken), status, location);

    /// <summary>The answer to a command. The reason of a refusal may tell what is there: who does not see everything gets it only about what it may see.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="caller">Who asked.</param>
    /// <param name="find">Looks for the thing as the caller may see it, and throws when it may not.</param>
    /// <param name="status">Status when the command was accepted.</param>
    /// <param name="location">Where what it made is found.</param>
    /// <exception cref="RequestProblemException">The command was refused.</exception>
    public static async Task<IResult> AnswerAsync(
        TurnAnswer answer, Caller caller, Func<Task> find, int status = StatusCodes.Status200OK, string? location = null)
    {
        if (answer.Refusal is not null && !HandlesCases(caller.Actor))
        {
            await find();
        }

        return Answers.Of(answer, status, location);
    }

    /// <summary>A review that the caller may read: its agency's own, and those released to the others of the delegation.</summary>
    /// <exception cref="RequestProblemException">There is none, or the caller may not read it.</exception>
    public async Task<ReviewState> FindReviewAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var snapshot = await journal.LoadAsync(new EntityId(EntityKinds.Review, id), cancellationToken);
        var state = snapshot is null ? null : JsonSerializer.Deserialize(snapshot.State, ReviewJson.Plain.ReviewState);
        if (state is null)
        {
            throw RequestProblemException.NotFound($"review '{id}'");
        }

        if (HandlesCases(caller.Actor) || caller.Actor.Has(Roles.OfAgency(state.Agency)))
        {
            return state;
        }

        return state.Status is ReviewStatus.Released && await LoadAsync(state.AssessmentId, cancellationToken) is { } assessed && IsOnDelegation(caller.Actor, assessed)
            ? state
            : throw RequestProblemException.NotFound($"review '{id}'");
    }

    /// <summary>Restricts a list of items to what the caller is cleared for; what is hidden leaves no trace in the page.</summary>
    public async Task<ViewQuery> RestrictAsync(ViewQuery query, Caller caller, CancellationToken cancellationToken)
    {
        var snapshot = await reference.GetAsync(cancellationToken);
        return query with { COrNone = ReadableMarks(snapshot, caller), BNone = !HandlesCases(caller.Actor) };
    }

    /// <summary>Whether the caller is cleared for a row of items.</summary>
    public async Task<bool> MayReadAsync(ViewRow row, Caller caller, CancellationToken cancellationToken)
    {
        var snapshot = await reference.GetAsync(cancellationToken);
        return (row.C is null || ReadableMarks(snapshot, caller).Contains(row.C, StringComparer.Ordinal)) && (row.B is null || HandlesCases(caller.Actor));
    }

    /// <summary>Those of some items that the caller is cleared for; an item without a mark is everybody's.</summary>
    public static ImmutableArray<T> Readable<T>(IEnumerable<T> items, Func<T, Mark?> markOf, ReferenceSnapshot snapshot, Caller caller) =>
        [.. items.Where(item => markOf(item) is not { } mark || mark.IsReadableBy(caller.Clearances, snapshot.MarkingSchemes))];

    private async Task<AssessmentState?> LoadAsync(string id, CancellationToken cancellationToken)
    {
        var snapshot = await journal.LoadAsync(new EntityId(EntityKinds.Assessment, id), cancellationToken);
        return snapshot is null ? null : JsonSerializer.Deserialize(snapshot.State, CaseJson.Plain.AssessmentState);
    }

    private static ImmutableArray<string> ReadableMarks(ReferenceSnapshot snapshot, Caller caller) =>
    [
        .. snapshot.MarkingSchemes.Values
            .SelectMany(scheme => scheme.Levels.Select(level => new Mark(scheme.Id, level)))
            .Where(mark => mark.IsReadableBy(caller.Clearances, snapshot.MarkingSchemes))
            .Select(mark => mark.ToString()),
    ];

    private static bool ReadsSubstance(Actor actor, AssessmentState state) => HandlesCases(actor) || IsOnDelegation(actor, state) || HasCopy(actor, state);

    private static bool ReadsReport(Actor actor, AssessmentState state) => state.IsReportOpenToState && actor.Has(Roles.OfState(state.State!.Iso2));

    private static RequestProblemException NotForReading() => RequestProblemException.Forbidden(
        "The substance of a case is for those who handle it, the agencies of its delegation, and seats that a copy was issued to; the State assessed reads the report when it is asked to comment on it and once it was transmitted.");

    private static bool MayKnow(Actor actor, AssessmentState state) =>
        HandlesCases(actor)
        || actor.Has(Roles.OfState(state.State!.Iso2))
        || IsOnDelegation(actor, state)
        || HasCopy(actor, state)
        || state.Silences.Any(round => actor.Names(Roles.SeatPrefix).Any(seat => round.Seats.Contains(seat, StringComparer.Ordinal)));

    /// <summary>An agency that was taken off the delegation, or was asked for a review without being on it, reads no more than its own review.</summary>
    private static bool IsOnDelegation(Actor actor, AssessmentState state) =>
        state.Delegation?.Members.Any(member => actor.Has(Roles.OfAgency(member.Agency))) is true;

    private static bool IsDonor(Actor actor, AssessmentState state) =>
        state.Items.Values.Any(item => item.Donor is { } donor && actor.Has(Roles.OfState(donor)));

    private static bool HasCopy(Actor actor, AssessmentState state) =>
        state.Circulations.Any(circulation => circulation.Copies.Any(copy => actor.Has(Roles.OfSeat(copy.Seat))));
}
