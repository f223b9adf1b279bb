using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Worlds;

/// <summary>Something that happens when the clock reaches an instant.</summary>
/// <param name="Entity">The entity that it happens to.</param>
/// <param name="Name">Its name there.</param>
/// <param name="DueAt">The instant.</param>
/// <param name="Fire">Makes it happen.</param>
public sealed record WorldTimer(string Entity, string Name, DateTimeOffset DueAt, Action Fire);

/// <summary>An instance of an <see cref="EngineWorld"/>.</summary>
public sealed class WorldInstance(string id, WorkflowDefinition definition, int number)
{
    private static readonly EntityForm<InstanceState, InstanceFact> Form = new(
        EngineJson.Plain.InstanceState,
        EngineJson.Plain.InstanceFact,
        static (state, fact) =>
        {
            state.Apply(fact);
            return state;
        });

    public string Id => id;

    public WorkflowDefinition Definition => definition;

    public int Number => number;

    public WorldEntity<InstanceState, InstanceFact, InstanceEffect> Entity { get; } = new(id, new InstanceState { Id = id }, Form);

    public InstanceState State => Entity.State;

    public long Version => Entity.Version;

    /// <summary>Largest snapshot that a turn began with (bytes).</summary>
    public int StateSizeMaxBytes => Entity.StateSizeMaxBytes;

    public IReadOnlyList<InstanceFact> Facts => Entity.Facts;

    /// <summary>Changes the instance from outside, as a repair would.</summary>
    public void Change(InstanceFact fact) => Entity.Take(state =>
    {
        var after = state.Clone();
        after.Apply(fact);
        return new Decision<InstanceState, InstanceFact, InstanceEffect>.Accepted(after, [fact], []);
    });

    /// <summary>Sets a variable of the workflow from outside, as an operator would who deals with the cause of an incident.</summary>
    public void SetVariable(string name, JsonElement value) => Change(new InstanceFact.VariableSet(State.Executions.First().Key, name, value, IsLocal: false));

    /// <summary>Bookmarks of Elsa's RunTask, in the order in which they were made.</summary>
    public List<long> TasksSeen { get; } = [];

    /// <summary>Index of the activity, by run.</summary>
    public Dictionary<long, int> Nodes { get; } = [];
}

/// <summary>A line that an activity of an instance wrote.</summary>
public sealed record PrintedLine(int Instance, ActivityNode Node, string Text);

/// <summary>A turn that an instance committed; its state is the one after the turn.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="At">When.</param>
/// <param name="Input">What reached it.</param>
/// <param name="Facts">What happened.</param>
public sealed record WorldTurn(WorldInstance Instance, DateTimeOffset At, InstanceInput Input, IReadOnlyList<InstanceFact> Facts);
