using System.Globalization;
using System.Text.Json;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Problems;
using Microsoft.Net.Http.Headers;

namespace AssessmentFlow.Server.Api;

/// <summary>How things are answered: JSON as it was committed, with its version as the ETag.</summary>
internal static class Answers
{
    private const string Json = "application/json";

    /// <summary>The answer to a command.</summary>
    /// <exception cref="RequestProblemException">It was refused.</exception>
    public static IResult Of(TurnAnswer answer, int status = StatusCodes.Status200OK, string? location = null)
    {
        if (answer.Refusal is { } refusal)
        {
            throw RequestProblemException.Of(refusal);
        }

        return answer.Body is { } body
            ? new JsonAnswer(body, status, VersionOf(body), location)
            : throw new RequestProblemException(StatusCodes.Status409Conflict, "nothing-to-do", "The request had nothing left to do.");
    }

    /// <summary>A thing with its version.</summary>
    public static IResult Of(JsonElement thing, int status = StatusCodes.Status200OK) =>
        Of(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(thing).ToArray(), status);

    /// <summary>A thing with its version.</summary>
    public static IResult Of(byte[] thing, int status = StatusCodes.Status200OK) => new JsonAnswer(thing, status, VersionOf(thing), Location: null);

    /// <summary>A page of a list: its rows as they were committed and where the next page begins.</summary>
    public static IResult Page(IReadOnlyList<FoundRow> rows, int max) => Page(rows, rows.Count == max ? rows[^1] : null);

    /// <summary>A page of a list that shows other rows than those it was read from.</summary>
    /// <param name="rows">The rows to show.</param>
    /// <param name="last">The row after which the next page begins; null at the end.</param>
    public static IResult Page(IReadOnlyList<FoundRow> rows, FoundRow? last)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, PlainJson.Writer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items");
            foreach (var row in rows)
            {
                writer.WriteRawValue(row.Row.Body, skipInputValidation: true);
            }

            writer.WriteEndArray();
            if (last is not null)
            {
                writer.WriteString("next", Cursor.Write(last));
            }
            else
            {
                writer.WriteNull("next");
            }

            writer.WriteEndObject();
        }

        return new JsonAnswer(buffer.ToArray(), StatusCodes.Status200OK, Version: null, Location: null);
    }

    public static string Etag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    private static long? VersionOf(byte[] body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isVersion = reader.ValueTextEquals("version"u8);
            reader.Read();
            if (isVersion && reader.TokenType is JsonTokenType.Number)
            {
                return reader.GetInt64();
            }

            reader.Skip();
        }

        return null;
    }

    private sealed record JsonAnswer(byte[] Body, int Status, long? Version, string? Location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            if (Version is { } version)
            {
                var etag = Etag(version);
                response.Headers[HeaderNames.ETag] = etag;
                if (HttpMethods.IsGet(httpContext.Request.Method) && httpContext.Request.Headers.IfNoneMatch == etag)
                {
                    response.StatusCode = StatusCodes.Status304NotModified;
                    return Task.CompletedTask;
                }
            }

            if (Location is not null)
            {
                response.Headers.Location = Location;
            }

            response.StatusCode = Status;
            response.ContentType = Json;
            response.ContentLength = Body.Length;
            return response.Body.WriteAsync(Body, 0, Body.Length);
        }
    }
}

/// <summary>Places in lists as clients carry them around.</summary>
internal static class Cursor
{
    public const int PageMax = 200;
    public const int PageDefault = 50;

    public static string Write(FoundRow row) =>
        Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{row.Row.At}|{row.Id}"))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <exception cref="RequestProblemException">The text is no cursor of this server.</exception>
    public static ViewPosition? Read(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
        {
            return null;
        }

        var base64 = cursor.Replace('-', '+').Replace('_', '/');
        var bytes = new byte[base64.Length];
        if (Convert.TryFromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='), bytes, out var length)
            && System.Text.Encoding.UTF8.GetString(bytes, 0, length).Split('|', 2) is [var at, var id]
            && !id.Any(char.IsControl)
            && long.TryParse(at, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var position))
        {
            return new ViewPosition(position, id);
        }

        throw RequestProblemException.Malformed("cursor", "cursor-unknown", "The cursor is not one that a list of this server gave; begin again without it.");
    }

    /// <exception cref="RequestProblemException">The number is out of bounds.</exception>
    public static int Size(int? limit) => limit switch
    {
        null => PageDefault,
        >= 1 and <= PageMax => limit.Value,
        _ => throw RequestProblemException.Malformed("limit", "limit-out-of-bounds", $"A page has 1 to {PageMax} items."),
    };
}
