using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>An input on its way to an entity, and whoever waits for the answer.</summary>
/// <param name="world">The world.</param>
/// <param name="from">The silo that waits; null when a client does.</param>
/// <param name="entity">The entity.</param>
/// <param name="envelope">The input.</param>
/// <param name="isAnswerLost">Whether whoever waits never hears of it.</param>
internal sealed class PendingCall(SimulatedWorld world, SimulatedSilo? from, EntityId entity, Envelope envelope, bool isAnswerLost)
{
    public EntityId Entity => entity;

    public Envelope Envelope => envelope;

    public TaskCompletionSource<TurnAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The silo where the entity lives that was asked last; null before it was found.</summary>
    public SimulatedSilo? Host { get; set; }

    /// <summary>Sends the answer back, or why there is none.</summary>
    public void Complete(TurnAnswer? answer, Exception? failure)
    {
        if (!isAnswerLost)
        {
            world.Plan($"the answer to {envelope.InputId} arrives: {answer?.Outcome.ToString() ?? failure?.Message}", from, world.Moment(), () =>
                _ = failure is null ? Answer.TrySetResult(answer!) : Answer.TrySetException(failure));
        }
    }

    /// <summary>Tells whoever waits that nobody will answer.</summary>
    public void Fail(string why) => Complete(answer: null, new OrleansException(why));
}
