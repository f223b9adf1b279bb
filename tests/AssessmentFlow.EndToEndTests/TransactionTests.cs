using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Npgsql;

namespace AssessmentFlow.EndToEndTests;

/// <summary>
/// One resume is one transaction. PostgreSQL counts: all commits of the database, whoever in the server caused them.
/// The server has a PostgreSQL of its own, and nothing else runs on either.
/// </summary>
public sealed class TransactionTests : IAsyncLifetime
{
    private const int Resumes = 300;
    private const int WarmUp = 20;
    private const double TransactionsPerResumeMax = 1.1;
    private const string Database = "installation";

    /// <summary>A PostgreSQL backend reports what it counted 10 s after it fell idle at the latest.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(11);

    private PostgresServer? _postgres;
    private ServerProcess? _server;
    private RestClient? _api;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RestClient Api => _api!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        _postgres = await PostgresServer.StartAsync();
        _server = await ServerProcess.StartAsync(new ServerSettings { PostgresConnectionString = await _postgres.CreateDatabaseAsync(Database) });
        _api = await RestClient.OfAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task Three_hundred_events_that_resume_an_instance_one_after_the_other_take_three_hundred_transactions_and_hardly_more()
    {
        var id = await new Stage(Api).StartAsync(Definitions.Waits);

        await AssertOneTransactionEachAsync(() => Api.ChangeAsync(Stage.Secretariat, "POST", $"/api/v1/instances/{id}/signals", new JsonObject { ["name"] = "go" }, Token));
    }

    [Fact]
    public async Task Three_hundred_tasks_completed_one_after_the_other_take_three_hundred_transactions_and_hardly_more()
    {
        // All tasks are open from the start: completing one needs no look at the list. They open in more than one turn.
        await new Stage(Api).StartAsync(Definitions.Tasks, correlationId: "tasks");
        var tasks = new Queue<JsonNode>();
        await Eventually.HoldsAsync(
            "all tasks are open",
            async () => (tasks = new(await Api.ListAsync(Stage.Secretariat, "/api/v1/tasks?assessment=tasks&limit=200", Token))).Count is Definitions.TasksCount,
            Token);

        await AssertOneTransactionEachAsync(() =>
            Api.ChangeAsync(Stage.Secretariat, "POST", $"/api/v1/tasks/{tasks.Dequeue()["id"]}/complete", new JsonObject { ["outcome"] = "Done" }, Token));
    }

    [Fact]
    public async Task A_straight_run_of_ten_activities_is_one_turn_and_one_transaction()
    {
        var stage = new Stage(Api);
        var ids = new Queue<string>();
        for (var i = 0; i < WarmUp + Resumes; i++)
        {
            ids.Enqueue(await stage.StartAsync(Definitions.TenSteps));
        }

        var example = ids.Peek();
        await AssertOneTransactionEachAsync(
            () => Api.ChangeAsync(Stage.Secretariat, "POST", $"/api/v1/instances/{ids.Dequeue()}/signals", new JsonObject { ["name"] = "go" }, Token),
            async () =>
            {
                var turns = await Api.ListAsync("auditor", $"/api/v1/instances/{example}/journal", Token, next: "after");
                Assert.Equal(2, turns.Count);
                Assert.Equal(10, turns[1]["facts"]!.AsArray().Count(fact => (string?)fact!["fact"] is "line-written"));
            });
    }

    /// <summary>Resumes again and again, and counts the transactions of that time.</summary>
    private async Task AssertOneTransactionEachAsync(Func<Task> resumeAsync, Func<Task>? meanwhileAsync = null)
    {
        for (var i = 0; i < WarmUp; i++)
        {
            await resumeAsync();
        }

        await (meanwhileAsync?.Invoke() ?? Task.CompletedTask);
        var before = await ReportedCommitsAsync();
        for (var i = 0; i < Resumes; i++)
        {
            await resumeAsync();
        }

        // With their client dead, the backends end, and report what they counted before they do.
        await _server!.KillAsync();
        await Eventually.HoldsAsync("the backends of the killed server end", async () => await NumberAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = $1") is 0, Token);
        var transactions = await CommitsAsync() - before;

        TestContext.Current.TestOutputHelper?.WriteLine($"{transactions} transactions for {Resumes} resumes");
        Assert.InRange(transactions, Resumes, (long)(Resumes * TransactionsPerResumeMax));
    }

    /// <summary>All commits so far, once every backend has reported: none is left over from before.</summary>
    private async Task<long> ReportedCommitsAsync()
    {
        var until = TimeProvider.System.GetUtcNow() + ReportInterval;
        await Eventually.HoldsAsync("idle backends report their counts", () => Task.FromResult(TimeProvider.System.GetUtcNow() > until), Token);
        return await CommitsAsync();
    }

    private Task<long> CommitsAsync() => NumberAsync("SELECT xact_commit FROM pg_stat_database WHERE datname = $1");

    /// <summary>Asked in another database, so that the question is not counted.</summary>
    private async Task<long> NumberAsync(string sql)
    {
        await using var connection = Databases.Postgres(_postgres!.ConnectionString("postgres"));
        await connection.OpenAsync(Token);
#pragma warning disable CA2100 // The statements are constants.
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter { Value = Database } } };
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
