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
    private readonly List<ReferenceChange> _changes = [];
    private readonly List<DateTimeOffset> _restarts = [];
    private readonly HashSet<string> _triggered = new(StringComparer.Ordinal);
    private DateTimeOffset? _latest;
    private int _instances;

    /// <summary>When the run begins (simulated time). Default: the first of January 2030.</summary>
    public DateTimeOffset Begin { get; init; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How much simulated time a run may take. Timers that are due later are left waiting. Default: 400 days.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromDays(400);

    /// <summary>How many steps a run may take (count). One that takes more comes to no rest, which is a broken promise. Default: 50,000.</summary>
    public int StepsMax { get; init; } = 50_000;

    /// <summary>Calendars, rosters, regimes and marking schemes as they are when the run begins. Default: none.</summary>
    public ReferenceSnapshot Reference { get; init; } = ReferenceSnapshot.Empty;

    /// <summary>
    /// Whether every instance ends as it does when nothing goes wrong: with the same status and the same lines written,
    /// in any order. Leave it false where the definition itself lets a race decide. Default: false.
    /// </summary>
    public bool EndsAlike { get; init; }

    internal SimulatedCatalogue Catalogue { get; } = new();

    internal IReadOnlyList<ClientRequest> Requests => _requests;

    internal IReadOnlyList<DateTimeOffset> Restarts => _restarts;

    internal Func<JsonElement, JsonElement>? TaskAnswer { get; private set; }

    internal Func<JsonElement, TimeSpan> TaskPause { get; private set; } = static _ => TimeSpan.Zero;

    /// <summary>Publishes a definition. What it uses has to be defined before it.</summary>
    /// <param name="definition">The definition in Elsa's JSON form, as Studio exports it.</param>
    /// <param name="at">When, no earlier than what was defined or changed before; null for when the run begins. A workflow that was published before gets one more version.</param>
    /// <exception cref="ArgumentException">The definition is unsound, or sends HTTP requests, which are not simulated; or the time is too early.</exception>
    public Scenario Define(string definition, DateTimeOffset? at = null)
    {
        var time = InOrder(at ?? Begin);
        var published = Catalogue.Publish(definition, time, ReferenceAt(time));
        if (!StartTriggers.Of(published, time, out _).IsEmpty)
        {
            _triggered.Add(published.DefinitionId);
        }

        if (_triggered.Contains(published.DefinitionId))
        {
            _requests.Add(new ClientRequest(
                $"follow-{published.DefinitionId}-{time:O}",
                new EntityId(EntityKinds.TriggerSet, published.DefinitionId),
                JsonSerializer.SerializeToUtf8Bytes<TriggerInput>(new TriggerInput.Follow(published.DefinitionId), TriggerJson.Plain.TriggerInput))
            {
                NotBefore = at,
            });
        }

        return this;
    }

    /// <summary>Somebody edits calendars, rosters, regimes or marking schemes.</summary>
    /// <param name="at">When, no earlier than what was defined or changed before.</param>
    /// <param name="edit">What becomes of them.</param>
    /// <exception cref="ArgumentException">The time is too early.</exception>
    public Scenario Change(DateTimeOffset at, Func<ReferenceSnapshot, ReferenceSnapshot> edit)
    {
        _changes.Add(new ReferenceChange(InOrder(at), edit(ReferenceAt(at))));
        return this;
    }

    /// <summary>All silos are killed and started again, one after the other.</summary>
    /// <param name="at">When the first one is killed; after the end of the run, never.</param>
    public Scenario Restart(DateTimeOffset at)
    {
        _restarts.Add(at);
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
        var version = Catalogue.VersionOf(definitionId, Begin);
        var start = new InstanceInput.Start(
            definitionId, version.Version, version.Hash, new(input ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal), correlationId);
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
            WhenAwaited = isAwaited ? (name, correlationId) : null,
        });
        return this;
    }

    /// <summary>Whoever has a task completes it.</summary>
    /// <param name="data">
    /// What is handed in with the completion of a task, which is given as the interface shows it. Default: the result null.
    /// </param>
    /// <param name="after">
    /// How long after it was opened a task is completed; <see cref="TimeSpan.MaxValue"/> for never. The same task has to be given the
    /// same time in every run. Default: at once.
    /// </param>
    public Scenario CompleteTasks(Func<JsonElement, JsonElement>? data = null, Func<JsonElement, TimeSpan>? after = null)
    {
        TaskAnswer = data ?? (static _ => JsonValues.Object(("result", JsonValues.Null)));
        TaskPause = after ?? TaskPause;
        return this;
    }

    /// <summary>A client asks something of a case.</summary>
    /// <param name="name">Name of the request; each has another one.</param>
    /// <param name="assessmentId">The case.</param>
    /// <param name="input">What is asked.</param>
    /// <param name="when">The case as it has to stand before the client asks; null to ask within the first minute, whether the case is open or not.</param>
    /// <param name="notBefore">Before this the client does not ask; null for some time within the first minute. After the end of the run, never.</param>
    /// <param name="after">How long the client takes to ask once the case stands so; <see cref="TimeSpan.MaxValue"/> for never.</param>
    public Scenario Ask(
        string name, string assessmentId, AssessmentInput input, Func<AssessmentState, bool>? when = null, DateTimeOffset? notBefore = null, TimeSpan after = default)
    {
        var entity = new EntityId(EntityKinds.Assessment, assessmentId);
        return Send(new ClientRequest(name, entity, JsonSerializer.SerializeToUtf8Bytes(input, CaseJson.Plain.AssessmentInput))
        {
            When = Condition(CaseJson.Plain.AssessmentState, when),
            NotBefore = notBefore,
            After = after,
        });
    }

    /// <summary>A client asks something of a review.</summary>
    /// <param name="name">Name of the request; each has another one.</param>
    /// <param name="reviewId">The review.</param>
    /// <param name="input">What is asked.</param>
    /// <param name="when">The review as it has to stand before the client asks; null to ask within the first minute, whether it is assigned or not.</param>
    /// <param name="after">How long the client takes to ask once the review stands so; <see cref="TimeSpan.MaxValue"/> for never.</param>
    public Scenario Ask(string name, string reviewId, ReviewInput input, Func<ReviewState, bool>? when = null, TimeSpan after = default)
    {
        var entity = new EntityId(EntityKinds.Review, reviewId);
        return Send(new ClientRequest(name, entity, JsonSerializer.SerializeToUtf8Bytes(input, ReviewJson.Plain.ReviewInput))
        {
            When = Condition(ReviewJson.Plain.ReviewState, when),
            After = after,
        });
    }

    /// <summary>A client sends an input to an entity.</summary>
    internal Scenario Send(ClientRequest request)
    {
        _requests.Add(request);
        return this;
    }

    /// <summary>What is pinned at a time, and what an edit is made of, has to be known by then.</summary>
    private DateTimeOffset InOrder(DateTimeOffset time)
    {
        if (time < (_latest ?? Begin))
        {
            throw new ArgumentException($"{time:O} is before {_latest ?? Begin:O}. Define and change things in the order of their times, none before the run begins.", nameof(time));
        }

        return (_latest = time).Value;
    }

    /// <summary>Reference data as they are at a time.</summary>
    internal ReferenceSnapshot ReferenceAt(DateTimeOffset time) => _changes.FindLast(change => change.At <= time)?.Reference ?? Reference;

    private static Func<byte[], bool>? Condition<TState>(JsonTypeInfo<TState> form, Func<TState, bool>? when) =>
        when is null ? null : state => when(JsonSerializer.Deserialize(state, form)!);
}

/// <summary>What a client asks.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Entity">The entity that is asked.</param>
/// <param name="Input">The input in the language of the entity's kind, as UTF-8 JSON.</param>
internal sealed record ClientRequest(string Name, EntityId Entity, byte[] Input)
{
    /// <summary>Whether the input begins the entity.</summary>
    public bool BeginsEntity { get; init; }

    /// <summary>The entity by whose state the client sees whether to ask. Default: the one that is asked.</summary>
    public EntityId Watched { get; init; } = Entity;

    /// <summary>Whether the client asks yet, by the state of the entity that is watched as UTF-8 JSON; null when that does not matter.</summary>
    public Func<byte[], bool>? When { get; init; }

    /// <summary>The event, and the business identity of instances, that somebody has to wait for before the client asks; null when that does not matter.</summary>
    public (string Event, string? CorrelationId)? WhenAwaited { get; init; }

    /// <summary>When the client may ask first; null for some time within the first minute.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>How long the client takes to ask once everything stands as it waits for.</summary>
    public TimeSpan After { get; init; }
}

/// <summary>Reference data from a time on.</summary>
internal sealed record ReferenceChange(DateTimeOffset At, ReferenceSnapshot Reference);
