using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Runtime.Triggers.TriggerSet,
    AssessmentFlow.Runtime.Triggers.TriggerFact,
    AssessmentFlow.Runtime.Outbox.OutboxMessage>;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>The triggers of a workflow as an entity: one per workflow, with its id.</summary>
internal sealed class TriggerSetKind(IWorkflowCatalogue catalogue, IDefinitionContents definitions) : IEntityKind<TriggerSet>
{
    public TriggerSet Empty(string key) => new() { DefinitionId = key };

    public TriggerSet Read(byte[] state) =>
        JsonSerializer.Deserialize(state, TriggerJson.Plain.TriggerSet) ?? throw new JsonException("A snapshot of triggers is null.");

    public async ValueTask<EntityDecision<TriggerSet>> DecideAsync(
        TriggerSet state, Envelope envelope, DateTimeOffset now, long version, CancellationToken cancellationToken)
    {
        var input = JsonSerializer.Deserialize(envelope.Input, TriggerJson.Plain.TriggerInput) ?? throw new JsonException("An input is null.");
        var published = TriggerRules.LooksAtPublication(input) ? await FindPublishedAsync(state, cancellationToken) : null;
        if (TriggerRules.Decide(state, input, published, now) is not Decision.Accepted accepted)
        {
            return new EntityDecision<TriggerSet>.Ignored();
        }

        return new EntityDecision<TriggerSet>.Accepted(
            accepted.State,
            JsonSerializer.SerializeToUtf8Bytes(accepted.State, TriggerJson.Plain.TriggerSet),
            JsonSerializer.SerializeToUtf8Bytes([.. accepted.Facts], TriggerJson.Plain.TriggerFactArray),
            [.. accepted.Effects.Select(OutboxJson.Write)],
            new EntityChanges(Rows(state, accepted.State), ViewChanges.Timers(TriggerRules.Timers(state), TriggerRules.Timers(accepted.State)), []),
            Answer: null);
    }

    private async Task<Publication?> FindPublishedAsync(TriggerSet state, CancellationToken cancellationToken)
    {
        if (await catalogue.FindAsync(state.DefinitionId, cancellationToken) is not { } entry)
        {
            return null;
        }

        if (entry.Published is not { PublishedAt: { } at } version)
        {
            return new Publication(entry.Etag, Version: 0, Hash: "", PublishedAt: default, Triggers: []);
        }

        var definition = await definitions.GetAsync(version.Hash, cancellationToken);
        return new Publication(entry.Etag, version.Version, version.Hash, at, StartTriggers.Of(definition, at, out _));
    }

    /// <summary>The rows by which triggers are found. Only a registration changes them.</summary>
    private static ImmutableArray<ViewChange> Rows(TriggerSet before, TriggerSet after)
    {
        if (before.Etag == after.Etag)
        {
            return [];
        }

        var changes = ImmutableArray.CreateBuilder<ViewChange>();
        for (var i = 0; i < after.Triggers.Length; i++)
        {
            var trigger = after.Triggers[i];
            changes.Add(new ViewChange(Views.Triggers, RowId(after, i), new ViewRow(
                trigger.Trigger.Kind,
                trigger.Trigger.Key,
                after.DefinitionId,
                C: null,
                D: null,
                ViewChanges.Micros(after.PublishedAt),
                after.DefinitionVersion,
                JsonSerializer.SerializeToUtf8Bytes(TriggerRules.Pin(after, trigger), TriggerJson.Plain.PinnedTrigger))));
        }

        for (var i = after.Triggers.Length; i < before.Triggers.Length; i++)
        {
            changes.Add(new ViewChange(Views.Triggers, RowId(after, i), Row: null));
        }

        return changes.ToImmutable();
    }

    private static string RowId(TriggerSet set, int position) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{set.DefinitionId}#{position}");
}
