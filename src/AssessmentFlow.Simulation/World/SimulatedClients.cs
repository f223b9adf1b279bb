using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>The clients of a run. Each asks again, under the same key, until it is answered.</summary>
internal sealed class SimulatedClients
{
    /// <summary>Clients without a condition begin within this time (milliseconds).</summary>
    private const int BeginningMaxMs = 60_000;

    /// <summary>Tasks that are looked at in one go (count).</summary>
    private const int TasksMax = 1_000;

    private static readonly TimeSpan BeforeRepeat = TimeSpan.FromSeconds(1);

    private readonly SimulatedWorld _world;
    private readonly Func<JsonElement, JsonElement>? _taskAnswer;
    private readonly List<(ClientRequest Request, DateTimeOffset At)> _waiting = [];
    private readonly HashSet<string> _tasks = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _unanswered = new(StringComparer.Ordinal);

    public SimulatedClients(SimulatedWorld world, Scenario scenario, ImmutableSortedSet<int> leftOut)
    {
        _world = world;
        _taskAnswer = scenario.TaskAnswer;
        for (var i = 0; i < scenario.Requests.Count; i++)
        {
            // Drawn for all, so that leaving one out does not move the others.
            var at = world.Now.AddMilliseconds(world.Draw(BeginningMaxMs));
            if (!leftOut.Contains(i))
            {
                _waiting.Add((scenario.Requests[i], at));
            }
        }
    }

    /// <summary>What clients would do now.</summary>
    public IEnumerable<(string Name, Action Run)> Ready()
    {
        foreach (var waiting in _waiting)
        {
            if (waiting.At <= _world.Now && waiting.Request.When?.Invoke(_world.Store) is not false)
            {
                yield return ($"a client begins to ask: {waiting.Request.Name}", () => Begin(waiting));
            }
        }

        foreach (var task in OpenTasks())
        {
            yield return ($"somebody completes task {task.Id}", () => Complete(task));
        }
    }

    /// <summary>When clients begin to ask.</summary>
    public IEnumerable<DateTimeOffset> Next() => _waiting.Select(waiting => waiting.At);

    /// <summary>Requests that were made and never answered.</summary>
    public IReadOnlyCollection<string> Unanswered() => _unanswered;

    private IEnumerable<FoundRow> OpenTasks() => _taskAnswer is null ? [] : _world.Store
        .List(new ViewQuery { View = Views.Tasks, B = ["open", "claimed"], Max = TasksMax })
        .Where(task => !_tasks.Contains(task.Id));

    private void Complete(FoundRow task)
    {
        _tasks.Add(task.Id);
        _ = TaskIds.TryParse(task.Id, out var instanceId, out var bookmark);
        using var shown = JsonDocument.Parse(task.Row.Body);
        var act = new InstanceInput.Act(bookmark, "complete", _taskAnswer!(shown.RootElement), Actor.System, IfChangedAt: null);
        Begin(new ClientRequest(
            $"complete-{task.Id}",
            new EntityId(EntityKinds.Instance, instanceId),
            JsonSerializer.SerializeToUtf8Bytes<InstanceInput>(act, EngineJson.Plain.InstanceInput)));
    }

    private void Begin((ClientRequest Request, DateTimeOffset At) waiting)
    {
        _waiting.Remove(waiting);
        Begin(waiting.Request);
    }

    private void Begin(ClientRequest request)
    {
        _unanswered.Add(request.Name);
        _world.Loop.Start(() => AskAsync(request));
    }

    private async Task AskAsync(ClientRequest request)
    {
        var envelope = new Envelope
        {
            InputId = $"client/{request.Name}",
            Input = request.Input,
            Actor = "client",
            Fingerprint = SHA256.HashData(request.Input),
            BeginsEntity = request.BeginsEntity,
        };
        while (true)
        {
            try
            {
                var answer = await _world.Cluster.SendAsync(from: null, request.Entity, envelope);
                _unanswered.Remove(request.Name);
                _world.Checks.OnAcknowledged(request.Entity, envelope.InputId, answer);
                return;
            }
            catch (Exception e) when (e is OrleansException or TimeoutException or JournalUnavailableException or JournalBusyException)
            {
                await _world.WaitAsync($"a client is about to ask again: {request.Name}", BeforeRepeat);
            }
        }
    }
}
