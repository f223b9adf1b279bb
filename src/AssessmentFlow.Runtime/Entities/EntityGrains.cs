using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>An entity that takes inputs.</summary>
public interface IEntityGrain : IGrainWithStringKey
{
    /// <summary>Applies an input; answers after its commit.</summary>
    [Alias("handle")]
    Task<TurnAnswer> HandleAsync(Envelope envelope);
}

/// <summary>A workflow instance.</summary>
[GrainInterfaceType("instance")]
public interface IInstanceGrain : IEntityGrain;

/// <summary>A country assessment.</summary>
[GrainInterfaceType("assessment")]
public interface IAssessmentGrain : IEntityGrain;

/// <summary>An agency's review.</summary>
[GrainInterfaceType("review")]
public interface IReviewGrain : IEntityGrain;

/// <summary>A published signal.</summary>
[GrainInterfaceType("signal")]
public interface ISignalGrain : IEntityGrain;

/// <summary>The triggers of a workflow.</summary>
[GrainInterfaceType("trigger-set")]
public interface ITriggerSetGrain : IEntityGrain;

/// <summary>The shell around a runner: Orleans calls it, one call at a time.</summary>
internal abstract class EntityGrain<TState> : Grain, IEntityGrain
    where TState : class
{
    private readonly EntityRunner<TState> _runner;

    protected EntityGrain(string kind, EntityServices services, IEntityKind<TState> rules)
    {
        _runner = new EntityRunner<TState>(new EntityId(kind, this.GetPrimaryKeyString()), rules, services.Journal, services.Outbox, services.Time);
    }

    // A turn that began is carried to its end: a caller who gives up learns the outcome by asking again.
    public Task<TurnAnswer> HandleAsync(Envelope envelope) => _runner.HandleAsync(envelope, CancellationToken.None);
}

/// <summary>What every runner needs.</summary>
internal sealed record EntityServices(ITurnJournal Journal, IOutbox Outbox, TimeProvider Time);

[GrainType("instance")]
internal sealed class InstanceGrain(EntityServices services, InstanceKind kind)
    : EntityGrain<InstanceState>(EntityKinds.Instance, services, kind), IInstanceGrain;

[GrainType("assessment")]
internal sealed class AssessmentGrain(EntityServices services, AssessmentKind kind)
    : EntityGrain<AssessmentState>(EntityKinds.Assessment, services, kind), IAssessmentGrain;

[GrainType("review")]
internal sealed class ReviewGrain(EntityServices services, ReviewKind kind)
    : EntityGrain<ReviewState>(EntityKinds.Review, services, kind), IReviewGrain;

[GrainType("signal")]
internal sealed class SignalGrain(EntityServices services, SignalKind kind)
    : EntityGrain<PublishedSignal>(EntityKinds.Signal, services, kind), ISignalGrain;

[GrainType("trigger-set")]
internal sealed class TriggerSetGrain(EntityServices services, TriggerSetKind kind)
    : EntityGrain<TriggerSet>(EntityKinds.TriggerSet, services, kind), ITriggerSetGrain;

/// <summary>Finds the grain of an entity.</summary>
internal sealed class ClusterEntities(IGrainFactory grains) : IEntities
{
    public Task<TurnAnswer> HandleAsync(EntityId entity, Envelope envelope, CancellationToken cancellationToken = default)
    {
        IEntityGrain grain = entity.Kind switch
        {
            EntityKinds.Instance => grains.GetGrain<IInstanceGrain>(entity.Key),
            EntityKinds.Assessment => grains.GetGrain<IAssessmentGrain>(entity.Key),
            EntityKinds.Review => grains.GetGrain<IReviewGrain>(entity.Key),
            EntityKinds.Signal => grains.GetGrain<ISignalGrain>(entity.Key),
            EntityKinds.TriggerSet => grains.GetGrain<ITriggerSetGrain>(entity.Key),
            _ => throw new ArgumentException($"There is no kind of entity '{entity.Kind}'.", nameof(entity)),
        };
        return grain.HandleAsync(envelope);
    }
}
