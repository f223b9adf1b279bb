using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Xml;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// Conversion of JSON values to the types that Elsa names. Studio stores most values as text
/// (<c>"True"</c>, <c>"5"</c>, <c>"[1,2]"</c>), so every conversion accepts the text of a value as well as the value.
/// </summary>
public static class ValueConversion
{
    /// <summary>Converts a value to the named type.</summary>
    /// <param name="value">The value; null stays null for every type, and empty text is null for every type but text.</param>
    /// <param name="typeName">Elsa's type alias; an unknown alias leaves the value as it is.</param>
    /// <param name="isArray">Whether a list of that type is wanted.</param>
    /// <param name="result">The converted value.</param>
    /// <returns>False when the value cannot be read as that type.</returns>
    public static bool TryConvert(JsonElement value, string typeName, bool isArray, out JsonElement result)
    {
        result = value;
        if (value.IsNull())
        {
            result = JsonValues.Null;
            return true;
        }

        if (value.AsText() is { } written && string.IsNullOrWhiteSpace(written) && (isArray || KnowsNoEmptyText(typeName)))
        {
            result = JsonValues.Null;
            return true;
        }

        if (isArray)
        {
            return TryConvertList(value, typeName, out result);
        }

        switch (typeName)
        {
            case "String":
                result = JsonValues.Of(ToText(value));
                return true;
            case "Boolean":
                return Wrap(TryGetBoolean(value, out var flag), flag ? JsonValues.True : JsonValues.False, ref result);
            case "Int32":
                return Wrap(TryGetInteger(value, int.MinValue, int.MaxValue, out var small), JsonValues.Of(small), ref result);
            case "Int64" or "Long":
                return Wrap(TryGetInteger(value, long.MinValue, long.MaxValue, out var large), JsonValues.Of(large), ref result);
            case "Single" or "Double" or "Decimal":
                return TryConvertNumber(value, ref result);
            case "DateTime" or "DateTimeOffset":
                return Wrap(TryGetInstant(value, out var instant), JsonValues.Of(instant), ref result);
            case "TimeSpan":
                return Wrap(TryGetSpan(value, out var span), JsonValues.Of(span), ref result);
            case "Guid":
                return value.AsText() is { } text && Guid.TryParse(text, out _);
            case "StringDictionary" or "ObjectDictionary" or "JSON" or "JsonElement" or "JsonNode" or "JsonObject":
                return TryParseText(value, out result);
            default:
                return typeName.StartsWith("List<", StringComparison.Ordinal)
                    ? TryConvertList(value, typeName[5..^1], out result)
                    : true;
        }
    }

    /// <summary>How values of a type are written, for people who do not know Elsa's names of types.</summary>
    public static string InWords(string typeName) => typeName switch
    {
        "Boolean" => "true or false",
        "Int32" or "Int64" or "Long" => "a whole number",
        "Single" or "Double" or "Decimal" => "a number",
        "DateTime" or "DateTimeOffset" => "an instant such as 2008-11-20T12:00:00Z",
        "TimeSpan" => "a span of time such as 1.12:00:00",
        "Guid" => "an identifier such as 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "StringDictionary" or "ObjectDictionary" or "JsonObject" => "a JSON object",
        _ when typeName.StartsWith("List<", StringComparison.Ordinal) => $"a list, each item {InWords(typeName[5..^1])}",
        _ => "a value of the type " + typeName,
    };

