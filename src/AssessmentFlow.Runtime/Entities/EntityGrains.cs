using System.Collections.Frozen;
using System.Diagnostics;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Telemetry;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

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
    private readonly EntityServices _services;

    protected EntityGrain(string kind, EntityServices services, IEntityKind<TState> rules)
    {
        _services = services;
        _runner = new EntityRunner<TState>(new EntityId(kind, this.GetPrimaryKeyString()), rules, services.Journal, services.Outbox, services.Time);
    }

    public async Task<TurnAnswer> HandleAsync(Envelope envelope)
    {
        try
        {
            // A turn that began is carried to its end: a caller who gives up learns the outcome by asking again.
            return await _runner.HandleAsync(envelope, CancellationToken.None);
        }
        catch (InconsistentStateException e)
        {
            // Orleans ends this activation; whoever asks again finds the one that has moved on.
            _services.OnFenced(e);
            throw;
        }
    }
}

/// <summary>What every runner needs.</summary>
internal sealed partial class EntityServices(ITurnJournal journal, IOutbox outbox, TimeProvider time, ILogger<EntityServices> logger)
{
    public ITurnJournal Journal => journal;

    public IOutbox Outbox => outbox;

    public TimeProvider Time => time;

    /// <summary>An activation was refused its turn, since another one has moved on.</summary>
    public void OnFenced(InconsistentStateException refusal) => LogFenced(logger, refusal.Message);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ActivationFenced", Message = "An activation was refused its turn and ends: {Reason}")]
    private static partial void LogFenced(ILogger logger, string reason);
}

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

/// <summary>
/// Finds the grain of an entity: a kind, its grain and the interface of the grain bear one name. Every input has an
/// identity, so that a call may be made again while the entity moves.
/// </summary>
internal sealed class ClusterEntities(IGrainFactory grains, TimeProvider time) : IEntities
{
    // Asked by the type of the interface, Orleans would read the names from its attributes at every call.
    private static readonly FrozenDictionary<string, (GrainType Grain, GrainInterfaceType Interface)> Names = new[]
    {
        EntityKinds.Instance, EntityKinds.Assessment, EntityKinds.Review, EntityKinds.Signal, EntityKinds.TriggerSet,
    }.ToFrozenDictionary(static kind => kind, static kind => (GrainType.Create(kind), GrainInterfaceType.Create(kind)), StringComparer.Ordinal);

    public Task<TurnAnswer> HandleAsync(EntityId entity, Envelope envelope, CancellationToken cancellationToken = default) => RuntimeActivity.IsRecorded
        ? CallTracedAsync(entity, envelope, cancellationToken)
        : CallAsync(entity, envelope, cancellationToken);

    private async Task<TurnAnswer> CallTracedAsync(EntityId entity, Envelope envelope, CancellationToken cancellationToken)
    {
        using var call = RuntimeActivity.StartCall(entity);
        try
        {
            return await CallAsync(entity, envelope with { Trace = Activity.Current?.Id }, cancellationToken);
        }
        catch (Exception e)
        {
            RuntimeActivity.Fail(call, e);
            throw;
        }
    }

    private Task<TurnAnswer> CallAsync(EntityId entity, Envelope envelope, CancellationToken cancellationToken)
    {
        var grain = GrainOf(entity);
        return PatientCall.AnswerAsync(time, () => grain.HandleAsync(envelope), cancellationToken);
    }

    private IEntityGrain GrainOf(EntityId entity) => Names.TryGetValue(entity.Kind, out var names)
        ? (IEntityGrain)grains.GetGrain(GrainId.Create(names.Grain, entity.Key), names.Interface)
        : throw new ArgumentException($"There is no kind of entity '{entity.Kind}'.", nameof(entity));
}
