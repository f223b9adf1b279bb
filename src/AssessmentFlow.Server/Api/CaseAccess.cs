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

    /// <summary>A case whose substance the caller may read: findings, portions, programmes.</summary>
    public async Task<AssessmentState> FindForReadingAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var state = await FindAsync(id, caller, cancellationToken);
        return HandlesCases(caller.Actor) || IsOnDelegation(caller.Actor, state) || HasCopy(caller.Actor, state)
            ? state
            : throw RequestProblemException.Forbidden("The substance of a case is for those who handle it, the agencies of its delegation, and seats that a copy was issued to.");
    }

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

    private static bool MayKnow(Actor actor, AssessmentState state) =>
        HandlesCases(actor)
        || actor.Has(Roles.OfState(state.State!.Iso2))
        || IsOnDelegation(actor, state)
        || HasCopy(actor, state)
        || state.Silences.Any(round => actor.Names(Roles.SeatPrefix).Any(seat => round.Seats.Contains(seat, StringComparer.Ordinal)));

    private static bool IsOnDelegation(Actor actor, AssessmentState state) =>
        state.Delegation?.Members.Any(member => actor.Has(Roles.OfAgency(member.Agency))) is true
        || state.Reviews?.Reviews.Any(review => actor.Has(Roles.OfAgency(review.Agency))) is true;

    private static bool HasCopy(Actor actor, AssessmentState state) =>
        state.Circulations.Any(circulation => circulation.Copies.Any(copy => actor.Has(Roles.OfSeat(copy.Seat))));
}
