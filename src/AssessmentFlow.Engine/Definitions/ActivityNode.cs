using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>One activity of a definition at its place in the tree.</summary>
public sealed class ActivityNode
{
    internal ActivityNode(int index, string id, string nodeId, string? name, Activity activity, ActivityNode? parent, string path)
    {
        Index = index;
        Id = id;
        NodeId = nodeId;
        Name = name;
        Activity = activity;
        Parent = parent;
        Path = path;
    }

    /// <summary>Position in <see cref="WorkflowDefinition.Nodes"/>; what states refer to.</summary>
    public int Index { get; }

    /// <summary>Id from the document.</summary>
    public string Id { get; }

    /// <summary>Ids from the invisible root down to this activity, joined by colons.</summary>
    public string NodeId { get; }

    /// <summary>Name from the document; scripts may use it to reach outputs.</summary>
    public string? Name { get; }

    /// <summary>What the activity does.</summary>
    public Activity Activity { get; }

    /// <summary>The activity that contains this one; null for the invisible root.</summary>
    public ActivityNode? Parent { get; }

    /// <summary>JSON path of the activity in the document.</summary>
    public string Path { get; }

    /// <summary>Children of a container, in the order of the document.</summary>
    public ImmutableArray<ActivityNode> Children { get; internal set; } = [];

    /// <summary>Variables that the activity declares for itself and what it contains.</summary>
    public ImmutableArray<VariableDefinition> Variables { get; internal set; } = [];

    /// <summary>Whether the author marked the activity as one that may start the workflow.</summary>
    public bool CanStartWorkflow { get; internal set; }

    /// <summary>How the activity takes what reaches it in a token-based flowchart.</summary>
    internal MergeMode MergeMode { get; set; }

    /// <summary>Expressions by input name. An input that the author left empty is absent.</summary>
    internal ImmutableDictionary<string, InputExpression> Inputs { get; set; } = ImmutableDictionary<string, InputExpression>.Empty;

    /// <summary>Expressions outside inputs that the activity read from its own part of the document.</summary>
    internal ImmutableArray<InputExpression> PlannedExpressions { get; set; } = [];

    /// <summary>Every expression of the activity, also those inside others, in the order of inputs.</summary>
    internal IEnumerable<InputExpression> Expressions => Activity.Descriptor.Inputs
        .Where(input => Inputs.ContainsKey(input.Name))
        .Select(input => Inputs[input.Name])
        .Concat(PlannedExpressions)
        .Concat(Plan is InputExpression script ? [script] : [])
        .SelectMany(static expression => expression.WithParts());

    /// <summary>Whether a script of the activity may ask for what others have put out.</summary>
    internal bool MayReadOutputs => Activity.MakesScripts(this) || Expressions.Concat(Log?.Expressions ?? []).Any(static expression => expression.MayReadOutputs);

    /// <summary>Raw JSON of inputs that Elsa does not wrap in an expression, by input name.</summary>
    internal ImmutableDictionary<string, JsonElement> RawInputs { get; set; } = ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>Ids of the variables that outputs are captured in, by output name.</summary>
    internal ImmutableDictionary<string, string> OutputBindings { get; set; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Embedded children by port name, such as <c>Then</c>.</summary>
    internal ImmutableDictionary<string, ActivityNode> Ports { get; set; } = ImmutableDictionary<string, ActivityNode>.Empty;

    /// <summary>Which inputs and outputs the journal shows; null for all.</summary>
    internal LogPersistence? Log { get; set; }

    /// <summary>What the activity made of its own part of the document when the definition was read.</summary>
    internal object? Plan { get; set; }

    /// <summary>The workflow that the activity belongs to: the definition itself, or one that is used as an activity in it.</summary>
    internal ActivityNode Workflow => Activity is Workflow || Parent is null ? this : Parent.Workflow;

    /// <summary>JSON path of an input.</summary>
    internal string PathOf(string input) => $"{Path}.{char.ToLowerInvariant(input[0])}{input[1..]}";

    /// <summary>JSON path of what the author wrote into an input; that of the input when it was left empty.</summary>
    internal string ValuePathOf(string input) => Inputs.ContainsKey(input) ? PathOf(input) + ".expression.value" : PathOf(input);

    /// <summary>The name people know the activity by: its name, else its id.</summary>
    public string Label => string.IsNullOrEmpty(Name) ? Id : Name;
}
