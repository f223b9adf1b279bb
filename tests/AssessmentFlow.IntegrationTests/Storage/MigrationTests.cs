using AssessmentFlow.IntegrationTests.Support;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Migrations;
using Npgsql;

namespace AssessmentFlow.IntegrationTests.Storage;

/// <summary>Servers that start and <c>flow migrate</c> come to one database in any order, and take as long as it takes.</summary>
public sealed class MigrationTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_several_at_once_each_migration_is_applied_by_one()
    {
        var database = await postgres.CreateDatabaseAsync();

        var applied = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => MigrateAsync(database)));

        Assert.Equal(DatabaseMigration.Scripts(StorageProvider.Postgres), applied.SelectMany(static scripts => scripts).Order(StringComparer.Ordinal));
        Assert.Empty(await MigrateAsync(database));
    }

    [Theory]
    [InlineData("SELECT pg_advisory_lock(x'415353455353'::bigint)", "SELECT pg_advisory_unlock_all()")] // Another one is migrating.
    [InlineData("BEGIN; LOCK TABLE wait", "ROLLBACK")] // A statement of a migration takes long.
    public async Task What_takes_longer_than_other_statements_may_is_waited_for(string begin, string end)
    {
        var database = await postgres.CreateDatabaseAsync() + ";Command Timeout=2";
        var scripts = DatabaseMigration.Scripts(StorageProvider.Postgres);
        Assert.Equal(scripts.Take(2), await MigrateAsync(database, scripts.Take(2).ToList()));
        await using var slow = new NpgsqlConnection(database);
        await slow.OpenAsync(Token);
        await ExecuteAsync(slow, begin);

        var migrating = MigrateAsync(database);
        Assert.NotSame(migrating, await Task.WhenAny(migrating, Task.Delay(TimeSpan.FromSeconds(4), Token)));
        await ExecuteAsync(slow, end);

        Assert.Equal(scripts.Skip(2), await migrating);
    }

    [Fact]
    public async Task A_migration_that_fails_is_named_and_changes_nothing()
    {
        var database = await postgres.CreateDatabaseAsync();
        var scripts = DatabaseMigration.Scripts(StorageProvider.Postgres);
        await MigrateAsync(database, scripts.Take(3).ToList());
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Token);
        await ExecuteAsync(connection, "CREATE TABLE view_row_running ()"); // In the way of the second statement.

        var failure = await Assert.ThrowsAsync<MigrationException>(() => MigrateAsync(database));
        Assert.StartsWith($"Migration {scripts[3]} failed: ", failure.Message, StringComparison.Ordinal);

        await ExecuteAsync(connection, "DROP TABLE view_row_running");
        Assert.Equal(scripts.Skip(3), await MigrateAsync(database));
    }

    private static Task<IReadOnlyList<string>> MigrateAsync(string database, IReadOnlyCollection<string>? only = null) =>
        DatabaseMigration.MigratePostgresAsync(database, Token, only);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // The statements are constants of the tests.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Token);
    }
}
