using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AssessmentFlow.Assessments.Circulation;

/// <summary>
/// JSON in the one form that RFC 8785 (JSON Canonicalization Scheme) gives it: no spaces, members in the order of their
/// UTF-16 code units, only such escapes as JSON asks for. Numbers are whole: items have no others.
/// </summary>
internal static class CanonicalJson
{
    public static string Write(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    /// <exception cref="FormatException">A number is not whole.</exception>
    private static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendAll(text, '{', '}', value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal), member =>
                {
                    AppendText(text, member.Name);
                    text.Append(':');
                    Append(text, member.Value);
                });
                break;
            case JsonValueKind.Array:
                AppendAll(text, '[', ']', value.EnumerateArray(), item => Append(text, item));
                break;
            case JsonValueKind.String:
                AppendText(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(value.GetInt64().ToString(CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(value.GetRawText()); // true, false, null
                break;
        }
    }

    private static void AppendAll<T>(StringBuilder text, char open, char close, IEnumerable<T> parts, Action<T> append)
    {
        text.Append(open);
        var isFirst = true;
        foreach (var part in parts)
        {
            if (!isFirst)
            {
                text.Append(',');
            }

            isFirst = false;
            append(part);
        }

        text.Append(close);
    }

    private static void AppendText(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
