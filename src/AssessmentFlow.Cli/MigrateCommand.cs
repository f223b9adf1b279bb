using System.CommandLine;
using AssessmentFlow.Storage.Migrations;

namespace AssessmentFlow.Cli;

/// <summary><c>flow migrate</c>: what a server does to the schema when it starts, done before any of a new version does.</summary>
internal static class MigrateCommand
{
    public static Command Create() => DatabaseCommand.Create(
        "migrate",
        "Bring the schema of a database to this version, as servers do when they start. It can be repeated, and run by several at once: each migration is applied once.",
        static async (_, options, cancellationToken) =>
        {
            var applied = await DatabaseMigration.MigrateAsync(options, cancellationToken);
            return string.Join(Environment.NewLine, [.. applied.Select(static script => $"Applied {script}."), "The schema is up to date."]);
        });
}
