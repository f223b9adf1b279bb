using System.Globalization;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>Which running instances keep another one from being started.</summary>
public enum ActivationStrategy
{
    /// <summary>None. Elsa's default.</summary>
    Always = 0,

    /// <summary>One of the same workflow.</summary>
    Singleton = 1,

    /// <summary>One of any workflow with the same business identity.</summary>
    Correlation = 2,

    /// <summary>One of the same workflow with the same business identity.</summary>
    CorrelatedSingleton = 3,
}

/// <summary>Strategies as definitions name them, and what they mean.</summary>
public static class ActivationStrategies
{
    /// <summary>Code of the refusal to start an instance beside another one.</summary>
    public const string Refused = "activation-refused";

    private const string Namespace = ".ActivationValidators.";

    private static readonly Dictionary<string, ActivationStrategy> ByType = new(StringComparer.Ordinal)
    {
        ["AllowAlwaysStrategy"] = ActivationStrategy.Always,
        ["SingletonStrategy"] = ActivationStrategy.Singleton,
        ["CorrelationStrategy"] = ActivationStrategy.Correlation,
        ["CorrelatedSingletonStrategy"] = ActivationStrategy.CorrelatedSingleton,
    };

    internal static IEnumerable<string> Names => ByType.Keys;

    /// <summary>Reads the type name of one of Elsa's strategies, whatever assembly of Elsa it names.</summary>
    /// <param name="typeName">The type name, such as <c>Elsa.Workflows.Runtime.ActivationValidators.SingletonStrategy, Elsa.Workflows.Runtime</c>; null or empty for none.</param>
    /// <param name="strategy">The strategy; <see cref="ActivationStrategy.Always"/> when none is named.</param>
    /// <returns>False when what is named is none of them.</returns>
    internal static bool TryRead(string? typeName, out ActivationStrategy strategy)
    {
        strategy = ActivationStrategy.Always;
        if (string.IsNullOrEmpty(typeName))
        {
            return true;
        }

        var type = typeName.Split(',')[0].Trim();
        var at = type.LastIndexOf(Namespace, StringComparison.Ordinal);
        return at > 0
            && type.StartsWith("Elsa.", StringComparison.Ordinal)
            && ByType.TryGetValue(type[(at + Namespace.Length)..], out strategy);
    }

    /// <summary>The running instances beside which a start is refused; null when there may be any.</summary>
    /// <param name="strategy">The strategy of the workflow.</param>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="correlationId">
    /// Business identity of the instance; null or empty when it has none. Then <see cref="ActivationStrategy.Correlation"/>
    /// has nothing to compare, and <see cref="ActivationStrategy.CorrelatedSingleton"/> compares the workflow alone.
    /// </param>
    public static ExcludingInstances? Excluding(this ActivationStrategy strategy, string definitionId, string? correlationId)
    {
        correlationId = string.IsNullOrEmpty(correlationId) ? null : correlationId;
        return strategy switch
        {
            ActivationStrategy.Singleton => new($"singleton/{definitionId}", definitionId, CorrelationId: null),
            ActivationStrategy.Correlation when correlationId is not null => new($"correlation/{correlationId}", DefinitionId: null, correlationId),
            ActivationStrategy.CorrelatedSingleton => new(
                string.Create(CultureInfo.InvariantCulture, $"correlated-singleton/{definitionId.Length}/{definitionId}/{correlationId}"), definitionId, correlationId),
            _ => null,
        };
    }
}

/// <summary>Running instances beside which a start is refused.</summary>
/// <param name="Claim">A name that one instance at a time can hold: of two that start at once, one gets it.</param>
/// <param name="DefinitionId">Only those of this workflow; null for all.</param>
/// <param name="CorrelationId">Only those with this business identity; null for all.</param>
public sealed record ExcludingInstances(string Claim, string? DefinitionId, string? CorrelationId);
