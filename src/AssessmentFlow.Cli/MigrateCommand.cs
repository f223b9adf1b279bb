using System.CommandLine;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Migrations;
using Npgsql;

namespace AssessmentFlow.Cli;

/// <summary><c>flow migrate</c>: what a server does to the schema when it starts, done before any of a new version does.</summary>
internal static class MigrateCommand
{
    public static Command Create() => DatabaseCommand.Create(
        "migrate",
        "Bring the schema of a database to this version, as servers do when they start. It can be repeated, and run by several at once: each migration is applied once.",
        static async (_, options, cancellationToken) =>
        {
            var applied = options.Provider is StorageProvider.Postgres
                ? await MigratePostgresAsync(options.ConnectionString!, cancellationToken)
                : await DatabaseMigration.MigrateSqliteAsync(options.SqlitePath, cancellationToken);
            return string.Join(Environment.NewLine, [.. applied.Select(static script => $"Applied {script}."), "The schema is up to date."]);
        });

    private static async Task<IReadOnlyList<string>> MigratePostgresAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        return await DatabaseMigration.MigratePostgresAsync(source, connectionString, cancellationToken);
    }
}
