using System.Collections.Frozen;
using System.Collections.Immutable;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>
/// A workflow definition that was read and found sound: the graph that instances run on.
/// Immutable; one object serves all instances of a silo that are pinned to the same content.
/// </summary>
public sealed class WorkflowDefinition
{
    internal WorkflowDefinition(
        string definitionId,
        string name,
        DefinitionOptions options,
        ImmutableArray<VariableDefinition> variables,
        ImmutableArray<ArgumentDefinition> inputs,
        ImmutableArray<ArgumentDefinition> outputs,
        ImmutableArray<string> outcomes,
        ImmutableArray<ActivityNode> nodes)
    {
        DefinitionId = definitionId;
        Name = name;
        Options = options;
        Variables = variables;
        Inputs = inputs;
        Outputs = outputs;
        Outcomes = outcomes;
        Nodes = nodes;
        ReadsOutputs = nodes.Any(static node => node.MayReadOutputs);
    }

    /// <summary>Identity of the workflow over all its versions.</summary>
    public string DefinitionId { get; }

    /// <summary>Display name.</summary>
    public string Name { get; }

    /// <summary>Settings that concern the workflow as a whole.</summary>
    public DefinitionOptions Options { get; }

    /// <summary>Workflow variables, in the order of the document.</summary>
    public ImmutableArray<VariableDefinition> Variables { get; }

    /// <summary>Declared inputs, in the order of the document.</summary>
    public ImmutableArray<ArgumentDefinition> Inputs { get; }

    /// <summary>Declared outputs, in the order of the document.</summary>
    public ImmutableArray<ArgumentDefinition> Outputs { get; }

    /// <summary>Outcomes that the workflow offers when it is used as an activity.</summary>
    public ImmutableArray<string> Outcomes { get; }

    /// <summary>
    /// All activities, the invisible workflow root first, parents before children.
    /// <see cref="ActivityNode.Index"/> is the position here.
    /// </summary>
    public ImmutableArray<ActivityNode> Nodes { get; }

    /// <summary>Whether a script may ask for what other activities have put out.</summary>
    internal bool ReadsOutputs { get; }

    /// <summary>Activities and their outputs as the names of accessors have them: each output has one, and one that begins with a capital.</summary>
    internal FrozenSet<(string Activity, string Output)> OutputAccessors => field ??= Nodes
        .SelectMany(static node => node.Activity.Descriptor.Outputs, static (node, output) => (Activity: Names.Pascal(node.Label), output.Name))
        .SelectMany(static each => new[] { each, (each.Activity, Names.Pascal(each.Name)) })
        .ToFrozenSet();

    /// <summary>The invisible activity around <see cref="Root"/>, which holds the workflow variables.</summary>
    public ActivityNode Workflow => Nodes[0];

    /// <summary>The activity that the document calls <c>root</c>.</summary>
    public ActivityNode Root => Nodes[1];
}

/// <summary>Settings that concern a workflow as a whole.</summary>
/// <param name="IncidentStrategy">What happens to the rest of an instance when one of its activities faults.</param>
/// <param name="FlowchartMode">How flowcharts follow connections.</param>
/// <param name="ActivationStrategy">Which running instances keep another one from being started.</param>
public sealed record DefinitionOptions(IncidentStrategy IncidentStrategy, FlowchartMode FlowchartMode, ActivationStrategy ActivationStrategy = ActivationStrategy.Always)
{
    /// <summary>
    /// The activation strategy that the document names and nobody knows; null when there is none. What was published
    /// with one starts as <see cref="Definitions.ActivationStrategy.Always"/>.
    /// </summary>
    public string? UnknownActivationStrategy { get; init; }

    /// <summary>The incident strategy that the document names and nobody knows; null when there is none.</summary>
    public string? UnknownIncidentStrategy { get; init; }

    /// <summary>Whether other workflows may use this one as an activity.</summary>
    public bool IsUsableAsActivity { get; init; }
}

/// <summary>What happens to the rest of an instance when one of its activities faults.</summary>
public enum IncidentStrategy
{
    /// <summary>The instance ends as faulted. Elsa's default.</summary>
    Fault = 0,

    /// <summary>Other branches go on; the incident waits to be dealt with.</summary>
    ContinueWithIncidents = 1,
}
