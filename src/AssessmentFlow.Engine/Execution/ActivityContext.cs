using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;

namespace AssessmentFlow.Engine.Execution;

/// <summary>What an activity sees and may do during one callback.</summary>
public sealed partial class ActivityContext
{
    private readonly TurnInterpreter _turn;
    private readonly ActivityExecution _execution;
    private readonly ExpressionScope _scope;
    private OrderedDictionary<string, JsonElement>? _outputs;

    internal ActivityContext(TurnInterpreter turn, ActivityNode node, ActivityExecution execution)
    {
        _turn = turn;
        _execution = execution;
        _scope = new ExpressionScope(turn, execution);
        Node = node;
    }

    /// <summary>The activity at its place in the definition.</summary>
    public ActivityNode Node { get; }

    /// <summary>Server time of the turn and the version that it will commit.</summary>
    public Moment Moment => _turn.Moment;

    /// <summary>What started the instance, when this very activity was the trigger and begins now; else null.</summary>
    internal FiredTrigger? Trigger { get; init; }

    /// <summary>The child in which the instance was started by a trigger that has not begun yet; null when there is none.</summary>
    internal ActivityNode? TriggerChild
    {
        get
        {
            var at = _turn.State.Trigger is { } trigger ? _turn.Definition.Nodes[trigger.Node] : null;
            while (at is not null && at.Parent != Node)
            {
                at = at.Parent;
            }

            return at;
        }
    }

    /// <summary>Id of the instance.</summary>
    public string InstanceId => _turn.State.Id;

    /// <summary>Business identity of the instance; for assessments the id of the case.</summary>
    public string? CorrelationId => _turn.State.CorrelationId;

    /// <summary>Number of this run of the activity within the instance.</summary>
    public long ExecutionId => _execution.Id;

    /// <summary>Whether a flowchart came to this run by a connection that leads back.</summary>
    internal bool IsBackward => _execution.IsBackward;

    internal TurnInterpreter Turn => _turn;

    internal ExpressionScope Scope => _scope;

    /// <summary>Sets an output and, where the author bound it, the variable or workflow output behind it.</summary>
    public void SetOutput(string name, JsonElement value)
    {
        _turn.SetOutput(Node, _execution, name, value);
        (_outputs ??= new(StringComparer.Ordinal))[name] = value;
    }

    /// <summary>Sets an output of the workflow.</summary>
    public void SetWorkflowOutput(string name, JsonElement value) =>
        _turn.SetWorkflowOutput(ExecutionId, name, value);

    /// <summary>Ends the run with the outcome of an activity that names none.</summary>
    public void Complete() => Complete(Outcome.Done);

    /// <summary>Ends the run; connections whose port is among the outcomes are followed. An empty list follows none.</summary>
    public void Complete(params ImmutableArray<string> outcomes) => _turn.Complete(ExecutionId, outcomes, ShownOutputs());

    /// <summary>Schedules a child; it starts later in this turn, after what is already scheduled.</summary>
    /// <param name="child">The child.</param>
    /// <param name="locals">Values that only this run of the child sees, by name.</param>
    public void Schedule(ActivityNode child, OrderedDictionary<string, JsonElement>? locals = null) =>
        _turn.Schedule(child, ExecutionId, isBackward: false, locals);

    /// <summary>Completes when no child is left that still has to do something or waits to be repaired.</summary>
    internal void CompleteWhenNothingIsLeft()
    {
        if (!_turn.HasLiveChildren(ExecutionId) && !_turn.IsToBeRepaired(ExecutionId))
        {
            Complete();
        }
    }

