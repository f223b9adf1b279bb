using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>The clients of a run. Each asks again, under the same key, until it is answered.</summary>
internal sealed class SimulatedClients
{
    /// <summary>Clients without a condition begin within this time (milliseconds).</summary>
    private const int BeginningMaxMs = 60_000;

    private static readonly TimeSpan BeforeRepeat = TimeSpan.FromSeconds(1);

    private readonly SimulatedWorld _world;
    private readonly Scenario _scenario;
    private readonly List<WaitingClient> _waiting = [];
    private readonly Dictionary<string, DateTimeOffset> _tasks = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _unanswered = new(StringComparer.Ordinal);

    public SimulatedClients(SimulatedWorld world, Scenario scenario, ImmutableSortedSet<int> leftOut)
    {
        _world = world;
        _scenario = scenario;
        for (var i = 0; i < scenario.Requests.Count; i++)
        {
            // Drawn for all, so that leaving one out does not move the others.
            var at = world.Now.AddMilliseconds(world.Draw(BeginningMaxMs));
            if (!leftOut.Contains(i))
            {
                _waiting.Add(new WaitingClient(scenario.Requests[i], scenario.Requests[i].NotBefore ?? at));
            }
        }
    }

    /// <summary>What clients would do now.</summary>
    public IEnumerable<(string Name, Action Run)> Ready()
    {
        foreach (var waiting in _waiting)
        {
            if (waiting.IsReady(_world))
            {
                yield return ($"a client begins to ask: {waiting.Request.Name}", () => Begin(waiting));
            }
        }

        foreach (var task in OpenTasks())
        {
            if (TimeOf(task) <= _world.Now)
            {
                yield return ($"somebody completes task {task.Id}", () => Complete(task));
            }
        }
    }

    /// <summary>When clients begin to ask.</summary>
    public IEnumerable<DateTimeOffset> Next() => _waiting.Select(waiting => waiting.At).Concat(_tasks.Values);

    /// <summary>Requests that were made and never answered.</summary>
    public IReadOnlyCollection<string> Unanswered() => _unanswered;

    private IEnumerable<FoundRow> OpenTasks() => _scenario.TaskAnswer is null
        ? []
        : _world.Store.List(new ViewQuery { View = Views.Tasks, B = ["open", "claimed"], Max = int.MaxValue });

    /// <summary>When somebody completes a task, or has done so.</summary>
    private DateTimeOffset TimeOf(FoundRow task)
    {
        if (!_tasks.TryGetValue(task.Id, out var at))
        {
            using var shown = JsonDocument.Parse(task.Row.Body);
            var after = _scenario.TaskPause(shown.RootElement);
            _tasks[task.Id] = at = _world.TimeAfter(after);
        }

        return at;
    }

    private void Complete(FoundRow task)
    {
        _tasks[task.Id] = DateTimeOffset.MaxValue; // Once.
        _ = TaskIds.TryParse(task.Id, out var instanceId, out var bookmark);
        using var shown = JsonDocument.Parse(task.Row.Body);
        var actor = shown.RootElement.Member("task").Member("assignedTo").AsText() is { } role ? new Actor($"simulated {role}", [role]) : Actor.System;
        var act = new InstanceInput.Act(bookmark, "complete", _scenario.TaskAnswer!(shown.RootElement), actor, IfChangedAt: null);
        Begin(new ClientRequest(
            $"complete-{task.Id}",
            new EntityId(EntityKinds.Instance, instanceId),
            JsonSerializer.SerializeToUtf8Bytes<InstanceInput>(act, EngineJson.Plain.InstanceInput)));
    }

    private void Begin(WaitingClient waiting)
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

    /// <summary>A client that has not asked yet.</summary>
    private sealed class WaitingClient(ClientRequest request, DateTimeOffset at)
    {
        private long _seen;
        private bool _hasBegunToTakeItsTime = request.After == TimeSpan.Zero;

        public ClientRequest Request => request;

        /// <summary>Before this it does not ask.</summary>
        public DateTimeOffset At { get; private set; } = at;

        public bool IsReady(SimulatedWorld world)
        {
            if (At > world.Now || !StandsAsAwaited(world.Store))
            {
                return false;
            }

            if (_hasBegunToTakeItsTime)
            {
                return true;
            }

            _hasBegunToTakeItsTime = true;
            At = world.TimeAfter(request.After);
            return false;
        }

        /// <summary>A state that was looked at and is not the awaited one is not looked at again.</summary>
        private bool StandsAsAwaited(SimulatedStore store)
        {
            if (request.WhenAwaited is { } awaited && store.FindWaiting(awaited.Event, awaited.CorrelationId).Count is 0)
            {
                return false;
            }

            if (request.When is not { } isAwaited)
            {
                return true;
            }

            if (store.Find(request.Watched) is not { } entity || entity.Version == _seen)
            {
                return false;
            }

            var stands = isAwaited(entity.State);
            _seen = stands ? 0 : entity.Version;
            return stands;
        }
    }
}
