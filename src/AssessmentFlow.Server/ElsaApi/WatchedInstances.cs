using System.Collections.Concurrent;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>
/// Instances that somebody looks at. Studio asks for the same one every second or two; what was told before is kept, and
/// only the turns since are read.
/// </summary>
internal sealed class WatchedInstances(ITurnJournal journal, IJournalQueries queries, IDefinitionContents definitions)
{
    /// <summary>Histories remembered per process (count). Beyond it all are forgotten and read again as needed.</summary>
    private const int HistoriesMax = 200;

    /// <summary>Turns read at once (count).</summary>
    private const int TurnsMax = 500;

    private readonly ConcurrentDictionary<string, InstanceHistory> _histories = new(StringComparer.Ordinal);

    /// <summary>An instance as it stands, with its history; null when there is none.</summary>
    public async Task<WatchedInstance?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var entity = new EntityId(EntityKinds.Instance, id);
        if (await journal.LoadAsync(entity, cancellationToken) is not { } snapshot)
        {
            return null;
        }

        var state = JsonSerializer.Deserialize(snapshot.State, EngineJson.Plain.InstanceState) ?? throw new JsonException("An instance snapshot is null.");
        var definition = await definitions.GetAsync(state.DefinitionHash, cancellationToken);
        var history = _histories.GetValueOrDefault(id, InstanceHistory.Empty);
        while (history.Version < snapshot.Version)
        {
            var turns = await queries.ReadTurnsAsync(entity, history.Version, TurnsMax, cancellationToken);
            history = turns.Aggregate(history, (told, turn) => told.With(turn, definition));
            if (turns.Count is 0)
            {
                break;
            }
        }

        if (_histories.Count >= HistoriesMax)
        {
            _histories.Clear();
        }

        _histories[id] = history;
        return new WatchedInstance(state, definition, history);
    }
}

/// <summary>An instance that somebody looks at.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Definition">What it runs on.</param>
/// <param name="History">What happened.</param>
internal sealed record WatchedInstance(InstanceState State, WorkflowDefinition Definition, InstanceHistory History);
