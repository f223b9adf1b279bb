using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.UnitTests.Conformance;
using Microsoft.Extensions.Options;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Triggers;

/// <summary>Messages are delivered at least once; what they start is started once, because every delivery says the same.</summary>
public sealed class TriggeredDeliveryTests
{
    private static readonly MessageId Message = new(new EntityId(EntityKinds.Signal, "s"), 1, 0);
    private static readonly DateTimeOffset Now = new(2008, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PinnedTrigger Trigger = new("drawn", 3, "hash", "Workflow1:t");

    private readonly Surroundings _around = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_publication_that_is_delivered_again_means_the_same_instance_under_the_same_input_id()
    {
        await PublishAsync();
        await PublishAsync();

        var starts = _around.Inputs.Where(sent => sent.Input is InstanceInput.Start).Select(sent => (sent.Entity, sent.InputId)).ToList();
        Assert.Equal(2, starts.Count);
        Assert.Single(starts.Distinct());
        var start = Assert.IsType<InstanceInput.Start>(_around.Inputs[0].Input);
        Assert.Equal(("drawn", 3, "hash", "Workflow1:t", "c1"), (start.DefinitionId, start.DefinitionVersion, start.DefinitionHash, start.Trigger, start.CorrelationId));
    }

    [Fact]
    public async Task An_instance_that_came_to_wait_for_the_event_that_started_it_is_not_handed_it_a_second_time()
    {
        await PublishAsync();
        var started = _around.Inputs[0];
        _around.Waiting.Add(started.Entity);
        await PublishAsync();

        Assert.IsType<InstanceInput.Signal>(_around.Inputs[1].Input);
        Assert.Equal(started.InputId, _around.Inputs[1].InputId); // It is applied once, for ever: the start has it already.
    }

    [Fact]
    public async Task A_start_that_was_refused_is_recorded_and_not_tried_again()
    {
        _around.Answer = TurnAnswer.Refused(new Refusal(RefusalKind.Conflict, "activation-refused", "Another one runs."), version: 0);
        await PublishAsync();
        await PublishAsync();

        Assert.Equal(
            [EntityKinds.Instance, EntityKinds.TriggerSet],
            _around.Inputs.Select(sent => sent.Entity.Kind));
    }

    [Fact]
    public async Task A_start_that_another_delivery_has_made_already_is_no_refusal()
    {
        _around.Answer = TurnAnswer.Refused(new Refusal(RefusalKind.Conflict, "instance-exists", "It was started before."), version: 1);
        await PublishAsync();

        Assert.DoesNotContain(_around.Inputs, sent => sent.Entity.Kind is EntityKinds.TriggerSet);
    }

    [Fact]
    public async Task An_event_counts_as_taken_only_when_an_instance_takes_it()
    {
        _around.Answer = TurnAnswer.Refused(new Refusal(RefusalKind.Conflict, "signal-not-awaited", "It does not wait."), version: 1);
        Assert.False(await DeliverAsync(Local(Now)));

        _around.Answer = new TurnAnswer { Outcome = TurnOutcome.Accepted };
        Assert.True(await DeliverAsync(Local(Now)));
    }

    [Fact]
    public async Task A_receiver_that_cannot_take_an_event_keeps_it_from_no_other_and_from_nothing_that_it_starts()
    {
        _around.Waiting.AddRange(Enumerable.Range(0, 100).Select(i => new EntityId(EntityKinds.Instance, $"waiting{i}")));
        _around.Broken.Add(_around.Waiting[0]);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(PublishAsync);

        Assert.StartsWith("1 of 101 could not take the event, among them instance/waiting0: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(99, _around.Inputs.Count(sent => sent.Input is InstanceInput.Signal));
        Assert.Single(_around.Inputs, sent => sent.Input is InstanceInput.Start);
    }

    [Fact]
    public async Task What_the_cluster_is_to_blame_for_brings_an_event_back_soon_also_beside_a_receiver_that_is_broken()
    {
        _around.Waiting.AddRange([new EntityId(EntityKinds.Instance, "broken"), new EntityId(EntityKinds.Instance, "away")]);
        _around.Broken.Add(_around.Waiting[0]);
        _around.Away.Add(_around.Waiting[1]);

        await Assert.ThrowsAsync<TimeoutException>(PublishAsync);
    }

    [Fact]
    public async Task An_event_that_is_no_longer_offered_reaches_neither_who_comes_to_wait_nor_a_version_that_is_published_later()
    {
        var until = Now + new DeliveryOptions().EventsKeptFor;
        _around.Waiting.Add(new EntityId(EntityKinds.Instance, "waiting"));

        _around.TriggersPublishedAt = until;
        await DeliverAsync(Published(Now));
        _around.TriggersPublishedAt = until + TimeSpan.FromMicroseconds(1);
        await DeliverAsync(Published(Now));

        Assert.Single(_around.Inputs, sent => sent.Input is InstanceInput.Start);
        Assert.All(_around.Inputs.Select(sent => sent.Input).OfType<InstanceInput.Signal>(), signal => Assert.Equal(until, signal.BegunBy));
    }

    /// <summary>A process may die after it has delivered an event and before it forgets it.</summary>
    [Fact]
    public async Task An_event_that_was_taken_by_who_waits_no_longer_counts_as_taken_when_it_is_delivered_again()
    {
        _around.Waiting.Add(new EntityId(EntityKinds.Instance, "i1"));
        _around.FiresNothing = true;
        Assert.True(await PublishAsync());

        _around.Waiting.Clear();

        Assert.True(await PublishAsync());
        Assert.False(await DeliverAsync(new OutboxMessage.Broadcast("Order", JsonValues.Null, "c1"), Message with { Version = 2 }));
    }

    [Fact]
    public void An_event_is_kept_for_ten_minutes_and_what_a_case_tells_of_itself_is_not()
    {
        var keptFor = new DeliveryOptions().EventsKeptFor;

        Assert.Equal(TimeSpan.FromMinutes(10), keptFor);
        Assert.True(Local(Now).IsKept(Now + keptFor - TimeSpan.FromTicks(1), keptFor));
        Assert.False(Local(Now).IsKept(Now + keptFor, keptFor));
        Assert.False(Local(publishedAt: null).IsKept(Now, keptFor));
    }

    private static OutboxMessage.Broadcast Published(DateTimeOffset at) => new("Order", JsonValues.Null, CorrelationId: null, PublishedAt: at);

    private static OutboxMessage.Broadcast Local(DateTimeOffset? publishedAt) => new("Order", JsonValues.Null, CorrelationId: null, InstanceId: "i1", publishedAt);

    private Task<bool> PublishAsync() => DeliverAsync(new OutboxMessage.Broadcast("Order", JsonValues.Null, "c1"));

    private Task<bool> DeliverAsync(OutboxMessage message, MessageId? id = null) =>
        new MessageDelivery(_around, _around, _around, new TriggerStarts(_around, _around, _around, _around), http: null!, Options.Create(new DeliveryOptions()))
            .DeliverAsync(id ?? Message, message, Token);

    /// <summary>What was sent to an entity.</summary>
    private sealed record Sent(EntityId Entity, string InputId, InstanceInput? Input);

    /// <summary>Everything around a delivery: it notes what is sent and gives one answer to all.</summary>
    private sealed class Surroundings : IEntities, IDeliveryStore, IWorkflowCatalogue, IJournalQueries, ITurnJournal, IDefinitionContents
    {
        private readonly WorkflowDefinition _definition = new EngineWorld().Read(Definition(
            "drawn",
            Starting(Event("t", "Order")),
            ("options", new JsonObject { ["activationStrategyType"] = "Elsa.Workflows.Runtime.ActivationValidators.SingletonStrategy" }))).Definition!;

        public List<Sent> Inputs { get; } = [];

        public List<EntityId> Waiting { get; } = [];

        /// <summary>Those that can take nothing, for good.</summary>
        public List<EntityId> Broken { get; } = [];

        /// <summary>Those that the cluster does not reach at the moment.</summary>
        public List<EntityId> Away { get; } = [];

        public bool FiresNothing { get; set; }

        public DateTimeOffset TriggersPublishedAt { get; set; } = Now;

        public TurnAnswer Answer { get; set; } = new() { Outcome = TurnOutcome.Accepted };

        public Task<TurnAnswer> HandleAsync(EntityId entity, Envelope envelope, CancellationToken cancellationToken = default)
        {
            var isInstance = entity.Kind is EntityKinds.Instance;
            if (Broken.Contains(entity) || Away.Contains(entity))
            {
                throw Away.Contains(entity) ? new TimeoutException("Synthetic.") : new KeyNotFoundException("Synthetic.");
            }

            lock (Inputs)
            {
                Inputs.Add(new Sent(entity, envelope.InputId, isInstance ? JsonSerializer.Deserialize(envelope.Input, EngineJson.Plain.InstanceInput) : null));
            }

            return Task.FromResult(isInstance ? Answer : new TurnAnswer { Outcome = TurnOutcome.Accepted });
        }

        public Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<EntityId>>([.. Waiting]);

        public Task<IReadOnlyList<FoundRow>> ListAsync(ViewQuery query, CancellationToken cancellationToken)
        {
            Assert.Equal((Views.Triggers, StartTrigger.EventKind, "Order"), (query.View, query.Scope, Assert.Single(query.A)));
            return Task.FromResult<IReadOnlyList<FoundRow>>(
                FiresNothing ? [] : [new FoundRow("drawn#0", new ViewRow(query.Scope, "Order", "drawn", null, null, ViewChanges.Micros(TriggersPublishedAt), 3, JsonSerializer.SerializeToUtf8Bytes(Trigger, TriggerJson.Plain.PinnedTrigger)))]);
        }

        public Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken) =>
            Task.FromResult(Inputs.Exists(sent => sent.InputId == inputId) ? new RecordedInput(default, 1, null, null) : null);

        public ValueTask<WorkflowDefinition> GetAsync(string hash, CancellationToken cancellationToken) => ValueTask.FromResult(_definition);

        public void Delivered(MessageId message)
        {
        }

        public void Forget(DueTimer timer)
        {
        }

        public Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken) => Task.FromResult(Answer.Refusal is null && Inputs.Exists(sent => sent.InputId.StartsWith(message.ToReceiver(""), StringComparison.Ordinal)));

        public Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<WorkflowEntry?> FindAsync(string definitionId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<WorkflowVersion?> FindPublishedAsync(string definitionId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<FoundRow?> FindRowAsync(string view, string id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string?> FindRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<RecordedTurn>> ReadTurnsAsync(EntityId entity, long afterVersion, int max, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CheckAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> CommitAsync(Turn turn, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
