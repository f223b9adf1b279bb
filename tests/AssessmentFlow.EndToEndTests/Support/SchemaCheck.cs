using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>
/// Compares JSON with a schema of an OpenAPI 3.1 document, stricter than the standard: where a schema lists members, any
/// other member is a fault too, since nobody could know of it.
/// </summary>
internal static class SchemaCheck
{
    /// <summary>Where and how JSON differs from a schema; empty when it does not.</summary>
    public static IEnumerable<string> Faults(JsonNode document, JsonNode schema, JsonElement json, string path = "$")
    {
        var named = Resolve(document, schema).AsObject();
        var alternatives = named["oneOf"] ?? named["anyOf"];
        if (alternatives is not null)
        {
            var each = alternatives.AsArray().Select(alternative => Faults(document, alternative!, json, path).ToList()).ToList();
            return each.Exists(faults => faults.Count is 0) ? [] : each.MinBy(faults => faults.Count)!;
        }

        if (!TypesOf(named).Contains(TypeOf(json)) && !(TypeOf(json) is "integer" && TypesOf(named).Contains("number")) && TypesOf(named).Count > 0)
        {
            return [$"{path} is {TypeOf(json)}, and {string.Join(" or ", TypesOf(named))} is described"];
        }

        if (named["enum"] is JsonArray names && json.ValueKind is JsonValueKind.String && !names.Any(name => (string?)name == json.GetString()))
        {
            return [$"{path} is '{json.GetString()}', which is none of {names.ToJsonString()}"];
        }

        return json.ValueKind switch
        {
            JsonValueKind.Object => Members(document, named, json, path),
            JsonValueKind.Array when named["items"] is { } items => json.EnumerateArray().SelectMany((item, index) => Faults(document, items, item, $"{path}[{index}]")),
            JsonValueKind.String => Format((string?)named["format"], json.GetString()!) ? [] : [$"{path} is '{json.GetString()}', which is no {named["format"]}"],
            _ => [],
        };
    }

    /// <summary>The schema that a reference leads to; else the schema itself.</summary>
    public static JsonNode Resolve(JsonNode document, JsonNode schema) => (string?)schema["$ref"] is { } reference
        ? reference.TrimStart('#', '/').Split('/').Aggregate(document, (node, name) => node[name] ?? throw new InvalidOperationException($"{reference} leads nowhere."))
        : schema;

    private static IEnumerable<string> Members(JsonNode document, JsonObject schema, JsonElement json, string path)
    {
        foreach (var name in (schema["required"]?.AsArray() ?? []).Select(name => (string)name!))
        {
            if (!json.TryGetProperty(name, out _))
            {
                yield return $"{path}.{name} is missing";
            }
        }

        foreach (var member in json.EnumerateObject())
        {
            var described = schema["properties"]?[member.Name] ?? schema["additionalProperties"];
            if (described is null && schema["properties"] is not null)
            {
                yield return $"{path}.{member.Name} is not described";
            }

            foreach (var fault in described is JsonObject ? Faults(document, described, member.Value, $"{path}.{member.Name}") : [])
            {
                yield return fault;
            }
        }
    }

    private static IReadOnlyList<string> TypesOf(JsonObject schema) => schema["type"] switch
    {
        JsonArray several => [.. several.Select(type => (string)type!)],
        JsonValue one => [(string)one!],
        _ => [],
    };

    private static string TypeOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => json.TryGetInt64(out _) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    private static bool Format(string? format, string text) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) && text.Contains('T', StringComparison.Ordinal),
        _ => true,
    };
}
