using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>
/// How activation strategies hold. Whether an instance stands in the way is read from the list of instances, which
/// shows what is committed; of two that begin at once and do not see each other, the claim lets one commit, and the
/// other is asked again and sees the first. A claim is held only while its instance is found by the same question.
/// </summary>
internal static class InstanceClaims
{
    /// <summary>The instances beside which an input must not set this one running; null when there may be any.</summary>
    /// <param name="definition">The definition of the instance.</param>
    /// <param name="state">The instance.</param>
    /// <param name="input">What reaches it.</param>
    public static ExcludingInstances? Excluding(WorkflowDefinition definition, InstanceState state, InstanceInput input)
    {
        var strategy = definition.Options.ActivationStrategy;
        return input switch
        {
            InstanceInput.Start start when !state.Exists => strategy.Excluding(start.DefinitionId, start.CorrelationId),
            InstanceInput.Retry when state.SubStatus is InstanceSubStatus.Faulted => strategy.Excluding(state.DefinitionId, state.CorrelationId),
            _ => null,
        };
    }

    /// <summary>Why an instance may not begin.</summary>
    /// <param name="definition">Its definition.</param>
    /// <param name="exclusion">The instances that it must not run beside.</param>
    /// <param name="running">The id of one of them that is running.</param>
    public static Refusal Refuse(WorkflowDefinition definition, ExcludingInstances exclusion, string running)
    {
        var whose = (exclusion.DefinitionId, exclusion.CorrelationId) switch
        {
            (null, { } correlationId) => $" with the correlation id '{correlationId}'",
            (_, { } correlationId) => $" of the same workflow with the correlation id '{correlationId}'",
            _ => " of the same workflow",
        };
        return new Refusal(
            RefusalKind.Conflict,
            ActivationStrategies.Refused,
            $"The workflow '{definition.DefinitionId}' ({definition.Options.ActivationStrategy}) does not run beside another instance{whose}, and '{running}' is running. Start it when that one has ended.");
    }

    /// <summary>
    /// The claims that a turn changes. One is taken with the beginning only and is not moved: an instance that gets
    /// another business identity while it runs keeps nobody from running, but is seen by whoever starts after it.
    /// </summary>
    /// <param name="definition">The definition of the instance.</param>
    /// <param name="before">The instance before the turn.</param>
    /// <param name="after">The instance after it.</param>
    /// <param name="exclusion">The instances that the input must not set this one running beside; null when there may be any, or it was running.</param>
    public static ImmutableArray<ClaimChange> Changes(WorkflowDefinition definition, InstanceState before, InstanceState after, ExcludingInstances? exclusion)
    {
        var strategy = definition.Options.ActivationStrategy;
        if (strategy is ActivationStrategy.Always)
        {
            return [];
        }

        var was = before.Exists && before.Status is InstanceStatus.Running ? ClaimOf(before) : null;
        var now = after.Status is InstanceStatus.Running ? ClaimOf(after) : null;
        if (was is not null)
        {
            return was == now ? [] : [new ClaimChange(was, IsOver: true)];
        }

        return exclusion is not null && exclusion.Claim == now ? [new ClaimChange(now)] : [];

        string? ClaimOf(InstanceState state) => strategy.Excluding(state.DefinitionId, state.CorrelationId)?.Claim;
    }
}
