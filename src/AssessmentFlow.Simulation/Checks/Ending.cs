using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>How the instances of a run ended: status and the lines that they wrote, in any order.</summary>
internal sealed class Ending
{
    private readonly SortedDictionary<string, string> _instances = new(StringComparer.Ordinal);

    public Ending(SimulatedStore store)
    {
        foreach (var entity in store.Entities.Where(entity => entity.Id.Kind is EntityKinds.Instance))
        {
            var state = JsonSerializer.Deserialize(entity.State, EngineJson.Plain.InstanceState)!;
            var lines = entity.Turns
                .SelectMany(turn => JsonSerializer.Deserialize(turn.Recorded.Facts, EngineJson.Plain.InstanceFactArray)!)
                .OfType<InstanceFact.LineWritten>()
                .Select(line => line.Text)
                .Order(StringComparer.Ordinal);
            _instances[entity.Id.Key] = $"{state.DefinitionId} {state.SubStatus}: {string.Join(", ", lines)}";
        }
    }

    /// <summary>Each instance: its workflow, its status, its lines.</summary>
    public IReadOnlyCollection<string> Instances => _instances.Values;

    /// <summary>Where another run ended otherwise than this one; null when nowhere.</summary>
    public string? DifferenceTo(Ending other)
    {
        foreach (var id in _instances.Keys.Union(other._instances.Keys, StringComparer.Ordinal))
        {
            if (_instances.GetValueOrDefault(id) is var here && other._instances.GetValueOrDefault(id) is var there && here != there)
            {
                return $"instance {id} ends as '{there ?? "nothing"}', and as '{here ?? "nothing"}' when nothing goes wrong.";
            }
        }

        return null;
    }
}
