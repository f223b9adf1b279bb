using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Storage;

namespace AssessmentFlow.UnitTests.Storage;

/// <summary>What the journal does when a transaction fails.</summary>
public sealed class TurnJournalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly BatchConflictException Conflict = new("Synthetic conflict.");

    private static readonly JournalUnavailableException Gone = new("Synthetic outage.");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    public async Task What_was_delivered_is_forgotten_though_the_transaction_that_was_to_forget_it_failed(bool isGone, int turns)
    {
        var (store, writing) = FailingStore.Of(isGone ? Gone : Conflict);
        await using var journal = new TurnJournal(writing, new StorageOptions());
        var message = new MessageId(new EntityId("spec", "sender"), 1, 0);
        var written = Enumerable.Range(0, turns).Select(_ => journal.CommitAsync(Turn(), Token)).ToArray();
        journal.Delivered(message);

        await journal.StartAsync(Token);

        Assert.Equal(message, await store.Forgotten.WaitAsync(Patience, Token));
        Assert.All(written, each => Assert.Equal(isGone, each.IsFaulted));
    }

    [Fact]
    public async Task When_the_database_goes_while_a_refused_batch_is_tried_turn_by_turn_the_rest_is_not_tried_any_more()
    {
        var (store, writing) = FailingStore.Of(Conflict, Gone);
        await using var journal = new TurnJournal(writing, new StorageOptions());
        var turns = Enumerable.Range(0, 5).Select(_ => journal.CommitAsync(Turn(), Token)).ToArray();

        await journal.StartAsync(Token);

        foreach (var turn in turns)
        {
            Assert.Same(Gone, await Assert.ThrowsAsync<JournalUnavailableException>(() => turn.WaitAsync(Patience, Token)));
        }

        Assert.Equal(2, store.Writings);
    }

    [Fact]
    public async Task A_turn_that_the_database_gives_up_twice_is_to_be_sent_again_and_no_failure_of_the_server()
    {
        var (_, writing) = FailingStore.Of(Conflict, Conflict);
        await using var journal = new TurnJournal(writing, new StorageOptions());
        var turn = journal.CommitAsync(Turn(), Token);

        await journal.StartAsync(Token);

        await Assert.ThrowsAsync<JournalBusyException>(() => turn.WaitAsync(Patience, Token));
    }

    private static Turn Turn() => new()
    {
        Entity = new EntityId("spec", $"{Guid.NewGuid()}"),
        ExpectedVersion = 0,
        InputId = $"{Guid.NewGuid()}",
        At = DateTimeOffset.UnixEpoch,
        Actor = "spec",
        State = [],
        Facts = [],
        Hash = [],
    };
}
