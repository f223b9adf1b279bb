using System.Buffers;
using System.Text.Json;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>How the flowcharts of a definition follow connections. Names as in Elsa's <c>FlowchartExecutionMode</c>.</summary>
public enum FlowchartMode
{
    /// <summary>Every connection is visited, followed or as a dead path; joins count visits. Elsa's default.</summary>
    CounterBased = 0,

    /// <summary>Only followed connections carry a token; joins look at the tokens before them.</summary>
    TokenBased = 1,
}

/// <summary>
/// Where a definition says which mode it runs in: <c>customProperties.flowchartExecutionMode</c>, which Studio keeps.
/// Elsa chooses the mode per run or per host; here it is part of the content that an instance is pinned to,
/// so that neither a restart with other settings nor a migration to another host changes a running case.
/// </summary>
public static class FlowchartModePin
{
    private const string Container = "customProperties";
    private const string Member = "flowchartExecutionMode";
    private const string Unset = "Default";

    /// <summary>Writes the mode into a definition that does not name one.</summary>
    /// <param name="document">UTF-8 JSON of a definition.</param>
    /// <param name="mode">The mode of the host. <see cref="FlowchartMode.CounterBased"/> is what absence means and is not written.</param>
    /// <returns>The document with its mode; the same bytes when there is nothing to write, or the document is no definition.</returns>
    public static byte[] Pin(byte[] document, FlowchartMode mode)
    {
        if (mode is FlowchartMode.CounterBased)
        {
            return document;
        }

        try
        {
            using var json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = DefinitionLimits.DocumentDepthMax });
            var definition = json.RootElement;
            return definition.ValueKind is not JsonValueKind.Object || !IsUnset(definition.Member(Container).Member(Member))
                ? document
                : Write(definition, mode);
        }
        catch (JsonException)
        {
            return document; // The reader says what is wrong with it.
        }
    }

    /// <summary>The mode that a definition names.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="mode">The mode; <see cref="FlowchartMode.CounterBased"/> when none is named.</param>
    /// <returns>False when what is named is no mode.</returns>
    internal static bool TryRead(JsonElement definition, out FlowchartMode mode)
    {
        mode = FlowchartMode.CounterBased;
        var named = definition.Member(Container).Member(Member);
        return IsUnset(named)
            || (named.AsText() is { } name && Enum.TryParse(name, ignoreCase: false, out mode) && Enum.IsDefined(mode) && !char.IsAsciiDigit(name[0]));
    }

    internal static string Path => $"$.{Container}.{Member}";

    private static bool IsUnset(JsonElement named) => named.IsNull() || named.AsText() is Unset or "";

    private static byte[] Write(JsonElement definition, FlowchartMode mode)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, PlainJson.Writer))
        {
            writer.WriteStartObject();
            foreach (var member in definition.EnumerateObject().Where(member => !member.NameEquals(Container)))
            {
                member.WriteTo(writer);
            }

            writer.WriteStartObject(Container);
            var properties = definition.Member(Container);
            foreach (var property in properties.ValueKind is JsonValueKind.Object ? properties.EnumerateObject() : default)
            {
                if (!property.NameEquals(Member))
                {
                    property.WriteTo(writer);
                }
            }

            writer.WriteString(Member, mode.ToString());
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
