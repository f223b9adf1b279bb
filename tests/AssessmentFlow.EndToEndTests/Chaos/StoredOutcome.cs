using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>What became of one instance, as the database has it.</summary>
/// <param name="Id">The instance.</param>
/// <param name="DefinitionId">What it runs.</param>
/// <param name="ParentId">The instance that started it; null when a client did.</param>
/// <param name="IsFinished">Whether it has ended.</param>
/// <param name="Lines">The lines that it wrote, in order.</param>
public sealed record StoredInstance(string Id, string DefinitionId, string? ParentId, bool IsFinished, IReadOnlyList<string> Lines);

/// <summary>What the database holds after all.</summary>
/// <param name="Inputs">Version that each input made, by entity and the key in its identity.</param>
/// <param name="Instances">All instances of the chaos workflows.</param>
public sealed record StoredOutcome(IReadOnlyDictionary<(string Instance, string Key), long> Inputs, IReadOnlyList<StoredInstance> Instances)
{
    private const string Prefix = "instance/";

    /// <summary>Whose turns are held against acknowledgements: what clients change.</summary>
    private static readonly string[] Prefixes = [Prefix, "signal/"];

    /// <summary>Reads it out of the turns, past the servers.</summary>
    public static StoredOutcome Of(TurnChain chain)
    {
        var turns = chain.Turns.Where(turn => Prefixes.Any(prefix => turn.Entity.StartsWith(prefix, StringComparison.Ordinal))).ToList();
        return new StoredOutcome(
            turns.ToDictionary(turn => (turn.Entity[(turn.Entity.IndexOf('/') + 1)..], turn.InputId[(turn.InputId.LastIndexOf('/') + 1)..]), turn => turn.Version),
            [
                .. turns.Where(turn => turn.Entity.StartsWith(Prefix, StringComparison.Ordinal)).GroupBy(turn => turn.Entity, StringComparer.Ordinal)
                    .Select(group => InstanceOf(group.Key[Prefix.Length..], group))
                    .Where(instance => instance.DefinitionId is ChaosWorkflows.Case or ChaosWorkflows.Child),
            ]);
    }

    private static StoredInstance InstanceOf(string id, IEnumerable<StoredTurn> turns)
    {
        var facts = turns.SelectMany(turn => JsonNode.Parse(Encoding.UTF8.GetString(turn.Facts))!.AsArray()).Select(fact => fact!).ToList();
        var started = facts.Single(fact => (string?)fact["fact"] is "instance-started");
        return new StoredInstance(
            id,
            (string)started["definitionId"]!,
            (string?)started["parent"]?["instanceId"],
            facts.Exists(fact => (string?)fact["fact"] is "instance-finished"),
            [.. facts.Where(fact => (string?)fact["fact"] is "line-written").Select(fact => (string)fact["text"]!)]);
    }
}
