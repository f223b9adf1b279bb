using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>
/// Which instances run that others must not run beside, by the strategy of their workflow: books of its own, from the
/// states that are written and not from the claims that are to hold it.
/// </summary>
/// <param name="definitionOf">The definition of a content hash.</param>
internal sealed class Exclusions(Func<string, WorkflowDefinition> definitionOf)
{
    private readonly Dictionary<string, EntityId> _holders = new(StringComparer.Ordinal);

    /// <summary>What each running instance keeps others from; null for nothing.</summary>
    private readonly Dictionary<EntityId, string?> _running = [];

    /// <param name="turn">A turn that was written.</param>
    /// <returns>The instance that runs already and excludes the one of the turn; null when there is none.</returns>
    public EntityId? OnWritten(Turn turn)
    {
        if (turn.Entity.Kind is not EntityKinds.Instance)
        {
            return null;
        }

        var state = JsonSerializer.Deserialize(turn.State, EngineJson.Plain.InstanceState)!;
        var claim = state.Status is InstanceStatus.Running
            ? definitionOf(state.DefinitionHash).Options.ActivationStrategy.Excluding(state.DefinitionId, state.CorrelationId)?.Claim
            : null;
        var wasRunning = _running.Remove(turn.Entity, out var held);
        if (held is not null && held != claim)
        {
            _holders.Remove(held);
            held = null;
        }

        if (state.Status is not InstanceStatus.Running)
        {
            return null;
        }

        // One that got another business identity on its way keeps nobody from running.
        _running[turn.Entity] = wasRunning ? held : claim;
        return wasRunning || claim is null || _holders.TryAdd(claim, turn.Entity) ? null : _holders[claim];
    }

    /// <summary>Whether a running instance has the right to a name.</summary>
    public bool IsHeld(string claim, EntityId by) => _holders.TryGetValue(claim, out var holder) && holder == by;
}
