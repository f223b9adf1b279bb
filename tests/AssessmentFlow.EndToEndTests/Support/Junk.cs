using System.Text;
using System.Text.Json.Nodes;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>What nobody should send.</summary>
internal static class Junk
{
    private const string Mark = "\"\u00a7junk\u00a7\"";
    private const int Million = 1_000_000;

    /// <summary>Segments of a path, encoded; each arrives at a route.</summary>
    public static readonly string[] Segments =
    [
        "0", "-1", "9223372036854775808", "99999999999999999999999999", "1.5", "a.b.c", "a-1", "a-9223372036854775808", "-", ".", "...", "x.C1.1", "x.C-1.-1",
        "x.C0.0", "x.C99999999999.1", "x.C1.99999999999", ".C1.1", "..C1.1", "%20", "%25", "%252e%252e", "%2e%2e%2fsecret", "%22", "%27%3B%20DROP%20TABLE%20turn%3B--",
        "%C3%BC-%E6%97%A5%E6%9C%AC", "%F0%9F%92%A5", "%E2%80%AE", "%ED%A0%80", "%FF%FE", "%0A", "%7F", "%C2%80", "{id}", "*", "a;b=c", "a,b", "a+b", "null", "undefined",
        "true", new string('a', 4_000), string.Concat(Enumerable.Repeat("%C3%BC", 600)),
    ];

    /// <summary>Values of a query, encoded.</summary>
    public static readonly string[] Values =
    [
        "", "0", "-1", "201", "2147483648", "9223372036854775808", "1e3", "0x10", "NaN", "true", "null", "%00", "a%00b", "%20", "%ED%A0%80", "%FF", "%F0%9F%92%A5",
        "%27%20OR%201%3D1--", "[]", "{}", "=", "|", "fDE", new string('z', 3_000), Cursor("1|\0"), Cursor("9223372036854775808|a"), Cursor("-9223372036854775808|"),
        Cursor("1"), Cursor("|"), Cursor("a|b"), Cursor("1|a|b|c"), Cursor("1|\ud83d\udca5"), "____", "AAAA%3D%3D%3D",
    ];

    /// <summary>Bodies that are no JSON object, or none that anybody understands, with their media type.</summary>
    public static IEnumerable<(byte[] Body, string ContentType)> Bodies()
    {
        foreach (var text in new[]
        {
            "{", "}", "[", "[]", "[{}]", "null", "true", "17", "\"text\"", "{}", "{}{}", "{\"a\":}", "{'a':1}", "{\"a\":1,}", "// note\n{}", "{\"a\" 1}", "\u0000", " ", "NaN",
            "{\"unknown\":1}", "{\"$type\":\"x\"}", "{\"$input\":\"open\"}", "{\"\":1}", "{\"__proto__\":{}}", "\ufeff{}", "{\"id\":1}", "{\"id\":\"\"}", "{\"id\":\"../x\"}",
            Nested('[', ']', 50), Nested('[', ']', 10_000), "{\"a\":" + Nested('[', ']', 63) + "}", "{\"a\":" + Nested('[', ']', 5_000) + "}",
            string.Concat(Enumerable.Repeat("{\"a\":", 5_000)), "{\"text\":\"" + new string('x', 2 * Million) + "\"}", new string('[', 300_000),
        })
        {
            yield return (Encoding.UTF8.GetBytes(text), "application/json");
        }

        yield return ([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00], "application/json");
        yield return ([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d], "application/json");
        yield return (new byte[5 * Million], "application/json");
        yield return (Encoding.Unicode.GetBytes("{}"), "application/json; charset=utf-16");
        foreach (var type in new[] { "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense", "", "application/json;;;" })
        {
            yield return (Encoding.UTF8.GetBytes("{}"), type);
        }
    }

    /// <summary>A sound body made unsound in one place each: wrong kinds of value, left out, doubled and unknown members.</summary>
    public static IEnumerable<byte[]> Spoilt(JsonObject sound)
    {
        foreach (var path in Paths(sound))
        {
            foreach (var value in WrongValues)
            {
                yield return Encoding.UTF8.GetBytes(With(sound, path, Mark).Replace(Mark, value, StringComparison.Ordinal));
            }

            yield return Encoding.UTF8.GetBytes(With(sound, path, value: null));
        }

        var text = sound.ToJsonString();
        if (sound.Count > 0)
        {
            yield return Encoding.UTF8.GetBytes($"{{\"{sound.First().Key}\":null,{text[1..]}");
            yield return Encoding.UTF8.GetBytes($"{text[..^1]},\"{sound.First().Key.ToUpperInvariant()}\":1}}");
            yield return Encoding.UTF8.GetBytes($"{text[..^1]},\"unknown\":1}}");
            yield return Encoding.UTF8.GetBytes(text + "x");
        }
    }

    private static IEnumerable<string> WrongValues =>
    [
        "null", "true", "0", "-1", "1.5", "2147483648", "9223372036854775808", "1e400", "-1e400", "\"\"", "\" \"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"x\\udc00\"",
        "\"\ud83d\udca5\"", "\"\\u202e\"", "\"" + new string('y', 100_000) + "\"", "[]", "[null]", "[[]]", "[\"\\ud800\"]", "{}", "{\"a\":{}}", "\"2008-13-45\"", "\"2008-02-30T25:00:00Z\"",
        "\"9999-12-31T23:59:59.9999999Z\"", "\"0001-01-01T00:00:00Z\"", "\"-9999-01-01\"", Nested('[', ']', 40), "{\"a\":1,\"a\":2}",
    ];

    private static IEnumerable<string[]> Paths(JsonObject json, params string[] parent) => json.SelectMany(member =>
        member.Value is JsonObject inner ? Paths(inner, [.. parent, member.Key]).Prepend([.. parent, member.Key]) : [[.. parent, member.Key]]);

    /// <summary>The object with a member set to raw JSON, or without it when the value is null.</summary>
    private static string With(JsonObject json, string[] path, string? value)
    {
        var copy = json.DeepClone().AsObject();
        var holder = path[..^1].Aggregate(copy, (at, name) => at[name]!.AsObject());
        if (value is null)
        {
            holder.Remove(path[^1]);
        }
        else
        {
            holder[path[^1]] = JsonNode.Parse(value);
        }

        return copy.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static string Nested(char open, char close, int depth) => new string(open, depth) + new string(close, depth);

    private static string Cursor(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
