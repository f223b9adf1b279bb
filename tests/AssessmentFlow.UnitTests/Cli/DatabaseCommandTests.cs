using System.CommandLine;
using AssessmentFlow.Cli;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Migrations;
using Microsoft.Data.Sqlite;

namespace AssessmentFlow.UnitTests.Cli;

/// <summary>Which database a command works on, and what it says when there is none.</summary>
public sealed class DatabaseCommandTests
{
    private const string Connection = "Host=database;Username=assessmentflow";

    [Theory]
    [InlineData(null, null, null, null, null, "data")]
    [InlineData(null, null, null, null, "/data", "/data")]
    [InlineData(null, null, null, Connection, "/data", Connection)]
    [InlineData(null, null, "Postgres", Connection, "/data", Connection)]
    [InlineData(null, null, "Sqlite", Connection, "/data", "/data")]
    [InlineData(null, null, "sqlite", "", "", "data")]
    [InlineData(null, "/here", "Postgres", Connection, "/data", "/here")]
    [InlineData(Connection, null, "Sqlite", null, "/data", Connection)]
    public void What_the_command_line_names_goes_before_what_the_server_would_take(string? postgres, string? data, string? provider, string? connection, string? folder, string taken)
    {
        var database = DatabaseCommand.Choose(postgres, data, Environment(provider, connection, folder));

        Assert.Equal(
            taken == Connection ? (StorageProvider.Postgres, Connection) : (StorageProvider.Sqlite, Path.GetFullPath(taken)),
            (database.Provider, database.Provider is StorageProvider.Postgres ? database.ConnectionString : database.DataPath));
    }

    [Theory]
    [InlineData(null, "Postgres", null, "Storage__ConnectionString or --postgres is needed")]
    [InlineData(null, "Oracle", null, "Storage__Provider is 'Oracle'; it is Sqlite or Postgres.")]
    [InlineData(null, "7", null, "Storage__Provider is '7'")]
    [InlineData("Hots=database", null, null, "cannot be read")]
    public void What_names_no_database_is_told(string? postgres, string? provider, string? connection, string why) =>
        Assert.Contains(
            why,
            Assert.Throws<DatabaseNotNamedException>(() => DatabaseCommand.Choose(postgres, data: null, Environment(provider, connection, folder: null))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("migrate")]
    [InlineData("backup", "cases.backup")]
    public async Task A_database_that_cannot_be_reached_is_told_and_ends_with_exit_code_1(params string[] command)
    {
        using var errors = new StringWriter();
        using var output = new StringWriter();

        // A port that no program may be given: the connection is refused at once.
        var code = await FlowCommand.Create()
            .Parse([.. command, "--postgres", "Host=127.0.0.1;Port=1;Username=nobody"])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }, TestContext.Current.CancellationToken);

        Assert.Equal((1, ""), (code, output.ToString()));
        Assert.StartsWith("The database does not answer: ", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrating_names_what_it_applied_and_can_be_repeated()
    {
        var folder = Directory.CreateTempSubdirectory("assessmentflow-migrate-");
        try
        {
            string[] all = [.. DatabaseMigration.Scripts(StorageProvider.Sqlite).Select(script => $"Applied {script}."), "The schema is up to date."];
            Assert.Equal(all, await MigrateAsync(folder.FullName));
            Assert.Equal(all[^1..], await MigrateAsync(folder.FullName));
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string[]> MigrateAsync(string folder)
    {
        using var output = new StringWriter();
        Assert.Equal(0, await FlowCommand.Create().Parse(["migrate", "--data", folder]).InvokeAsync(new InvocationConfiguration { Output = output }, TestContext.Current.CancellationToken));
        return output.ToString().Trim().Split(System.Environment.NewLine);
    }

    private static Func<string, string?> Environment(string? provider, string? connection, string? folder) => name => name switch
    {
        DatabaseCommand.ProviderVariable => provider,
        DatabaseCommand.ConnectionVariable => connection,
        DatabaseCommand.DataVariable => folder,
        _ => null,
    };
}
