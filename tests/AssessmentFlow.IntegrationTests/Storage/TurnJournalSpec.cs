using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using AssessmentFlow.IntegrationTests.Support;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Storage;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.IntegrationTests.Storage;

/// <summary>What every journal guarantees. Each database inherits it unchanged.</summary>
public abstract class TurnJournalSpec : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2008, 5, 5, 9, 0, 0, TimeSpan.Zero);

    private TurnJournal _journal = null!;

    public async ValueTask InitializeAsync() => _journal = await StartAsync("silo-1");

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_committed_is_loaded_whole()
    {
        var entity = New();
        var turn = Turn(entity, 0, "first");
        Assert.True(await CommitAsync(turn));

        var snapshot = await _journal.LoadAsync(entity, Token);

        Assert.Equal((1, Encoding.UTF8.GetString(turn.State), Convert.ToHexString(turn.Hash)), (snapshot!.Version, Encoding.UTF8.GetString(snapshot.State), Convert.ToHexString(snapshot.Hash)));
    }

    [Theory]
    [InlineData(ActivityTraceFlags.Recorded, true)]
    [InlineData(ActivityTraceFlags.None, false)]
    public async Task The_trace_of_a_turn_is_kept_for_the_next_turn_and_for_whoever_takes_up_its_messages_if_it_was_recorded(ActivityTraceFlags flags, bool isKept)
    {
        var turn = Turn(New(), 0, "first") with
        {
            Trace = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags),
            Outbox = [Bytes("one")],
        };
        await CommitAsync(turn);
        var kept = isKept ? (turn.Trace.TraceId, turn.Trace.SpanId) : default;

        var loaded = (await _journal.LoadAsync(turn.Entity, Token))!.Trace;
        var taken = Assert.Single(await _journal.TakeMessagesAsync([], turn.At.AddDays(1), 10, Token)).Trace;

        Assert.Equal(kept, (loaded.TraceId, loaded.SpanId));
        Assert.Equal(kept, (taken.TraceId, taken.SpanId));
    }

    [Fact]
    public async Task An_entity_that_was_never_written_is_not_found() => Assert.Null(await _journal.LoadAsync(New(), Token));

    [Fact]
    public async Task Of_two_writers_at_the_same_version_exactly_one_wins()
    {
        var entity = New();
        Assert.True(await CommitAsync(Turn(entity, 0, "open")));
        await using var other = await StartAsync("silo-2");

        var results = await Task.WhenAll(
            CommitAsync(Turn(entity, 1, "a")), other.CommitAsync(Turn(entity, 1, "b"), Token));

        Assert.Single(results, written => written);
        Assert.Equal(2, (await _journal.LoadAsync(entity, Token))!.Version);
        Assert.Equal(2, (await _journal.ReadTurnsAsync(entity, 0, 10, Token)).Count);
    }

    [Fact]
    public async Task Of_two_writers_of_a_new_entity_exactly_one_wins()
    {
        var entity = New();
        await using var other = await StartAsync("silo-2");

        var results = await Task.WhenAll(CommitAsync(Turn(entity, 0, "a")), other.CommitAsync(Turn(entity, 0, "b"), Token));

        Assert.Single(results, written => written);
    }

    [Fact]
    public async Task A_stale_writer_writes_nothing_at_all()
    {
        var entity = New();
        Assert.True(await CommitAsync(Turn(entity, 0, "open")));
        Assert.True(await CommitAsync(Turn(entity, 1, "move on")));

        var stale = Turn(entity, 1, "too late") with
        {
            Views = [new ViewChange("spec", "late", Row("late", 1))],
            Timers = [new TimerChange("late", Start)],
            Waits = [new WaitChange(7, "late", null)],
            Outbox = [Bytes("late")],
        };
        Assert.False(await CommitAsync(stale));

        Assert.Null(await _journal.FindRowAsync("spec", "late", Token));
        Assert.Empty((await _journal.TakeTimersAsync(Start.AddDays(1), 10, Token)).Due);
        Assert.Empty(await _journal.FindWaitingAsync("late", null, Token));
        Assert.Empty(await _journal.TakeMessagesAsync([], Start.AddDays(1), 10, Token));
        Assert.Null(await _journal.FindInputAsync(stale.InputId, Token));
    }

    [Fact]
    public async Task An_input_is_never_applied_twice_not_even_to_another_entity()
    {
        var turn = Turn(New(), 0, "once") with { Fingerprint = Bytes("request"), Answer = Bytes("answer") };
        Assert.True(await CommitAsync(turn));

        Assert.False(await CommitAsync(Turn(turn.Entity, 1, "again") with { InputId = turn.InputId }));
        Assert.False(await CommitAsync(Turn(New(), 0, "elsewhere") with { InputId = turn.InputId }));

        var recorded = await _journal.FindInputAsync(turn.InputId, Token);
        Assert.Equal(
            (turn.Entity, 1L, "request", "answer"),
            (recorded!.Entity, recorded.Version, Encoding.UTF8.GetString(recorded.Fingerprint!), Encoding.UTF8.GetString(recorded.Answer!)));
    }

    [Fact]
    public async Task A_refused_turn_fails_alone_in_its_batch()
    {
        var entities = Enumerable.Range(0, 200).Select(_ => New()).ToArray();
        await Task.WhenAll(entities.Select(entity => CommitAsync(Turn(entity, 0, "open"))));

        // Every fourth is stale; all are sent at once, so that they share batches.
        var results = await Task.WhenAll(entities.Select((entity, i) =>
            CommitAsync(Turn(entity, i % 4 is 0 ? 0 : 1, "next") with { Views = [new ViewChange("batch", entity.Key, Row(null, i))] })));

        Assert.Equal(entities.Select((_, i) => i % 4 is not 0), results);
        var rows = await _journal.ListAsync(new ViewQuery { View = "batch", Max = 500 }, Token);
        Assert.Equal(150, rows.Count);
    }

    [Fact]
    public async Task Two_turns_of_one_batch_with_one_input_id_take_effect_once()
    {
        var input = Unique("shared");
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CommitAsync(Turn(New(), 0, "race") with { InputId = input })));
        Assert.Single(results, written => written);
    }

    [Fact]
    public async Task Rows_of_lists_change_and_go_with_their_turn()
    {
        var entity = New();
        await CommitAsync(Turn(entity, 0, "put") with { Views = [new ViewChange("spec", entity.Key, Row("case", 1))] });
        await CommitAsync(Turn(entity, 1, "change") with { Views = [new ViewChange("spec", entity.Key, Row("case", 2))] });
        Assert.Equal(2, (await _journal.FindRowAsync("spec", entity.Key, Token))!.Row.Version);

        await CommitAsync(Turn(entity, 2, "remove") with { Views = [new ViewChange("spec", entity.Key, Row: null)] });
        Assert.Null(await _journal.FindRowAsync("spec", entity.Key, Token));
    }

    [Fact]
    public async Task A_row_tells_when_its_entity_last_took_a_turn_also_when_that_left_the_row_as_it_was()
    {
        var (entity, scope) = (New(), Unique("scope"));
        await CommitAsync(Turn(entity, 0, "put") with { Views = [new ViewChange("spec", entity.Key, Row(scope, 1))] });
        Assert.Equal(Start, await ChangedAtAsync());

        await CommitAsync(Turn(entity, 1, "move on") with { At = Start.AddHours(1) });
        Assert.Equal(Start.AddHours(1), await ChangedAtAsync());

        async Task<DateTimeOffset?> ChangedAtAsync() =>
            Assert.Single(await _journal.ListAsync(new ViewQuery { View = "spec", Scope = scope, TellsChanges = true, Max = 10 }, Token)).ChangedAt;
    }

    [Fact]
    public async Task A_list_is_filtered_sorted_and_paged()
    {
        var view = Unique("view");
        for (var i = 0; i < 7; i++)
        {
            var row = new ViewRow(i < 5 ? "in" : "out", i % 2 is 0 ? "even" : "odd", i is 3 ? "x" : null, i is 0 ? "UN:secret" : null, "boss", 100 - (i / 2), i, Bytes("{}"));
            await CommitAsync(Turn(New(), 0, "row") with { Views = [new ViewChange(view, $"r{i}", row)] });
        }

        Assert.Equal<string[]>(["r4", "r2", "r3", "r0", "r1"], await Ids(new ViewQuery { View = view, Scope = "in", Max = 10 }));
        Assert.Equal<string[]>(["r4", "r2", "r0"], await Ids(new ViewQuery { View = view, Scope = "in", A = ["even"], Max = 10 }));
        Assert.Equal<string[]>(["r6", "r4", "r5", "r2", "r3", "r0", "r1"], await Ids(new ViewQuery { View = view, AOrD = ["boss"], Max = 10 }));
        Assert.Empty(await Ids(new ViewQuery { View = view, AOrD = [], Max = 10 }));
        Assert.Equal<string[]>(["r6", "r4", "r5", "r2", "r3", "r1"], await Ids(new ViewQuery { View = view, COrNone = [], Max = 10 }));
        Assert.Equal<string[]>(["r6", "r4", "r5", "r2", "r0", "r1"], await Ids(new ViewQuery { View = view, BNone = true, Max = 10 }));
        Assert.Equal<string[]>(["r1", "r0", "r3"], await Ids(new ViewQuery { View = view, IsDescending = true, Max = 3 }));
        Assert.Equal<string[]>(["r2", "r5"], await Ids(new ViewQuery { View = view, IsDescending = true, After = new ViewPosition(99, "r3"), Max = 2 }));
    }

    [Fact]
    public async Task A_due_timer_is_taken_once_per_lease_and_gone_when_its_turn_clears_it()
    {
        var entity = New();
        var due = Start.AddYears(4);
        await CommitAsync(Turn(entity, 0, "set") with { Timers = [new TimerChange("t", due)] });

        Assert.Equal(due, (await _journal.TakeTimersAsync(Start, 10, Token)).NextAt);
        Assert.Empty((await _journal.TakeTimersAsync(due.AddTicks(-10), 10, Token)).Due);
        Assert.Equal(new DueTimer(entity, "t", due), Assert.Single((await _journal.TakeTimersAsync(due, 10, Token)).Due));
        Assert.Empty((await _journal.TakeTimersAsync(due, 10, Token)).Due);
        Assert.Single((await _journal.TakeTimersAsync(due.AddMinutes(1), 10, Token)).Due);

        await CommitAsync(Turn(entity, 1, "clear") with { Timers = [new TimerChange("t", DueAt: null)] });
        var after = await _journal.TakeTimersAsync(due.AddYears(1), 10, Token);
        Assert.Empty(after.Due);
        Assert.Null(after.NextAt);
    }

    [Fact]
    public async Task A_timer_that_is_not_whole_microseconds_is_never_found_early()
    {
        var due = Start.AddTicks(3);
        await CommitAsync(Turn(New(), 0, "set") with { Timers = [new TimerChange("t", due)] });
        Assert.Empty((await _journal.TakeTimersAsync(Start, 10, Token)).Due);
        Assert.True(Assert.Single((await _journal.TakeTimersAsync(Start.AddSeconds(1), 10, Token)).Due).DueAt >= due);
    }

    [Fact]
    public async Task Forgetting_a_timer_leaves_one_that_was_moved()
    {
        var entity = New();
        await CommitAsync(Turn(entity, 0, "set") with { Timers = [new TimerChange("t", Start)] });
        var taken = Assert.Single((await _journal.TakeTimersAsync(Start, 10, Token)).Due);
        await CommitAsync(Turn(entity, 1, "move") with { Timers = [new TimerChange("t", Start.AddDays(30))] });

        _journal.Forget(taken);
        await CommitAsync(Turn(New(), 0, "carries the housekeeping"));

        Assert.Equal(Start.AddDays(30), (await _journal.TakeTimersAsync(Start.AddDays(1), 10, Token)).NextAt);
    }

    [Fact]
    public async Task Waits_are_found_by_name_and_by_business_identity()
    {
        var name = Unique("event");
        var first = New();
        var second = New();
        await CommitAsync(Turn(first, 0, "wait") with { Waits = [new WaitChange(3, name, "KH"), new WaitChange(4, name, "KH")] });
        await CommitAsync(Turn(second, 0, "wait") with { Waits = [new WaitChange(3, name, null)] });

        Assert.Equivalent(new[] { first, second }, await _journal.FindWaitingAsync(name, null, Token));
        Assert.Equal([first], await _journal.FindWaitingAsync(name, "KH", Token));

        await CommitAsync(Turn(first, 1, "done") with { Waits = [new WaitChange(3, name, "KH", IsOver: true), new WaitChange(4, name, "KH", IsOver: true)] });
        Assert.Equal([second], await _journal.FindWaitingAsync(name, null, Token));
    }

    [Fact]
    public async Task A_name_is_held_by_one_entity_until_that_one_gives_it_back()
    {
        var name = Unique("name");
        var holder = New();
        var other = New();
        Assert.True(await CommitAsync(Turn(holder, 0, "take") with { Claims = [new ClaimChange(name)] }));

        var refused = Turn(other, 0, "take too") with { Claims = [new ClaimChange(name)], Outbox = [Bytes("late")] };
        Assert.False(await CommitAsync(refused));
        Assert.Null(await _journal.LoadAsync(other, Token));
        Assert.Null(await _journal.FindInputAsync(refused.InputId, Token));
        Assert.True(await CommitAsync(Turn(other, 0, "give back what it has not") with { Claims = [new ClaimChange(name, IsOver: true)] }));
        Assert.False(await CommitAsync(Turn(other, 1, "take too") with { Claims = [new ClaimChange(name)] }));

        Assert.True(await CommitAsync(Turn(holder, 1, "give back") with { Claims = [new ClaimChange(name, IsOver: true)] }));
        Assert.True(await CommitAsync(Turn(other, 1, "take") with { Claims = [new ClaimChange(name)] }));
    }

    [Fact]
    public async Task Of_many_that_take_one_name_at_once_on_two_silos_one_wins_and_the_others_turns_are_not_held_up()
    {
        await using var second = await StartAsync("silo-2");
        var name = Unique("name");

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            (i % 2 is 0 ? _journal : second).CommitAsync(Turn(New(), 0, "race") with { Claims = i % 4 < 2 ? [new ClaimChange(name)] : [] }, Token)));

        Assert.Single(results.Where((_, i) => i % 4 < 2), written => written);
        Assert.All(results.Where((_, i) => i % 4 >= 2), Assert.True);
    }

    [Fact]
    public async Task A_running_instance_is_found_by_its_workflow_and_its_business_identity()
    {
        var entity = New();
        Task Show(long version, string status) => CommitAsync(Turn(entity, version, status) with
        {
            Views = [new ViewChange("instance", entity.Key, new ViewRow("KH", "visit", status, C: null, D: null, 1, version + 1, Bytes("{}")))],
        });

        await Show(0, "Running");
        Assert.Equal(entity.Key, await _journal.FindRunningAsync("visit", null, Token));
        Assert.Equal(entity.Key, await _journal.FindRunningAsync(null, "KH", Token));
        Assert.Equal(entity.Key, await _journal.FindRunningAsync("visit", "KH", Token));
        Assert.Null(await _journal.FindRunningAsync("visit", "TH", Token));
        Assert.Null(await _journal.FindRunningAsync("review", "KH", Token));

        await Show(1, "Finished");
        Assert.Null(await _journal.FindRunningAsync("visit", null, Token));
    }

    [Fact]
    public async Task Messages_of_a_silo_that_is_gone_are_taken_up_and_of_a_living_one_are_left_alone()
    {
        var entity = New();
        var now = DateTimeOffset.UtcNow;
        await CommitAsync(Turn(entity, 0, "tell") with { At = Micros(now), Outbox = [Bytes("one"), Bytes("two")] });
        await using var heir = await StartAsync("silo-2");
        var later = now.AddSeconds(5);

        if (Database.IsShared)
        {
            Assert.Empty(await heir.TakeMessagesAsync(["silo-1", "silo-2"], later, 10, Token));
        }

        var taken = await heir.TakeMessagesAsync(["silo-2"], later, 10, Token);

        Assert.Equal([$"{entity}#1.0 one", $"{entity}#1.1 two"], taken.Select(message => $"{message.Id} {Encoding.UTF8.GetString(message.Body)}").Order(StringComparer.Ordinal));
        Assert.Empty(await heir.TakeMessagesAsync(["silo-2"], later, 10, Token));
    }

    [Fact]
    public async Task A_delivered_message_is_not_taken_again()
    {
        var turn = Turn(New(), 0, "tell") with { Outbox = [Bytes("one")] };
        await CommitAsync(turn);
        _journal.Delivered(new MessageId(turn.Entity, 1, 0));
        await ForgottenAsync(turn.Entity);
        Assert.Empty(await _journal.TakeMessagesAsync([], turn.At.AddDays(1), 10, Token));
    }

    [Fact]
    public async Task A_message_that_was_put_off_comes_back_with_its_attempts()
    {
        var turn = Turn(New(), 0, "tell") with { Outbox = [Bytes("one")] };
        await CommitAsync(turn);
        var until = turn.At.AddHours(1);
        await _journal.PutOffMessageAsync(new MessageId(turn.Entity, 1, 0), until, Token);

        Assert.Empty(await _journal.TakeMessagesAsync([], until.AddTicks(-10), 10, Token));
        Assert.Equal(1, Assert.Single(await _journal.TakeMessagesAsync([], until, 10, Token)).Attempts);
    }

    [Fact]
    public async Task A_message_knows_of_earlier_ones_of_its_sender_until_they_are_delivered()
    {
        var turn = Turn(New(), 0, "tell") with { Outbox = [Bytes("one"), Bytes("two")] };
        await CommitAsync(turn);
        var next = new MessageId(turn.Entity, 2, 0);
        Assert.True(await _journal.HasEarlierAsync(next, Token));
        Assert.False(await _journal.HasEarlierAsync(new MessageId(turn.Entity, 1, 1), Token));
        Assert.False(await _journal.HasEarlierAsync(new MessageId(New(), 2, 0), Token));

        _journal.Delivered(new MessageId(turn.Entity, 1, 0));
        _journal.Delivered(new MessageId(turn.Entity, 1, 1));
        await ForgottenAsync(turn.Entity);
    }

    [Fact]
    public async Task Whether_anybody_took_an_event_is_known_from_the_turns_of_its_receivers_and_of_no_others()
    {
        var told = new MessageId(New(), 1, 1);
        await CommitAsync(Turn(New(), 0, "of another message") with { InputId = (told with { Position = 10 }).ToReceiver("a") });
        await CommitAsync(Turn(New(), 0, "of one message to one") with { InputId = told.ToString() });
        Assert.False(await _journal.WasTakenAsync(told, Token));

        await CommitAsync(Turn(New(), 0, "of a receiver") with { InputId = told.ToReceiver("ä") });

        Assert.True(await _journal.WasTakenAsync(told, Token));
    }

    [Fact]
    public async Task A_message_whose_lease_is_prolonged_is_left_alone_until_then_and_that_is_no_attempt()
    {
        var turn = Turn(New(), 0, "tell") with { Outbox = [Bytes("one")] };
        await CommitAsync(turn);
        var until = turn.At.AddHours(1);
        Assert.True(await _journal.KeepMessageAsync(new MessageId(turn.Entity, 1, 0), turn.At, until, Token));

        Assert.Empty(await _journal.TakeMessagesAsync([], until.AddTicks(-10), 10, Token));
        Assert.Equal(0, Assert.Single(await _journal.TakeMessagesAsync([], until.AddDays(1), 10, Token)).Attempts);
    }

    [Fact]
    public async Task A_message_is_kept_by_whoever_holds_it_and_goes_to_another_only_when_the_lease_is_over()
    {
        await using var heir = await StartAsync("silo-2");
        var turn = Turn(New(), 0, "tell") with { Outbox = [Bytes("one")] };
        await CommitAsync(turn);
        var message = new MessageId(turn.Entity, 1, 0);
        var (taken, over) = (turn.At.AddHours(1), turn.At.AddHours(2));

        // Fresh, it is its writer's, also when the lease is long over and nobody has taken it.
        Assert.False(await heir.KeepMessageAsync(message, turn.At, over, Token));
        Assert.True(await _journal.KeepMessageAsync(message, turn.At, turn.At.AddSeconds(3), Token));
        Assert.True(await _journal.KeepMessageAsync(message, taken.AddSeconds(-9), taken.AddSeconds(-6), Token));

        // Taken by a sweep, it is another's for as long as that one prolongs it.
        Assert.Single(await heir.TakeMessagesAsync(["silo-2"], taken, 10, Token));
        Assert.False(await _journal.KeepMessageAsync(message, taken, over, Token));
        Assert.True(await heir.KeepMessageAsync(message, taken.AddSeconds(1), over, Token));
        Assert.False(await _journal.KeepMessageAsync(message, over.AddTicks(-10), over, Token));

        // A refused claim has changed nothing; one after the lease holds, and against the other.
        Assert.True(await _journal.KeepMessageAsync(message, over, over.AddHours(1), Token));
        Assert.False(await heir.KeepMessageAsync(message, over, over.AddHours(2), Token));
    }

    [Fact]
    public async Task A_message_that_was_put_off_is_kept_by_no_other_before_its_time()
    {
        await using var heir = await StartAsync("silo-2");
        var turn = Turn(New(), 0, "tell") with { Outbox = [Bytes("one")] };
        await CommitAsync(turn);
        var (message, until) = (new MessageId(turn.Entity, 1, 0), turn.At.AddHours(1));
        await _journal.PutOffMessageAsync(message, until, Token);

        Assert.False(await heir.KeepMessageAsync(message, until.AddTicks(-10), until.AddHours(1), Token));
        Assert.True(await heir.KeepMessageAsync(message, until, until.AddHours(1), Token));
        Assert.Equal(1, Assert.Single(await heir.TakeMessagesAsync([], until.AddHours(1), 10, Token)).Attempts);
    }

    [Fact]
    public async Task A_message_that_was_delivered_is_kept_by_nobody()
    {
        var turn = Turn(New(), 0, "tell") with { Outbox = [Bytes("one")] };
        await CommitAsync(turn);
        var message = new MessageId(turn.Entity, 1, 0);
        _journal.Delivered(message);

        await Eventually.HoldsAsync("the message is gone", async () => !await _journal.KeepMessageAsync(message, turn.At, turn.At.AddHours(1), Token), Token);
    }

    [Fact]
    public async Task The_history_of_an_entity_is_read_in_pages_and_its_chain_holds()
    {
        var entity = New();
        for (var version = 0; version < 5; version++)
        {
            Assert.True(await CommitAsync(Turn(entity, version, $"turn {version}")));
        }

        var page = await _journal.ReadTurnsAsync(entity, 2, 2, Token);
        Assert.Equal([3, 4], page.Select(turn => turn.Version));
        Assert.Equal("[\"turn 3\"]", Encoding.UTF8.GetString(page[1].Facts));
    }

    [Fact]
    public async Task Many_writers_at_once_lose_nothing()
    {
        var entities = Enumerable.Range(0, 100).Select(_ => New()).ToArray();
        await Task.WhenAll(entities.Select(async entity =>
        {
            for (var version = 0; version < 20; version++)
            {
                Assert.True(await CommitAsync(Turn(entity, version, "step") with { Outbox = [Bytes("m")], Waits = [new WaitChange(version, "many", null)] }));
            }
        }));

        foreach (var entity in entities)
        {
            Assert.Equal(20, (await _journal.LoadAsync(entity, Token))!.Version);
        }

        Assert.Equal(100, (await _journal.FindWaitingAsync("many", null, Token)).Count);
    }

    private protected abstract JournalDatabase Database { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<TurnJournal> StartAsync(string silo)
    {
        var journal = new TurnJournal(await Database.OpenAsync(silo), new StorageOptions());
        await journal.StartAsync(Token);
        return journal;
    }

    /// <summary>Waits until what an entity sent in its first turn is forgotten, perhaps by another writer than that of the next turn.</summary>
    private Task ForgottenAsync(EntityId entity) =>
        Eventually.HoldsAsync($"the messages of {entity} are forgotten", async () => !await _journal.HasEarlierAsync(new MessageId(entity, 2, 0), Token), Token);

    private Task<bool> CommitAsync(Turn turn) => _journal.CommitAsync(turn, Token);

    private async Task<string[]> Ids(ViewQuery query) => [.. (await _journal.ListAsync(query, Token)).Select(row => row.Id)];

    private static EntityId New() => new("spec", Unique("entity"));

    private static string Unique(string prefix) => $"{prefix}-{Guid.NewGuid():n}";

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static DateTimeOffset Micros(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond));

    private static ViewRow Row(string? scope, long version) => new(scope, "a", "b", "c", "d", 1, version, Bytes("{}"));

    private static Turn Turn(EntityId entity, long version, string what) => new()
    {
        Entity = entity,
        ExpectedVersion = version,
        InputId = Unique("input"),
        At = Start,
        Actor = "spec",
        State = Bytes($"{{\"what\":\"{what}\"}}"),
        Facts = Bytes($"[\"{what}\"]"),
        Hash = SHA256.HashData(Bytes(Unique(what))),
    };
}
