using System.Text.Json;
using AssessmentFlow.Engine.Definitions;

namespace AssessmentFlow.UnitTests.Conformance;

/// <summary>A place where this engine knowingly does something else than Elsa.</summary>
/// <param name="Case">Name of the recorded case that shows it.</param>
/// <param name="Modes">Flowchart modes in which it shows.</param>
/// <param name="Elsa">What Elsa does.</param>
/// <param name="Instead">What this engine does, and why that is better.</param>
/// <param name="Actual">What is seen instead of what the case expects, by aspect: a listed case is still checked.</param>
internal sealed record DeliberateDifference(string Case, FlowchartMode[] Modes, string Elsa, string Instead, Dictionary<string, string> Actual);

/// <summary>All deliberate differences; <c>docs/elsa-compatibility.md</c> explains them to people.</summary>
internal static class DeliberateDifferences
{
    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public static IReadOnlyList<DeliberateDifference> All { get; } = JsonSerializer.Deserialize<DeliberateDifference[]>(
        File.ReadAllText(Path.Combine(Repository.Root, "tests", "AssessmentFlow.UnitTests", "Conformance", "deliberate-differences.json")), Reading)!;

    public static DeliberateDifference? For(string name, FlowchartMode mode) =>
        All.SingleOrDefault(each => each.Case == name && each.Modes.Contains(mode));
}