    /// <summary>Begins to wait.</summary>
    /// <param name="payload">What is waited for, for those who look.</param>
    /// <param name="key">Key by which the waiting is found from outside; null when nobody looks for it.</param>
    /// <param name="dueAt">When to call <see cref="Activity.OnDue"/>; null for never.</param>
    /// <param name="goesOn">Whether the system itself answers at once, so that the run goes on with what it has put out so far.</param>
    public Bookmark Wait(JsonElement payload, string? key = null, DateTimeOffset? dueAt = null, bool goesOn = false)
    {
        var bookmark = new Bookmark
        {
            Id = _turn.State.LastId + 1,
            Execution = ExecutionId,
            Kind = Node.Activity.Descriptor.TypeName,
            Key = key,
            Payload = payload,
            DueAt = dueAt,
            IsGoingOn = goesOn,
            CreatedAt = Moment.Now,
            ChangedAt = Moment.Version,
        };
        _turn.Record(new InstanceFact.BookmarkCreated(bookmark));
        return bookmark;
    }

    /// <summary>The number that the next <see cref="Wait"/> will give to its bookmark.</summary>
    public long NextBookmark => _turn.State.LastId + 1;

    /// <summary>Changes what is waited for, without ending the waiting.</summary>
    /// <param name="bookmark">The bookmark with its new members.</param>
    /// <param name="act">Name of the act that changed it; null when time did.</param>
    /// <param name="by">Who acted.</param>
    public Bookmark Change(Bookmark bookmark, string? act, string? by) => _turn.Change(bookmark, act, by);

    /// <summary>Ends a waiting with its answer; the run goes on.</summary>
    public void Burn(Bookmark bookmark, JsonElement payload, string? by = null) =>
        _turn.Record(new InstanceFact.BookmarkBurned(bookmark.Id, ExecutionId, by, payload));

    /// <summary>What the activity remembers between callbacks; changes to the object are kept.</summary>
    public T Memory<T>(JsonContract<T> contract)
        where T : class, new() => _turn.Memory(ExecutionId, contract);

    /// <summary>Records a line for the readers of the journal.</summary>
    public void WriteLine(string text) => _turn.Record(new InstanceFact.LineWritten(ExecutionId, text));

    /// <summary>Changes the business identity of the instance.</summary>
    public void Correlate(string? correlationId) => _scope.CorrelationId = correlationId;

    /// <summary>Changes the display name of the instance.</summary>
    public void Rename(string? name) => _scope.InstanceName = name;

    /// <summary>Tells others something after the commit.</summary>
    public void Tell(InstanceEffect effect) => _turn.Tell(effect);

    /// <summary>Asks another entity to do something and waits for its answer, which comes to <see cref="Activity.OnReply"/>.</summary>
    /// <param name="kind">Kind of the entity, such as <c>assessment</c>.</param>
    /// <param name="id">Its id.</param>
    /// <param name="body">What is asked, in the language of that kind.</param>
    /// <param name="payload">What those who look at the instance see as waited for.</param>
    /// <param name="answersLater">
    /// Whether the other entity answers when it has an outcome, instead of at once. A refusal always comes at once.
    /// </param>
    public Bookmark Ask(string kind, string id, JsonElement body, JsonElement payload, bool answersLater)
    {
        var bookmark = Wait(payload, goesOn: !answersLater);
        Tell(new InstanceEffect.Ask(kind, id, body, bookmark.Id, answersLater));
        return bookmark;
    }

    /// <summary>Whether the author drew a connection from that port of this activity.</summary>
    public bool HasConnectionFrom(string port) =>
        Node.Parent?.Plan is FlowPlan plan
        && plan.Connections.Any(connection => connection.Source == Node && connection.Port == port);

    /// <summary>Whether the journal shows an output.</summary>
    internal bool ShowsOutput(string name) => Node.Log is not { } log || log.ShowsOutput(name, _scope);

    private OrderedDictionary<string, JsonElement>? ShownOutputs()
    {
        if (_outputs is null || Node.Log is null)
        {
            return _outputs;
        }

        var shown = _outputs.Where(output => ShowsOutput(output.Key)).ToArray();
        return shown.Length > 0 ? new(shown, StringComparer.Ordinal) : null;
    }
}
