using System.CommandLine;
using System.Data.Common;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Backups;
using AssessmentFlow.Storage.Migrations;
using Npgsql;

namespace AssessmentFlow.Cli;

/// <summary>A command that works on a database itself, not through the API, and how that database is named.</summary>
internal static class DatabaseCommand
{
    /// <summary>Which kind of database.</summary>
    public const string ProviderVariable = $"{StorageOptions.Section}__{nameof(StorageOptions.Provider)}";

    /// <summary>Connection string of PostgreSQL.</summary>
    public const string ConnectionVariable = $"{StorageOptions.Section}__{nameof(StorageOptions.ConnectionString)}";

    /// <summary>Data folder of an installation on SQLite.</summary>
    public const string DataVariable = $"{StorageOptions.Section}__{nameof(StorageOptions.DataPath)}";

    /// <summary>All variables that are read. The server reads the same, so that a command in its container works on its database.</summary>
    public static IReadOnlyList<string> Variables { get; } = [ProviderVariable, ConnectionVariable, DataVariable];

    /// <summary>Makes a command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="work">Does it and returns what to tell of it.</param>
    public static Command Create(string name, string description, Func<ParseResult, StorageOptions, CancellationToken, Task<string>> work)
    {
        var data = new Option<DirectoryInfo?>("--data")
        {
            Description = $"Data folder of an installation on SQLite. Without it and --postgres the environment says which database, in the variables of the server ({ProviderVariable}, {ConnectionVariable}, {DataVariable}); where it says nothing, the folder data.",
        };
        var postgres = new Option<string?>("--postgres") { Description = "Connection string of PostgreSQL, in place of SQLite." };
        var command = new Command(name, description) { data, postgres };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                var options = Choose(parsed.GetValue(postgres), parsed.GetValue(data)?.FullName, Environment.GetEnvironmentVariable);
                await parsed.InvocationConfiguration.Output.WriteLineAsync(await work(parsed, options, cancellationToken));
                return 0;
            }
            catch (Exception e) when (e is DatabaseNotNamedException or BackupException or MigrationException or IOException or UnauthorizedAccessException or DbException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(Tell(e));
                return 1;
            }
        });
        return command;
    }

    /// <summary>The database that is meant: what the command line names, else what the environment does, else SQLite.</summary>
    /// <exception cref="DatabaseNotNamedException">What is named is no database.</exception>
    internal static StorageOptions Choose(string? postgres, string? data, Func<string, string?> environment)
    {
        if (postgres is null && data is null)
        {
            var connection = environment(ConnectionVariable) is { Length: > 0 } named ? named : null;
            var provider = environment(ProviderVariable) switch
            {
                null or "" => connection is null ? StorageProvider.Sqlite : StorageProvider.Postgres,
                var text when Enum.TryParse<StorageProvider>(text, ignoreCase: true, out var known) && Enum.IsDefined(known) => known,
                var text => throw new DatabaseNotNamedException($"{ProviderVariable} is '{text}'; it is {string.Join(" or ", Enum.GetNames<StorageProvider>())}."),
            };
            if (provider is StorageProvider.Postgres)
            {
                postgres = connection ?? throw new DatabaseNotNamedException($"{ProviderVariable} is {provider}: {ConnectionVariable} or --postgres is needed.");
            }
            else
            {
                data = environment(DataVariable) is { Length: > 0 } folder ? folder : new StorageOptions().DataPath;
            }
        }

        return postgres is null
            ? new StorageOptions { DataPath = Path.GetFullPath(data!) }
            : new StorageOptions { Provider = StorageProvider.Postgres, ConnectionString = Readable(postgres) };
    }

    private static string Readable(string connectionString)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(connectionString);
            return connectionString;
        }
        catch (ArgumentException e)
        {
            throw new DatabaseNotNamedException($"The connection string of PostgreSQL cannot be read: {e.Message}", e);
        }
    }

    /// <summary>A connection that fails mostly says only that it does; why is in what it holds.</summary>
    private static string Tell(Exception e) => e is NpgsqlException and not PostgresException
        ? $"The database does not answer: {e.Message}{(e.InnerException is { } inner && inner.Message != e.Message ? $" ({inner.Message})" : "")}"
        : e.Message;
}

/// <summary>What the command line and the environment name is no database. The message says why.</summary>
internal sealed class DatabaseNotNamedException(string message, Exception? inner = null) : Exception(message, inner);
