using System.Text;
using AssessmentFlow.IntegrationTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.IntegrationTests.Timers;

/// <summary>Delays of any length, on a clock that tests turn. Each database inherits it unchanged.</summary>
public abstract class LongDelaySpec : IAsyncDisposable
{
    private static readonly DateTimeOffset Start = new(2008, 5, 5, 9, 0, 0, TimeSpan.Zero);

    private readonly TurnedClock _clock = new(Start);

    private protected abstract JournalDatabase Database { get; }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>50 days is beyond what a timer of the runtime can wait for in milliseconds of 32 bits.</summary>
    [Theory]
    [InlineData(30)]
    [InlineData(72)]
    [InlineData(1461)]
    public async Task A_delay_of_days_months_or_years_is_accepted_survives_restarts_and_fires_once_at_its_time(int days)
    {
        var due = Start.AddDays(days);
        var first = await StartAsync();
        var entity = await first.StartDelayAsync(TimeSpan.FromDays(days));
        await _clock.TurnToAsync(Start.AddDays(days / 3));
        await first.DisposeAsync();

        var second = await StartAsync();
        await _clock.TurnToAsync(due.AddSeconds(-1));
        Assert.Single(await second.TurnsAsync(entity));
        await second.DisposeAsync();

        await using var third = await StartAsync();
        await FiresAsync(third, entity, due);
        await _clock.TurnToAsync(due.AddYears(5));

        var turns = await third.TurnsAsync(entity);
        Assert.Equal([Start, due], turns.Select(turn => turn.At));
        Assert.Single(turns, turn => Encoding.UTF8.GetString(turn.Facts).Contains("line-written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_delay_that_came_due_while_no_process_ran_fires_once_when_one_runs_again()
    {
        var first = await StartAsync();
        var entity = await first.StartDelayAsync(TimeSpan.FromDays(72));
        await first.DisposeAsync();
        _clock.SetUtcNow(Start.AddDays(100));

        await using var second = await StartAsync();
        await FiresAsync(second, entity, Start.AddDays(100));
        await _clock.TurnToAsync(Start.AddDays(200));

        Assert.Equal([Start, Start.AddDays(100)], (await second.TurnsAsync(entity)).Select(turn => turn.At));
    }

    [Fact]
    public async Task A_delay_that_begins_while_another_fires_fires_at_its_time()
    {
        await using var process = await StartAsync();
        var due = Start.AddDays(30);
        var entity = await process.StartDelayAsync(TimeSpan.FromDays(30));
        Runtime.Turns.EntityId begun = default;
        process.MeanwhileAsync = async () => begun = await process.StartDelayAsync(TimeSpan.FromSeconds(1));
        await FiresAsync(process, entity, due);
        await Eventually.HoldsAsync("the other delay has begun", () => Task.FromResult(begun != default), TestContext.Current.CancellationToken);

        await FiresAsync(process, begun, due.AddSeconds(1));

        Assert.Equal([due, due.AddSeconds(1)], (await process.TurnsAsync(begun)).Select(turn => turn.At));
    }

    [Fact]
    public async Task Broken_rows_among_the_timers_never_stop_the_others()
    {
        await using var process = await StartAsync();
        var due = Start.AddDays(30);
        var entity = await process.StartDelayAsync(TimeSpan.FromDays(30));
        await Database.ChangeAsync(
            """
            INSERT INTO timer (entity_id, timer, due_at, not_before) VALUES
              ('instance/unknown', '1', 0, 0), ('instance/no-number', 'x', 0, 0), ('nonsense/kind', '1', 0, 0), ('no entity at all', '1', 0, 0),
              ('instance/beginning-of-time', '1', -9223372036854775808, 0), ('instance/end-of-time', '1', 9223372036854775807, 0)
            """);
        await _clock.TurnToAsync(due.AddDays(-1));

        await FiresAsync(process, entity, due);

        Assert.Equal([Start, due], (await process.TurnsAsync(entity)).Select(turn => turn.At));
    }

    private async Task<VirtualProcess> StartAsync()
    {
        var waits = _clock.Waits;
        var process = await VirtualProcess.StartAsync(Database, _clock);
        await _clock.WaitsAgainAsync(waits);
        return process;
    }

    private async Task FiresAsync(VirtualProcess process, Runtime.Turns.EntityId entity, DateTimeOffset at)
    {
        _clock.SetUtcNow(at);
        await Eventually.HoldsAsync($"the delay fires at {at:u}", async () => (await process.TurnsAsync(entity)).Count > 1, TestContext.Current.CancellationToken);
    }
}

/// <summary>On a real PostgreSQL server.</summary>
public sealed class LongDelayOnPostgres(PostgresFixture postgres) : LongDelaySpec
{
    private protected override JournalDatabase Database { get; } = new PostgresJournalDatabase(postgres);
}

/// <summary>In a real SQLite file.</summary>
public sealed class LongDelayOnSqlite : LongDelaySpec
{
    private protected override JournalDatabase Database { get; } = new SqliteJournalDatabase();
}
