using System.Collections.Immutable;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Runtime.Definitions;

/// <summary>Requests that start two workflows: which of them is meant, nobody could say, and both would be refused them.</summary>
internal static class StartRouteChecks
{
    /// <summary>
    /// Endpoints whose requests start another workflow already. Two that are published at the same moment may both pass;
    /// their requests are then refused as ambiguous.
    /// </summary>
    /// <param name="definition">The definition that is to be published.</param>
    /// <param name="now">When.</param>
    /// <param name="queries">What is in force.</param>
    public static async Task<ImmutableArray<DefinitionProblem>> TakenAsync(WorkflowDefinition definition, DateTimeOffset now, IJournalQueries queries)
    {
        var taken = ImmutableArray.CreateBuilder<DefinitionProblem>();
        foreach (var route in StartRoutes.Of(definition, now))
        {
            if (await FindOtherAsync(definition.DefinitionId, route, queries) is { } other)
            {
                taken.Add(new DefinitionProblem(
                    route.At,
                    "http-path-taken",
                    $"{route.Method} /{route.Path} starts the workflow '{other}' already: choose another path or method, or retract that one first.",
                    route.Activity));
            }
        }

        return taken.ToImmutable();
    }

    private static async Task<string?> FindOtherAsync(string definitionId, StartRoute route, IJournalQueries queries)
    {
        foreach (var key in route.Keys)
        {
            var others = await FiredTriggers.FindAsync(queries, StartTrigger.HttpKind, key, publishedBy: null, CancellationToken.None);
            if (others.FirstOrDefault(each => each.DefinitionId != definitionId) is { } other)
            {
                return other.DefinitionId;
            }
        }

        return null;
    }
}
