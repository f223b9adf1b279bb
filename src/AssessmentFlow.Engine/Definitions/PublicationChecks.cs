using System.Collections.Immutable;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>
/// What must hold of a definition before instances may run on it, beyond that it can be read. These checks may become
/// stricter: they are asked when a version is imported or published, never again for what was published before, so
/// that running cases keep the definition they began with.
/// </summary>
public static class PublicationChecks
{
    /// <summary>Everything that can never run as its author meant it, in the order of the document; empty when there is nothing.</summary>
    /// <param name="definition">The definition as it was read.</param>
    /// <param name="now">When it is published; expressions of triggers see this time.</param>
    /// <param name="surroundings">Reference data as it stands now; null when it is not known, and then nothing is compared with it.</param>
    public static ImmutableArray<DefinitionProblem> Of(WorkflowDefinition definition, DateTimeOffset now, Surroundings? surroundings = null)
    {
        ImmutableArray<DefinitionProblem> blank = [.. definition.Nodes.SelectMany(BlankInputs)];
        var triggers = StartTriggers.WithNodes(definition, now, out var unreadable);
        ImmutableArray<DefinitionProblem> inputs =
        [
            .. blank,
            .. definition.Nodes.SelectMany(node => FixedInputs.FlawsOf(node, definition.DefinitionId, surroundings)),
            .. definition.Nodes.SelectMany(ReferenceChecks.UnknownVariables),
            .. definition.Nodes.SelectMany(ReferenceChecks.FlawedExpressions),
        ];

        // A trigger whose input is wrong is told once, by the input.
        return
        [
            .. UnknownStrategies(definition.Options),
            .. definition.Nodes.SelectMany(VariableChecks.RepeatedIds),
            .. inputs,
            .. unreadable.Where(trigger => !inputs.Any(problem => problem.Path.StartsWith(trigger.Path, StringComparison.Ordinal))),
            .. TimeChecks.NeverDue(definition, triggers, now),
            .. RepeatedRoutes(definition),
        ];
    }

    /// <summary>What runs, if to no purpose, and that its author most likely did not mean, in the order of the document.</summary>
    /// <param name="definition">The definition as it was read; what was odd about its form was told then.</param>
    /// <param name="now">When it is published.</param>
    public static ImmutableArray<DefinitionProblem> WarningsOf(WorkflowDefinition definition, DateTimeOffset now)
    {
        // Of a workflow that is used as an activity, its own author was told.
        ImmutableArray<ActivityNode> own = [.. definition.Nodes.Where(static node => node.Workflow.Parent is null)];
        return
        [
            .. own.SelectMany(VariableChecks.RepeatedNames),
            .. own.SelectMany(node => ReferenceChecks.Warnings(definition, node)),
            .. TimeChecks.Passed(StartTriggers.WithNodes(definition, now, out _), now),
        ];
    }

    private static IEnumerable<DefinitionProblem> UnknownStrategies(DefinitionOptions options)
    {
        if (options.UnknownActivationStrategy is { } activation)
        {
            yield return new DefinitionProblem(
                "$.options.activationStrategyType",
                "activation-strategy-unknown",
                $"'{activation}' is no activation strategy; write the type name of one of Elsa's: {string.Join(", ", ActivationStrategies.Names)}.");
        }

        if (options.UnknownIncidentStrategy is { } incident)
        {
            yield return new DefinitionProblem(
                "$.options.incidentStrategyType",
                "incident-strategy-unknown",
                $"'{incident}' is no incident strategy; write the name of one of Elsa's: {string.Join(", ", IncidentStrategies.Names)}.");
        }
    }

    /// <summary>Endpoints that take the same requests: which of them is meant, nobody could say.</summary>
    private static IEnumerable<DefinitionProblem> RepeatedRoutes(WorkflowDefinition definition) =>
        from node in definition.Nodes
        where node.Activity is HttpEndpoint
        from route in HttpEndpoint.FixedRoutes(node).Distinct()
        group node by route into endpoints
        from other in endpoints.Skip(1)
        select new DefinitionProblem(
            $"{other.Path}.path.expression.value",
            "http-path-repeated",
            $"'{endpoints.First().Label}' takes {endpoints.Key.Method} /{endpoints.Key.Path} already: give each endpoint a path or method of its own.",
            other.Label);

    /// <summary>Studio leaves an emptied field behind as empty text: it is as good as missing.</summary>
    private static IEnumerable<DefinitionProblem> BlankInputs(ActivityNode node) =>
        from input in node.Activity.Descriptor.Inputs
        where input.IsRequired && node.Inputs.TryGetValue(input.Name, out var expression) && expression.IsBlank
        select new DefinitionProblem(
            node.ValuePathOf(input.Name),
            "input-missing",
            $"The input {input.Name} is required.",
            node.Label);
}
