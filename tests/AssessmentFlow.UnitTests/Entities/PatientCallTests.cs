using AssessmentFlow.Runtime.Entities;
using Orleans.Runtime;

namespace AssessmentFlow.UnitTests.Entities;

/// <summary>Calls for what is just moving from one process to another.</summary>
public sealed class PatientCallTests
{
    [Fact]
    public async Task A_call_that_Orleans_refuses_is_made_again_until_it_is_answered()
    {
        var calls = 0;

        var answer = await PatientCall.AnswerAsync(
            new HastyTime(),
            () => ++calls < PatientCall.RepeatsMax ? throw new OrleansException("Moving.") : Task.FromResult("answer"),
            TestContext.Current.CancellationToken);

        Assert.Equal(("answer", PatientCall.RepeatsMax), (answer, calls));
    }

    [Theory]
    [InlineData(typeof(OrleansException))]
    [InlineData(typeof(TaskCanceledException))]
    public async Task What_goes_on_moving_or_is_cancelled_on_its_way_is_given_up_and_told_as_moving(Type failure)
    {
        var calls = 0;

        await Assert.ThrowsAsync<OrleansException>(() => PatientCall.AnswerAsync<string>(
            new HastyTime(),
            () =>
            {
                calls++;
                throw (Exception)Activator.CreateInstance(failure)!;
            },
            TestContext.Current.CancellationToken));

        Assert.Equal(PatientCall.RepeatsMax + 1, calls);
    }

    [Fact]
    public async Task A_caller_that_stops_waiting_hears_of_nothing_else()
    {
        using var caller = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PatientCall.AnswerAsync<string>(
            new HastyTime(),
            async () =>
            {
                await caller.CancelAsync();
                throw new OperationCanceledException(caller.Token);
            },
            caller.Token));
    }

    [Fact]
    public async Task What_goes_wrong_otherwise_is_told_at_once()
    {
        var calls = 0;

        await Assert.ThrowsAsync<InvalidOperationException>(() => PatientCall.AnswerAsync<string>(
            new HastyTime(),
            () =>
            {
                calls++;
                throw new InvalidOperationException("Wrong.");
            },
            TestContext.Current.CancellationToken));

        Assert.Equal(1, calls);
    }

    /// <summary>A clock on which every wait is over at once.</summary>
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
