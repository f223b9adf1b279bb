using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.IntegrationTests.Support;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Timers;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.IntegrationTests.Timers;

/// <summary>Runner, journal and timer pump of a process, on a real database and a clock that the test turns.</summary>
internal sealed class VirtualProcess : IEntities, IOutbox, IDefinitionContents, IReferenceData, IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly TurnJournal _journal;
    private readonly TimerPump _pump;
    private readonly InstanceKind _kind;
    private readonly ConcurrentDictionary<EntityId, EntityRunner<InstanceState>> _runners = new();
    private readonly SemaphoreSlim _turn = new(1, 1);

    private VirtualProcess(TurnJournal journal, TimeProvider time)
    {
        _journal = journal;
        _time = time;
        _kind = new InstanceKind(this, this, journal);
        _pump = new TimerPump(this, journal, Options.Create(new DeliveryOptions()), time, NullLogger<TimerPump>.Instance);
    }

    /// <summary>What happens, once, while a timer is being delivered; none by default.</summary>
    public Func<Task>? MeanwhileAsync { get; set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<VirtualProcess> StartAsync(JournalDatabase database, TimeProvider time)
    {
        var journal = new TurnJournal(await database.OpenAsync("silo"), new StorageOptions());
        await journal.StartAsync(Token);
        var process = new VirtualProcess(journal, time);
        await process._pump.StartAsync(Token);
        return process;
    }

    /// <summary>Starts an instance that waits for a span of time and then writes a line.</summary>
    /// <returns>Its entity.</returns>
    public async Task<EntityId> StartDelayAsync(TimeSpan delay)
    {
        var entity = new EntityId(EntityKinds.Instance, Guid.NewGuid().ToString("n"));
        var start = new InstanceInput.Start("synthetic-delay", 1, delay.ToString("c"), new(StringComparer.Ordinal), CorrelationId: null);
        var answer = await HandleAsync(
            entity,
            new Envelope { InputId = $"start/{entity}", Input = JsonSerializer.SerializeToUtf8Bytes<InstanceInput>(start, EngineJson.Plain.InstanceInput), BeginsEntity = true },
            Token);
        Assert.Equal((TurnOutcome.Accepted, 1), (answer.Outcome, answer.Version));
        return entity;
    }

    /// <summary>The turns of an entity.</summary>
    public Task<IReadOnlyList<RecordedTurn>> TurnsAsync(EntityId entity) => _journal.ReadTurnsAsync(entity, afterVersion: 0, max: 100, Token);

    public async Task<TurnAnswer> HandleAsync(EntityId entity, Envelope envelope, CancellationToken cancellationToken = default)
    {
        if (entity.Kind is not EntityKinds.Instance)
        {
            throw new ArgumentException($"There is no kind of entity '{entity.Kind}'.", nameof(entity));
        }

        var runner = _runners.GetOrAdd(entity, _ => new EntityRunner<InstanceState>(entity, _kind, _journal, this, _time));
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await runner.HandleAsync(envelope, cancellationToken);
        }
        finally
        {
            _turn.Release();
            if (envelope.NotBefore != default && MeanwhileAsync is { } meanwhile)
            {
                MeanwhileAsync = null;
                await meanwhile();
            }
        }
    }

    void IOutbox.Dispatch(Turn turn)
    {
        foreach (var timer in turn.Timers)
        {
            if (timer.DueAt is { } dueAt)
            {
                _pump.Expect(dueAt);
            }
        }
    }

    void IOutbox.Doubt(Turn turn)
    {
        // No turn of these tests sends anything.
    }

    /// <summary>The hash of a definition is the span that it waits for.</summary>
    ValueTask<WorkflowDefinition> IDefinitionContents.GetAsync(string hash, CancellationToken cancellationToken) => ValueTask.FromResult(
        DefinitionReader.Read(Encoding.UTF8.GetBytes(
            $$"""
            {
              "definitionId": "synthetic-delay", "name": "Synthetic delay", "version": 1,
              "root": { "id": "steps", "type": "Elsa.Sequence", "version": 1, "activities": [
                { "id": "delay", "type": "Elsa.Delay", "version": 1,
                  "timeSpan": { "typeName": "TimeSpan", "expression": { "type": "Literal", "value": "{{hash}}" } } },
                { "id": "after", "type": "Elsa.WriteLine", "version": 1,
                  "text": { "typeName": "String", "expression": { "type": "Literal", "value": "after" } } } ] }
            }
            """), AssessmentActivities.Catalog).Definition ?? throw new InvalidOperationException("The definition is unsound."));

    ValueTask<ReferenceSnapshot> IReferenceData.GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(ReferenceSnapshot.Empty);

    public async ValueTask DisposeAsync()
    {
        await _pump.StopAsync(CancellationToken.None);
        _pump.Dispose();
        await _journal.StopAsync(CancellationToken.None);
        await _journal.DisposeAsync();
        _turn.Dispose();
    }
}
