using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>Makers of JSON values. All values of variables, inputs and outputs are JSON.</summary>
public static class JsonValues
{
    /// <summary>JSON null.</summary>
    public static readonly JsonElement Null = JsonElement.Parse("null");

    /// <summary>JSON true.</summary>
    public static readonly JsonElement True = JsonElement.Parse("true");

    /// <summary>JSON false.</summary>
    public static readonly JsonElement False = JsonElement.Parse("false");

    /// <summary>An empty JSON object.</summary>
    public static readonly JsonElement EmptyObject = JsonElement.Parse("{}");

    /// <summary>An empty JSON array.</summary>
    public static readonly JsonElement EmptyArray = JsonElement.Parse("[]");

    /// <summary>A JSON string, or null for null.</summary>
    public static JsonElement Of(string? value) =>
        value is null ? Null : JsonSerializer.SerializeToElement(value, JsonValuesContext.Plain.String);

    /// <summary>A JSON number.</summary>
    public static JsonElement Of(long value) => JsonSerializer.SerializeToElement(value, JsonValuesContext.Plain.Int64);

    /// <summary>A JSON number; whole numbers are written without a fraction, as JavaScript shows them.</summary>
    public static JsonElement Of(double value) =>
        double.IsInteger(value) && Math.Abs(value) < 1L << 53
            ? Of((long)value)
            : double.IsFinite(value) ? JsonSerializer.SerializeToElement(value, JsonValuesContext.Plain.Double) : Null;

    /// <summary>A JSON number.</summary>
    public static JsonElement Of(decimal value) => JsonSerializer.SerializeToElement(value, JsonValuesContext.Plain.Decimal);

    /// <summary>JSON true or false.</summary>
    public static JsonElement Of(bool value) => value ? True : False;

    /// <summary>An instant as ISO 8601 text with offset, or null for null.</summary>
    public static JsonElement Of(DateTimeOffset? value) =>
        value is { } at ? JsonSerializer.SerializeToElement(at, JsonValuesContext.Plain.DateTimeOffset) : Null;

    /// <summary>A span of time as <c>[d.]hh:mm:ss[.fffffff]</c>.</summary>
    public static JsonElement Of(TimeSpan value) => Of(value.ToString("c", CultureInfo.InvariantCulture));

    /// <summary>A JSON array of strings.</summary>
    public static JsonElement Of(IEnumerable<string> values) =>
        JsonSerializer.SerializeToElement(values.ToArray(), JsonValuesContext.Plain.StringArray);

    /// <summary>A JSON array.</summary>
    public static JsonElement Array(IEnumerable<JsonElement> values) =>
        JsonSerializer.SerializeToElement(values.ToArray(), JsonValuesContext.Plain.JsonElementArray);

    /// <summary>A JSON object with the members in the given order.</summary>
    public static JsonElement Object(params ReadOnlySpan<(string Name, JsonElement Value)> members)
    {
        using var buffer = new PooledJsonWriter();
        buffer.Writer.WriteStartObject();
        foreach (var (name, value) in members)
        {
            buffer.Writer.WritePropertyName(name);
            value.WriteTo(buffer.Writer);
        }

        buffer.Writer.WriteEndObject();
        return buffer.ToElement();
    }

    /// <summary>Any serializable value, by its generated type information.</summary>
    public static JsonElement From<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToElement(value, type);

    /// <summary>Whether the value is JSON null or was never set.</summary>
    public static bool IsNull(this JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>The text of a JSON string, or null when the value is null or not a string.</summary>
    public static string? AsText(this JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>The member of that name, or null when absent or when the value is no object.</summary>
    public static JsonElement Member(this JsonElement value, string name) =>
        value.ValueKind is JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : Null;
}

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(decimal))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonElement[]))]
internal sealed partial class JsonValuesContext : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    internal static JsonValuesContext Plain => field ??= new(PlainJson.Of(Default.Options));
}
