using System.Text.Json;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Worlds;

/// <summary>Compares what is expected of a JSON value with the value.</summary>
public static class PartialJson
{
    /// <summary>
    /// What differs: of an object the members expected must be there and match, lists must match in length and order,
    /// instants must be the same instant. Null where null is expected, or nothing.
    /// </summary>
    /// <returns>The path and the values of the first difference; null when there is none.</returns>
    public static string? Difference(JsonElement expected, JsonElement actual, string path = "$")
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object when actual.ValueKind is JsonValueKind.Object:
                return expected.EnumerateObject()
                    .Select(member => Difference(member.Value, actual.Member(member.Name), $"{path}.{member.Name}"))
                    .FirstOrDefault(difference => difference is not null);
            case JsonValueKind.Array when actual.ValueKind is JsonValueKind.Array && expected.GetArrayLength() == actual.GetArrayLength():
                return expected.EnumerateArray().Zip(actual.EnumerateArray())
                    .Select((pair, index) => Difference(pair.First, pair.Second, $"{path}[{index}]"))
                    .FirstOrDefault(difference => difference is not null);
            default:
                return IsSame(expected, actual) ? null : $"{path} is {Text(actual)}, expected {Text(expected)}";
        }
    }

    private static bool IsSame(JsonElement expected, JsonElement actual) =>
        (expected.IsNull() && actual.IsNull())
        || (expected.ValueKind == actual.ValueKind && JsonElement.DeepEquals(expected, actual))
        || (expected.AsText() is { } one && actual.AsText() is { } other && one.Contains('T') && other.Contains('T')
            && DateTimeOffset.TryParse(one, out var first) && DateTimeOffset.TryParse(other, out var second) && first == second);

    private static string Text(JsonElement value) => value.ValueKind is JsonValueKind.Undefined ? "nothing" : value.GetRawText();
}
