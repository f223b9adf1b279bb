using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>An entity in the memory of a silo. It takes one input after the other, as a grain does.</summary>
internal abstract class Activation
{
    private Task _last = Task.CompletedTask;

    /// <summary>Whether it was ended; whoever still waits for it has to ask again.</summary>
    public bool IsOver { get; set; }

    public async Task<TurnAnswer> HandleAsync(Envelope envelope)
    {
        var before = _last;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _last = done.Task;
        await before;
        try
        {
            return IsOver ? throw new OrleansException("The activation has ended.") : await TakeAsync(envelope);
        }
        finally
        {
            done.SetResult();
        }
    }

    protected abstract Task<TurnAnswer> TakeAsync(Envelope envelope);
}

/// <summary>One of a kind, around the real runner.</summary>
internal sealed class Activation<TState>(EntityRunner<TState> runner) : Activation
    where TState : class
{
    protected override Task<TurnAnswer> TakeAsync(Envelope envelope) => runner.HandleAsync(envelope, CancellationToken.None);
}

/// <summary>The kinds of entities in a silo.</summary>
internal sealed class SiloKinds(InstanceKind instances, AssessmentKind assessments, ReviewKind reviews, SignalKind signals, TriggerSetKind triggerSets)
{
    /// <exception cref="ArgumentException">There is no such kind.</exception>
    public Activation Activate(EntityId entity, ITurnJournal journal, IOutbox outbox, TimeProvider time)
    {
        return entity.Kind switch
        {
            EntityKinds.Instance => Of(instances),
            EntityKinds.Assessment => Of(assessments),
            EntityKinds.Review => Of(reviews),
            EntityKinds.Signal => Of(signals),
            EntityKinds.TriggerSet => Of(triggerSets),
            _ => throw new ArgumentException($"There is no kind of entity '{entity.Kind}'.", nameof(entity)),
        };

        Activation Of<TState>(IEntityKind<TState> kind)
            where TState : class => new Activation<TState>(new EntityRunner<TState>(entity, kind, journal, outbox, time));
    }
}
