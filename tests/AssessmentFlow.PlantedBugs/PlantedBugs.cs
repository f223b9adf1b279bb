using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.PlantedBugs;

/// <summary>Journals with a mistake that the product must not make, put between its runners and the real ways to the database.</summary>
/// <remarks>Each stands in for one promise: what is acknowledged is written, one activation wins, what is decided is told, what excludes each other runs apart.</remarks>
public static class Plant
{
    /// <summary>Says that a turn is written while it is still under way.</summary>
    public static ITurnJournal AcknowledgeBeforeCommit(ITurnJournal journal) => new Planted(journal, (turn, token) =>
    {
        _ = journal.CommitAsync(turn, token);
        return Task.FromResult(true);
    });

    /// <summary>Writes a turn after whatever version the entity has by now.</summary>
    public static ITurnJournal DropVersionGuard(ITurnJournal journal) => new Planted(journal, async (turn, token) =>
    {
        var snapshot = await journal.LoadAsync(turn.Entity, token);
        return await journal.CommitAsync(turn with { ExpectedVersion = snapshot?.Version ?? 0 }, token);
    });

    /// <summary>Leaves the messages of a turn in memory only.</summary>
    public static ITurnJournal ForgetOutboxRow(ITurnJournal journal) => new Planted(journal, (turn, token) => journal.CommitAsync(turn with { Outbox = [] }, token));

    /// <summary>Takes no names that one instance at a time can hold.</summary>
    public static ITurnJournal DropClaims(ITurnJournal journal) => new Planted(journal, (turn, token) => journal.CommitAsync(turn with { Claims = [] }, token));

    /// <summary>Takes such names and never gives one back.</summary>
    public static ITurnJournal KeepClaims(ITurnJournal journal) => new Planted(
        journal, (turn, token) => journal.CommitAsync(turn with { Claims = [.. turn.Claims.Where(claim => !claim.IsOver)] }, token));

    /// <summary>The journal with the mistake of that name.</summary>
    /// <exception cref="ArgumentException">There is no such mistake.</exception>
    public static ITurnJournal Named(string name, ITurnJournal journal) => name switch
    {
        nameof(AcknowledgeBeforeCommit) => AcknowledgeBeforeCommit(journal),
        nameof(DropVersionGuard) => DropVersionGuard(journal),
        nameof(ForgetOutboxRow) => ForgetOutboxRow(journal),
        nameof(DropClaims) => DropClaims(journal),
        nameof(KeepClaims) => KeepClaims(journal),
        _ => throw new ArgumentException($"There is no mistake '{name}'.", nameof(name)),
    };

    private sealed class Planted(ITurnJournal journal, Func<Turn, CancellationToken, Task<bool>> commit) : ITurnJournal
    {
        public Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken) => journal.LoadAsync(entity, cancellationToken);

        public Task<bool> CommitAsync(Turn turn, CancellationToken cancellationToken) => commit(turn, cancellationToken);

        public Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken) => journal.FindInputAsync(inputId, cancellationToken);
    }
}
