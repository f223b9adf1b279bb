using System.Security.Cryptography;
using System.Text;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Simulation;

namespace AssessmentFlow.UnitTests.Entities;

/// <summary>
/// An activation that another one has left behind, and that is still called. What it commits is stopped by the version;
/// what it would turn away is not.
/// </summary>
public sealed class LeftBehindTests
{
    private readonly StoreJournal _journal = new();

    /// <summary>A child's report that is ignored is never sent again: the parent would wait for ever.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_does_not_turn_away_what_the_entity_waits_for_by_now(bool isRefused)
    {
        var leftBehind = Runner(isRefused);
        await leftBehind.HandleAsync(Input("begin"), Token);
        await Runner(isRefused).HandleAsync(Input("wait"), Token);

        var answer = await leftBehind.HandleAsync(Input("report"), Token);

        Assert.Equal((TurnOutcome.Accepted, 3), (answer.Outcome, answer.Version));
        Assert.Equal("begin wait report", _journal.StateOf("thing"));
    }

    [Fact]
    public async Task It_does_not_call_a_request_stale_that_was_made_for_the_version_of_by_now()
    {
        var leftBehind = Runner(isRefused: false);
        await leftBehind.HandleAsync(Input("begin"), Token);
        await Runner(isRefused: false).HandleAsync(Input("wait"), Token);

        var answer = await leftBehind.HandleAsync(Input("report") with { IfVersion = 2, Fingerprint = SHA256.HashData("report"u8) }, Token);

        Assert.Equal(TurnOutcome.Accepted, answer.Outcome);
    }

    [Fact]
    public async Task What_nothing_waits_for_is_still_turned_away()
    {
        var runner = Runner(isRefused: false);
        await runner.HandleAsync(Input("begin"), Token);

        Assert.Equal(TurnOutcome.Ignored, (await runner.HandleAsync(Input("report"), Token)).Outcome);
        Assert.Equal(TurnOutcome.Refused, (await Runner(isRefused: true).HandleAsync(Input("report"), Token)).Outcome);
        Assert.Equal("begin", _journal.StateOf("thing"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EntityRunner<string> Runner(bool isRefused) =>
        new(new EntityId("synthetic", "thing"), new ReportKind(isRefused), _journal, new SilentOutbox(), TimeProvider.System);

    private static Envelope Input(string what) => new() { InputId = $"input/{what}", Input = Encoding.UTF8.GetBytes(what) };

    /// <summary>Takes a report only while it waits for one.</summary>
    private sealed class ReportKind(bool isRefused) : IEntityKind<string>
    {
        public string Empty(string key) => "";

        public string Read(byte[] state) => Encoding.UTF8.GetString(state);

        public ValueTask<EntityDecision<string>> DecideAsync(string state, Envelope envelope, DateTimeOffset now, long version, CancellationToken cancellationToken)
        {
            var input = Encoding.UTF8.GetString(envelope.Input);
            var after = $"{state} {input}".Trim();
            return ValueTask.FromResult<EntityDecision<string>>(
                input is not "report" || state.EndsWith("wait", StringComparison.Ordinal) ? new EntityDecision<string>.Accepted(after, Encoding.UTF8.GetBytes(after), envelope.Input, [], EntityChanges.None, Answer: null)
                : isRefused ? new EntityDecision<string>.Refused(new Refusal(RefusalKind.Conflict, "not-awaited", "Nothing waits for a report."))
                : new EntityDecision<string>.Ignored());
        }
    }

    private sealed class SilentOutbox : IOutbox
    {
        public void Dispatch(Turn turn)
        {
            // Nothing that is decided here is told to anyone.
        }

        public void Doubt(Turn turn)
        {
        }
    }

    private sealed class StoreJournal : ITurnJournal
    {
        private readonly SimulatedStore _store = new(TimeSpan.FromSeconds(3));

        public string StateOf(string key) => Encoding.UTF8.GetString(_store.Load(new EntityId("synthetic", key))!.State);

        public Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken) => Task.FromResult(_store.Load(entity));

        public Task<bool> CommitAsync(Turn turn, CancellationToken cancellationToken) => Task.FromResult(_store.Write([turn], "silo")[0]);

        public Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken) => Task.FromResult(_store.FindInput(inputId));
    }
}