    /// <summary>The text of a value as Elsa prints it: <c>True</c> for true, JSON for lists and objects.</summary>
    public static string? ToText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => bool.TrueString,
        JsonValueKind.False => bool.FalseString,
        _ => value.GetRawText(),
    };

    /// <summary>The texts of a list, or of a single value, without empty ones.</summary>
    public static ImmutableArray<string> TextsOf(JsonElement value) => value.ValueKind is JsonValueKind.Array
        ? [.. value.EnumerateArray().Select(ToText).OfType<string>().Where(text => text.Length > 0)]
        : ToText(value) is { Length: > 0 } text ? [text] : [];

    /// <summary>Reads a truth value from a Boolean, from its text in any case and with space around, or from a number (0 is false).</summary>
    public static bool TryGetBoolean(JsonElement value, out bool result)
    {
        if (value.ValueKind is JsonValueKind.String)
        {
            return bool.TryParse(value.GetString(), out result);
        }

        result = value.ValueKind is JsonValueKind.True || (value.ValueKind is JsonValueKind.Number && value.GetDouble() != 0);
        return true;
    }

    /// <summary>Reads a whole number within bounds from a number without fraction or from its text; <c>7.0</c> has no fraction.</summary>
    public static bool TryGetInteger(JsonElement value, long min, long max, out long result)
    {
        result = 0;
        var number = value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetInt64(out var whole) => whole,
            JsonValueKind.Number when value.TryGetDouble(out var real) && double.IsInteger(real) && Math.Abs(real) < 1L << 53 => (long)real,
            JsonValueKind.String when long.TryParse(value.GetString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var parsed) => parsed,
            JsonValueKind.String when TryGetDecimal(value.GetString(), out var exact) && decimal.IsInteger(exact) && exact is >= long.MinValue and <= long.MaxValue => (long)exact,
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            _ => (long?)null,
        };
        if (number is null || number < min || number > max)
        {
            return false;
        }

        result = number.Value;
        return true;
    }

    /// <summary>Reads an instant from ISO 8601 text; without an offset it is taken as UTC.</summary>
    public static bool TryGetInstant(JsonElement value, out DateTimeOffset result)
    {
        result = default;
        return value.AsText() is { } text
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out result);
    }

    /// <summary>
    /// Reads a span of time from <c>[d.]hh:mm[:ss[.fff]]</c>, a whole number of days, or an ISO 8601 duration
    /// without years and months. Hours beyond 23 count as hours: <c>72:00:00</c> is three days, not seventy-two.
    /// </summary>
    public static bool TryGetSpan(JsonElement value, out TimeSpan result)
    {
        result = default;
        if (value.AsText()?.Trim() is not { Length: > 0 } text)
        {
            return false;
        }

        if (text[0] is 'P' or '-' && text.Contains('P', StringComparison.Ordinal))
        {
            return TryGetIsoDuration(text, out result);
        }

        // "hhh:mm:ss" without a day part: .NET would read the hours as days when they exceed 23.
        var parts = text.Split(':');
        if (parts.Length is 2 or 3
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            && hours > 23
            && TimeSpan.TryParse("00:" + string.Join(':', parts[1..]), CultureInfo.InvariantCulture, out var rest))
        {
            result = TimeSpan.FromHours(hours) + rest;
            return true;
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out result);
    }

    private static bool TryGetIsoDuration(string text, out TimeSpan result)
    {
        result = default;
        var datePart = text.Split('T')[0];
        if (datePart.Contains('Y', StringComparison.Ordinal) || datePart.Contains('M', StringComparison.Ordinal))
        {
            return false; // A month has no fixed length: due rules handle months, spans do not.
        }

        try
        {
            result = XmlConvert.ToTimeSpan(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static bool TryConvertNumber(JsonElement value, ref JsonElement result)
    {
        if (value.ValueKind is JsonValueKind.Number)
        {
            return true;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            result = JsonValues.Of(value.ValueKind is JsonValueKind.True ? 1L : 0L);
            return true;
        }

        return Wrap(TryGetDecimal(value.AsText(), out var number), JsonValues.Of(number), ref result);
    }

    private static bool TryGetDecimal(string? text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private static bool KnowsNoEmptyText(string typeName) =>
        typeName is "Boolean" or "Int32" or "Int64" or "Long" or "Single" or "Double" or "Decimal" or "DateTime" or "DateTimeOffset" or "TimeSpan" or "Guid"
            or "StringDictionary" or "ObjectDictionary" or "JSON" or "JsonElement" or "JsonNode" or "JsonObject"
        || typeName.StartsWith("List<", StringComparison.Ordinal);

    private static bool TryConvertList(JsonElement value, string itemType, out JsonElement result)
    {
        if (!TryParseText(value, out result))
        {
            // A single value where a list is wanted is a list of one.
            result = value;
        }

        if (result.ValueKind is not JsonValueKind.Array)
        {
            result = JsonValues.Array([result]);
        }

        var items = new List<JsonElement>(result.GetArrayLength());
        foreach (var item in result.EnumerateArray())
        {
            if (!TryConvert(item, itemType, isArray: false, out var converted))
            {
                return false;
            }

            items.Add(converted);
        }

        result = JsonValues.Array(items);
        return true;
    }

    private static bool TryParseText(JsonElement value, out JsonElement result)
    {
        result = value;
        if (value.AsText() is not { } text)
        {
            return true;
        }

        try
        {
            result = JsonElement.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Wrap(bool converted, JsonElement value, ref JsonElement result)
    {
        if (converted)
        {
            result = value;
        }

        return converted;
    }
}
