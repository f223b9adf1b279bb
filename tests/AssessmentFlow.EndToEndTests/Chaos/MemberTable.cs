using System.Globalization;
using AssessmentFlow.EndToEndTests.Support;
using Npgsql;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>The table in which the servers of a cluster read who there is and who was given up.</summary>
internal sealed class MemberTable(string connectionString)
{
    private DatabaseRows Rows => new(() => Databases.Postgres(connectionString));

    /// <summary>Processes that were given up and are not forgotten yet.</summary>
    public Task<IReadOnlyList<string>> DeadAsync() => Rows.ReadAsync(
        string.Create(CultureInfo.InvariantCulture, $"SELECT address || ':' || port || ':' || generation FROM orleansmembershiptable WHERE status = {(int)SiloStatus.Dead}"), row => row.GetString(0));

    /// <summary>Whether the newest process that others reach at a port was given up.</summary>
    public async Task<bool> IsDeadAsync(int port) => await Rows.ReadAsync(
        string.Create(CultureInfo.InvariantCulture, $"SELECT status FROM orleansmembershiptable WHERE port = {port} ORDER BY generation DESC LIMIT 1"), row => row.GetInt32(0)) is [(int)SiloStatus.Dead];

    /// <summary>Lets nobody read the table for a while, as when a database is maintained.</summary>
    /// <param name="whenLocked">What is done once nobody can.</param>
    /// <param name="duration">How long.</param>
    /// <param name="cancellationToken">To give up.</param>
    public async Task LockAsync(Func<Task> whenLocked, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var connection = Databases.Postgres(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var locked = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("LOCK TABLE orleansmembershiptable IN ACCESS EXCLUSIVE MODE", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await whenLocked();
        await Task.Delay(duration, cancellationToken);
    }
}
