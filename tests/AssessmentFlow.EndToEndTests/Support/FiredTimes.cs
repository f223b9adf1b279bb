using System.Text.Json.Nodes;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>A time of a trigger that started an instance, as the journal has it.</summary>
/// <param name="DueAt">The time.</param>
/// <param name="InstanceId">The instance.</param>
public sealed record FiredTime(DateTimeOffset DueAt, string InstanceId)
{
    /// <summary>All firings of a workflow, oldest first, read past the server.</summary>
    public static async Task<IReadOnlyList<FiredTime>> ReadAsync(Installation installation, string definitionId)
    {
        var turns = await installation.ReadAsync(
            "SELECT entity_id, version, facts FROM turn WHERE entity_id LIKE 'trigger-set/%' ORDER BY version",
            row => (Entity: row.GetString(0), Facts: JsonNode.Parse((byte[])row[2])!.AsArray()));
        return
        [
            .. from turn in turns
               where turn.Entity == $"trigger-set/{definitionId}"
               from fact in turn.Facts
               where (string?)fact!["fact"] is "trigger-fired"
               select new FiredTime((DateTimeOffset)fact["dueAt"]!, (string)fact["instanceId"]!),
        ];
    }
}
