using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Runtime.Triggers;

/// <summary>Finds triggers by what fires them, and starts instances by them.</summary>
public sealed class TriggerStarts(IEntities entities, IJournalQueries queries, ITurnJournal journal, IDefinitionContents definitions)
{
    /// <summary>The triggers of all published versions that something fires.</summary>
    /// <param name="kind">Type name of their activity, such as <c>Elsa.Event</c>.</param>
    /// <param name="key">What fires them, such as the name of an event.</param>
    /// <param name="publishedBy">When given, only versions that were published by then.</param>
    /// <param name="cancellationToken">To stop.</param>
    public Task<IReadOnlyList<PinnedTrigger>> FindAsync(string kind, string key, DateTimeOffset? publishedBy, CancellationToken cancellationToken) =>
        FiredTriggers.FindAsync(queries, kind, key, publishedBy, cancellationToken);

    /// <summary>Starts the instance that a trigger means, at its activity. Starting it again under the same input id changes nothing.</summary>
    /// <param name="trigger">The trigger.</param>
    /// <param name="instanceId">Id of the instance, derived from what fired the trigger.</param>
    /// <param name="inputId">Identity of the input.</param>
    /// <param name="actor">Who fires it, for the journal.</param>
    /// <param name="payload">What it carries: the result of the activity.</param>
    /// <param name="correlationId">Business identity of the instance.</param>
    /// <param name="cancellationToken">To stop.</param>
    /// <returns>
    /// The answer of the instance. A refusal is recorded with the triggers of the workflow, and is final: the same start,
    /// delivered again, is answered with null.
    /// </returns>
    public async Task<TurnAnswer?> StartAsync(
        PinnedTrigger trigger,
        string instanceId,
        string inputId,
        string actor,
        JsonElement payload,
        string? correlationId,
        CancellationToken cancellationToken)
    {
        var definition = await definitions.GetAsync(trigger.DefinitionHash, cancellationToken);
        if (definition.Options.ActivationStrategy is not ActivationStrategy.Always
            && await journal.FindInputAsync(RefusalOf(inputId), cancellationToken) is not null)
        {
            return null; // It was dropped; that the instance in the way has ended since does not bring it back.
        }

        var start = new InstanceInput.Start(
            trigger.DefinitionId,
            trigger.DefinitionVersion,
            trigger.DefinitionHash,
            new(StringComparer.Ordinal),
            correlationId,
            Trigger: trigger.NodeId,
            TriggerPayload: payload);
        var answer = await entities.HandleAsync(
            new EntityId(EntityKinds.Instance, instanceId),
            new Envelope
            {
                InputId = inputId,
                Input = JsonSerializer.SerializeToUtf8Bytes<InstanceInput>(start, EngineJson.Plain.InstanceInput),
                Actor = actor,
                BeginsEntity = true,
            },
            cancellationToken);
        if (answer.Refusal is { Code: not WorkflowEngine.InstanceExists } refusal)
        {
            await RecordAsync(trigger, instanceId, inputId, refusal, cancellationToken);
        }

        return answer;
    }

    private static string RefusalOf(string inputId) => $"{inputId}/refused";

    private Task<TurnAnswer> RecordAsync(PinnedTrigger trigger, string instanceId, string inputId, Refusal refusal, CancellationToken cancellationToken) =>
        entities.HandleAsync(
            new EntityId(EntityKinds.TriggerSet, trigger.DefinitionId),
            new Envelope
            {
                InputId = RefusalOf(inputId),
                Input = JsonSerializer.SerializeToUtf8Bytes<TriggerInput>(
                    new TriggerInput.Refuse(trigger.NodeId, instanceId, refusal.Code, refusal.Message), TriggerJson.Plain.TriggerInput),
            },
            cancellationToken);
}
