using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.IntegrationTests.Support;
using AssessmentFlow.Runtime.Turns;
using Orleans.Storage;

namespace AssessmentFlow.IntegrationTests.Timers;

/// <summary>One instance lives in two processes at once, as when one of them stood still and goes on.</summary>
public sealed class TwoActivationsTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_activation_that_is_behind_is_refused_its_turn_and_decides_anew_on_what_the_other_one_stored()
    {
        await using var database = new PostgresJournalDatabase(postgres);
        var clock = new TurnedClock(new DateTimeOffset(2008, 5, 5, 9, 0, 0, TimeSpan.Zero));
        await using var behind = await VirtualProcess.StartAsync(database, clock);
        await using var ahead = await VirtualProcess.StartAsync(database, clock);
        var entity = await behind.StartDelayAsync(TimeSpan.FromDays(30));
        Assert.Equal(TurnOutcome.Accepted, (await ahead.HandleAsync(entity, Cancel("ahead"), Token)).Outcome);

        await Assert.ThrowsAsync<InconsistentStateException>(() => behind.HandleAsync(entity, Cancel("behind"), Token));
        var again = await behind.HandleAsync(entity, Cancel("behind"), Token);

        Assert.NotEqual(TurnOutcome.Accepted, again.Outcome);
        Assert.Equal([$"start/{entity}", "ahead"], (await behind.TurnsAsync(entity)).Select(turn => turn.InputId));
    }

    private static Envelope Cancel(string inputId) => new()
    {
        InputId = inputId,
        Input = JsonSerializer.SerializeToUtf8Bytes<InstanceInput>(new InstanceInput.Cancel("Synthetic.", Actor.System), EngineJson.Plain.InstanceInput),
    };
}
