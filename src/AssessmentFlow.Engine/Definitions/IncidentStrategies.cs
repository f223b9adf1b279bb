namespace AssessmentFlow.Engine.Definitions;

/// <summary>Incident strategies as definitions name them.</summary>
internal static class IncidentStrategies
{
    private const string Namespace = ".IncidentStrategies.";

    private static readonly Dictionary<string, IncidentStrategy> ByType = new(StringComparer.Ordinal)
    {
        ["FaultStrategy"] = IncidentStrategy.Fault,
        ["ContinueWithIncidentsStrategy"] = IncidentStrategy.ContinueWithIncidents,
    };

    /// <summary>What definitions may name.</summary>
    public static IEnumerable<string> Names => ByType.Keys;

    /// <summary>Reads the name of one of Elsa's strategies: alone, as Elsa lists it, or as a type, whatever assembly of Elsa it names.</summary>
    /// <param name="typeName">The name; null or empty for none.</param>
    /// <param name="strategy">The strategy; <see cref="IncidentStrategy.Fault"/> when none is named.</param>
    /// <returns>False when what is named is none of them. What was published with such a name runs as it always did.</returns>
    public static bool TryRead(string? typeName, out IncidentStrategy strategy)
    {
        strategy = IncidentStrategy.Fault;
        if (string.IsNullOrEmpty(typeName))
        {
            return true;
        }

        var type = typeName.Split(',')[0].Trim();
        var at = type.StartsWith("Elsa.", StringComparison.Ordinal) ? type.LastIndexOf(Namespace, StringComparison.Ordinal) : -1;
        if (ByType.TryGetValue(at > 0 ? type[(at + Namespace.Length)..] : type, out strategy))
        {
            return true;
        }

        strategy = typeName.Contains(nameof(IncidentStrategy.ContinueWithIncidents), StringComparison.Ordinal) ? IncidentStrategy.ContinueWithIncidents : IncidentStrategy.Fault;
        return false;
    }
}
