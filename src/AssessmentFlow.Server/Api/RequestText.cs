using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>
/// What a request says is text that every part of the product can keep: the databases, the journal that is hashed, and
/// JSON that is read again. Looked at once, at the door.
/// </summary>
internal static class RequestText
{
    /// <summary>Deepest nesting of a body (JSON levels): what a command carries is nested deeper in snapshots and messages.</summary>
    public const int BodyDepthMax = EngineLimits.ValueDepthMax;

    private const int SegmentLengthMax = 200;
    private const int ReadDepthMax = 1_000;
    private const string EncodedNul = "%00";

    private static readonly SearchValues<char> Unprintable = SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(char.IsControl)]);

    /// <summary>Checks the names in the path and the parameters of the query.</summary>
    /// <exception cref="RequestProblemException">One cannot be the name or value of anything.</exception>
    public static void CheckTarget(HttpRequest request)
    {
        foreach (var (name, value) in request.RouteValues)
        {
            var text = value as string;
            if (text is not null && (text.Length > SegmentLengthMax || string.IsNullOrWhiteSpace(text) || text.AsSpan().ContainsAny(Unprintable)))
            {
                throw RequestProblemException.NotFound($"{name} of this name: names are 1 to {SegmentLengthMax} printable characters");
            }
        }

        if (request.QueryString.Value is { } query && query.Contains(EncodedNul, StringComparison.Ordinal))
        {
            throw RequestProblemException.Malformed("query", "parameter-malformed", "A parameter holds a character that no text may have (%00).");
        }
    }

    /// <summary>Checks the text of a JSON body. A body that is no JSON at all is left to whoever reads it.</summary>
    /// <param name="body">The body.</param>
    /// <param name="depthMax">Deepest nesting (JSON levels).</param>
    /// <exception cref="RequestProblemException">It is not UTF-8, is nested too deep, or holds text that is no text.</exception>
    public static void CheckBody(ReadOnlySpan<byte> body, int depthMax)
    {
        if (!Utf8.IsValid(body))
        {
            throw RequestProblemException.Malformed("$", "text-malformed", "The body is not UTF-8.");
        }

        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = ReadDepthMax });
        while (TryRead(ref reader))
        {
            if (reader.CurrentDepth >= depthMax && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                throw RequestProblemException.Malformed("$", "body-too-deep", $"The body is nested deeper than {depthMax} levels.");
            }

            if (reader.ValueIsEscaped && reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !IsText(ref reader))
            {
                throw RequestProblemException.Malformed(
                    "$", "text-malformed", $"At byte {reader.TokenStartIndex} is text with half a character or with \\u0000, which no text may have.");
            }
        }
    }

    private static bool TryRead(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            return !reader.GetString()!.Contains('\0', StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            return false; // A surrogate without its other half.
        }
    }
}

/// <summary>Checks the path and query of every request before anything looks for what they name.</summary>
internal sealed class RequestTextCheck(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        RequestText.CheckTarget(http.Request);
        return next(http);
    }
}
