using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>
/// What is simulated: definitions, and what clients ask of them. Clients ask again, under the same key, until they are
/// answered. A scenario can be run any number of times.
/// </summary>
public sealed class Scenario
{
    private readonly List<ClientRequest> _requests = [];
    private int _instances;

    /// <summary>When the run begins (simulated time). Default: the first of January 2030.</summary>
    public DateTimeOffset Begin { get; init; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How much simulated time a run may take. Timers that are due later are left waiting. Default: 400 days.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Calendars, rosters, regimes and marking schemes. Default: none.</summary>
    public ReferenceSnapshot Reference { get; init; } = ReferenceSnapshot.Empty;

    /// <summary>
    /// Whether every instance ends as it does when nothing goes wrong: with the same status and the same lines written,
    /// in any order. Leave it false where the definition itself lets a race decide. Default: false.
    /// </summary>
    public bool EndsAlike { get; init; }

    internal SimulatedCatalogue Catalogue { get; } = new();

    internal SimulatedReference ReferenceData => new(Reference);

    internal IReadOnlyList<ClientRequest> Requests => _requests;

    internal Func<JsonElement, JsonElement>? TaskAnswer { get; private set; }

    /// <summary>Publishes a definition. What it uses has to be defined before it.</summary>
    /// <param name="definition">The definition in Elsa's JSON form, as Studio exports it.</param>
    /// <exception cref="ArgumentException">The definition is unsound, or sends HTTP requests, which are not simulated.</exception>
    public Scenario Define(string definition)
    {
        var published = Catalogue.Publish(definition, Begin, Reference);
        if (!StartTriggers.Of(published, Begin, out _).IsEmpty)
        {
            _requests.Add(new ClientRequest(
                $"follow-{published.DefinitionId}",
                new EntityId(EntityKinds.TriggerSet, published.DefinitionId),
                JsonSerializer.SerializeToUtf8Bytes<TriggerInput>(new TriggerInput.Follow(published.DefinitionId), TriggerJson.Plain.TriggerInput)));
        }

        return this;
    }

    /// <summary>A client starts an instance, at some time within the first minute.</summary>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="correlationId">Business identity of the instance; null for none.</param>
    /// <param name="input">Inputs, by name; null for none.</param>
    /// <exception cref="ArgumentException">The workflow was not defined.</exception>
    public Scenario Start(string definitionId, string? correlationId = null, IReadOnlyDictionary<string, JsonElement>? input = null)
    {
        var number = ++_instances;
        var start = new InstanceInput.Start(
            definitionId, 1, Catalogue.HashOf(definitionId), new(input ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal), correlationId);
        _requests.Add(new ClientRequest(
            $"start-{number}",
            new EntityId(EntityKinds.Instance, InstanceIds.From($"simulation/{number}")),
            JsonSerializer.SerializeToUtf8Bytes<InstanceInput>(start, EngineJson.Plain.InstanceInput))
        {
            BeginsEntity = true,
        });
        return this;
    }

    /// <summary>A client publishes an event, once.</summary>
    /// <param name="name">Name of the event.</param>
    /// <param name="correlationId">Only instances with this business identity are meant; null for all.</param>
    /// <param name="payload">What it carries.</param>
    /// <param name="isAwaited">Whether the client waits until an instance waits for the event; else it publishes within the first minute.</param>
    public Scenario Publish(string name, string? correlationId = null, JsonElement payload = default, bool isAwaited = true)
    {
        var number = _requests.Count + 1;
        var id = InstanceIds.From($"simulation/event/{number}");
        var signal = new PublishedSignal(id, name, correlationId, payload.ValueKind is JsonValueKind.Undefined ? JsonValues.Null : payload);
        _requests.Add(new ClientRequest(
            $"publish-{number}-{name}",
            new EntityId(EntityKinds.Signal, id),
            JsonSerializer.SerializeToUtf8Bytes(signal, SignalJson.Plain.PublishedSignal))
        {
            BeginsEntity = true,
            When = isAwaited ? store => store.FindWaiting(name, correlationId).Count > 0 : null,
        });
        return this;
    }

    /// <summary>Whoever has a task completes it.</summary>
    /// <param name="data">
    /// What is handed in with the completion of a task, which is given as the interface shows it. Default: the result null.
    /// </param>
    public Scenario CompleteTasks(Func<JsonElement, JsonElement>? data = null)
    {
        TaskAnswer = data ?? (static _ => JsonValues.Object(("result", JsonValues.Null)));
        return this;
    }

    /// <summary>A client asks something of a case.</summary>
    /// <param name="name">Name of the request; each has another one.</param>
    /// <param name="assessmentId">The case.</param>
    /// <param name="input">What is asked.</param>
    /// <param name="when">The case as it has to stand before the client asks; null to ask within the first minute, whether the case is open or not.</param>
    public Scenario Ask(string name, string assessmentId, AssessmentInput input, Func<AssessmentState, bool>? when = null)
    {
        var entity = new EntityId(EntityKinds.Assessment, assessmentId);
        return Send(name, entity, JsonSerializer.SerializeToUtf8Bytes(input, CaseJson.Plain.AssessmentInput), Condition(entity, CaseJson.Plain.AssessmentState, when));
    }

    /// <summary>A client asks something of a review.</summary>
    /// <param name="name">Name of the request; each has another one.</param>
    /// <param name="reviewId">The review.</param>
    /// <param name="input">What is asked.</param>
    /// <param name="when">The review as it has to stand before the client asks; null to ask within the first minute, whether it is assigned or not.</param>
    public Scenario Ask(string name, string reviewId, ReviewInput input, Func<ReviewState, bool>? when = null)
    {
        var entity = new EntityId(EntityKinds.Review, reviewId);
        return Send(name, entity, JsonSerializer.SerializeToUtf8Bytes(input, ReviewJson.Plain.ReviewInput), Condition(entity, ReviewJson.Plain.ReviewState, when));
    }

    /// <summary>A client sends an input to an entity.</summary>
    internal Scenario Send(string name, EntityId entity, byte[] input, Func<SimulatedStore, bool>? when = null)
    {
        _requests.Add(new ClientRequest(name, entity, input) { When = when });
        return this;
    }

    private static Func<SimulatedStore, bool>? Condition<TState>(EntityId entity, JsonTypeInfo<TState> form, Func<TState, bool>? when) =>
        when is null ? null : store => store.Load(entity) is { } snapshot && when(JsonSerializer.Deserialize(snapshot.State, form)!);
}

/// <summary>What a client asks.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Entity">The entity that is asked.</param>
/// <param name="Input">The input in the language of the entity's kind, as UTF-8 JSON.</param>
internal sealed record ClientRequest(string Name, EntityId Entity, byte[] Input)
{
    /// <summary>Whether the input begins the entity.</summary>
    public bool BeginsEntity { get; init; }

    /// <summary>Whether the client asks yet; null when it does so at some time within the first minute.</summary>
    public Func<SimulatedStore, bool>? When { get; init; }
}
