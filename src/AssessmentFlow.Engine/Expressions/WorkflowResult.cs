using System.Text.Json;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// The result of another workflow in the form that Elsa gives it: stored with numbers for the statuses, and seen by
/// scripts with their names, under names of members with a capital or without.
/// </summary>
internal static class WorkflowResult
{
    private static readonly string[] Members = ["WorkflowDefinitionVersionId", "WorkflowInstanceId", "CorrelationId", "Status", "SubStatus", "Output"];

    /// <summary>The result, from what a child reported.</summary>
    public static JsonElement Of(JsonElement report) => JsonValues.Object(
        ("WorkflowDefinitionVersionId", JsonValues.Null),
        ("WorkflowInstanceId", report.Member("WorkflowInstanceId")),
        ("CorrelationId", JsonValues.Null),
        ("Status", Number<InstanceStatus>(report.Member("Status"))),
        ("SubStatus", Number<InstanceSubStatus>(report.Member("SubStatus"))),
        ("Output", report.Member("Output") is { ValueKind: JsonValueKind.Object } output ? output : JsonValues.EmptyObject));

    /// <summary>Whether a value is such a result.</summary>
    public static bool Is(JsonElement value)
    {
        var position = 0;
        foreach (var member in value.EnumerateObject())
        {
            if (position == Members.Length || member.Name != Members[position++])
            {
                return false;
            }
        }

        return position == Members.Length;
    }

    /// <summary>A member as scripts see it.</summary>
    public static JsonElement Shown(string member, JsonElement value) => (member, value.ValueKind) switch
    {
        ("Status", JsonValueKind.Number) => JsonValues.Of(((InstanceStatus)value.GetInt32()).ToString()),
        ("SubStatus", JsonValueKind.Number) => JsonValues.Of(((InstanceSubStatus)value.GetInt32()).ToString()),
        _ => value,
    };

    private static JsonElement Number<T>(JsonElement name)
        where T : struct, Enum => Enum.TryParse<T>(name.AsText(), out var value) ? JsonValues.Of(Convert.ToInt64(value)) : JsonValues.Null;
}
