using System.Buffers;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace AssessmentFlow.Server.Api;

/// <summary>
/// A request that changes something: who asks, under which key, against which version, with what body.
/// Bound by every changing route, so that keys, ETags and sizes are treated the same everywhere.
/// </summary>
internal sealed class CommandRequest
{
    /// <summary>Largest body of a route that says nothing else (bytes).</summary>
    public const int BodySizeMaxBytes = 256 * 1024;

    /// <summary>The header by which a repeated request is known.</summary>
    public const string KeyHeader = "Idempotency-Key";

    private const int KeyLengthMax = 200;

    private readonly byte[] _body;

    private CommandRequest(Caller caller, string path, string inputId, byte[] fingerprint, long? ifMatch, byte[] body)
    {
        Caller = caller;
        Path = path;
        InputId = inputId;
        Fingerprint = fingerprint;
        IfMatch = ifMatch;
        _body = body;
    }

    public Caller Caller { get; }

    public Actor Actor => Caller.Actor;

    /// <summary>The path asked for.</summary>
    public string Path { get; }

    /// <summary>Identity of the request over all its repeats.</summary>
    public string InputId { get; }

    public byte[] Fingerprint { get; }

    /// <summary>The version that the caller saw; null when any will do (<c>If-Match: *</c>, or none where none is needed).</summary>
    public long? IfMatch { get; }

    public byte[] Body => _body;

    /// <summary>Called by the framework for every route that takes a command.</summary>
    public static async ValueTask<CommandRequest?> BindAsync(HttpContext http, ParameterInfo parameter)
    {
        _ = parameter;
        var caller = http.Caller();
        var route = http.GetEndpoint()?.Metadata;
        var key = RequiredKeyOf(http.Request);
        var needsIfMatch = route?.GetMetadata<NeedsIfMatch>() is not null;
        var ifMatch = needsIfMatch || http.Request.Headers.IfMatch.Count > 0 ? IfMatchOf(http.Request) : null;
        var bounds = route?.GetMetadata<TakesBodyOf>() ?? TakesBodyOf.Default;
        var body = await ReadBodyAsync(http, bounds.MaxBytes);
        RequestText.CheckBody(body, bounds.MaxDepth);
        if (route?.GetMetadata<IAcceptsMetadata>() is null && body.Length > 0 && !body.AsSpan().SequenceEqual("{}"u8))
        {
            throw RequestProblemException.Malformed("$", "body-unexpected", "This route takes no body: leave it out.");
        }

        return new CommandRequest(caller, http.Request.Path, $"api/{caller.Actor.Id}/{key}", FingerprintOf(http.Request.Method, http.Request.Path, body), ifMatch, body);
    }

    /// <summary>The body as a value. Unknown, missing and repeated members are refused with their path.</summary>
    public T Read<T>(JsonTypeInfo<T> type)
    {
        if (_body.Length is 0)
        {
            throw RequestProblemException.Malformed("$", "body-missing", "The request needs a JSON body.");
        }

        try
        {
            return JsonSerializer.Deserialize(_body, type) ?? throw RequestProblemException.Malformed("$", "body-null", "The body is null; send a JSON object.");
        }
        catch (JsonException)
        {
            throw RequestProblemException.Malformed(JsonFaults.Find(_body, type));
        }
    }

    /// <summary>The body as it is.</summary>
    public JsonElement ReadJson()
    {
        try
        {
            return _body.Length is 0
                ? JsonValues.Null
                : JsonElement.Parse(_body, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = DefinitionLimits.DocumentDepthMax });
        }
        catch (JsonException)
        {
            throw RequestProblemException.Malformed(JsonFaults.Find(_body, type: null));
        }
    }

    /// <summary>An id for something new that every repeat of the request names the same.</summary>
    public string NewId() => InstanceIds.From(InputId);

    public Envelope Envelope<T>(T input, JsonTypeInfo<T> type, long? ifVersion = null) => new()
    {
        InputId = InputId,
        Input = JsonSerializer.SerializeToUtf8Bytes(input, type),
        Actor = Actor.Id,
        IfVersion = ifVersion,
        Fingerprint = Fingerprint,
    };

    /// <summary>The key under which a request may be sent again; one of its own when the client gave none.</summary>
    /// <exception cref="RequestProblemException">The key is too long or cannot be printed.</exception>
    public static string KeyOf(HttpRequest request)
    {
        var key = request.Headers[KeyHeader].ToString();
        if (key.Length > KeyLengthMax || key.Any(char.IsControl))
        {
            throw RequestProblemException.Malformed(KeyHeader, "idempotency-key-malformed", $"An Idempotency-Key has 1 to {KeyLengthMax} printable characters.");
        }

        return key.Length > 0 ? key : Guid.CreateVersion7().ToString();
    }

    /// <summary>What tells a request from others under the same key.</summary>
    public static byte[] FingerprintOf(string method, string target, ReadOnlySpan<byte> body)
    {
        byte[] request = [.. Encoding.UTF8.GetBytes($"{method} {target}\n"), .. body];
        return SHA256.HashData(request);
    }

    private static string RequiredKeyOf(HttpRequest request) => HttpMethods.IsPost(request.Method) && request.Headers[KeyHeader].ToString().Length is 0
        ? throw RequestProblemException.Malformed(
            KeyHeader, "idempotency-key-missing", "A POST needs an Idempotency-Key, such as a new UUID: with it the request can be sent again without being done twice.")
        : KeyOf(request);

    private static long? IfMatchOf(HttpRequest request)
    {
        var header = request.Headers.IfMatch.ToString();
        if (header.Length is 0)
        {
            throw new RequestProblemException(
                StatusCodes.Status428PreconditionRequired,
                "if-match-missing",
                "A change needs If-Match with the ETag of what is changed as you last saw it, or * when any version will do.",
                [new ProblemItem("If-Match", "if-match-missing", "Read the thing, take its ETag, and send it as If-Match.")]);
        }

        if (header is "*")
        {
            return null;
        }

        return EntityTagHeaderValue.TryParse(header, out var tag) && !tag.IsWeak && long.TryParse(tag.Tag.AsSpan()[1..^1], out var version)
            ? version
            : throw new RequestProblemException(
                StatusCodes.Status412PreconditionFailed, "if-match-unknown", $"'{header}' is no ETag that this server gives; they look like \"17\".");
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext http, int maxBytes)
    {
        if (http.Request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        var result = new ArrayBufferWriter<byte>(Math.Max(256, (int)(http.Request.ContentLength ?? 0)));
        while (true)
        {
            var read = await http.Request.BodyReader.ReadAsync(http.RequestAborted);
            foreach (var segment in read.Buffer)
            {
                result.Write(segment.Span);
            }

            http.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (result.WrittenCount > maxBytes)
            {
                throw TooLarge(maxBytes);
            }

            if (read.IsCompleted)
            {
                break;
            }
        }

        if (result.WrittenCount > 0 && !http.Request.HasJsonContentType())
        {
            throw new RequestProblemException(StatusCodes.Status415UnsupportedMediaType, "content-type-unsupported", "Send JSON with Content-Type: application/json.");
        }

        return result.WrittenSpan.ToArray();
    }

    private static RequestProblemException TooLarge(int maxBytes) => new(
        StatusCodes.Status413PayloadTooLarge, "body-too-large", $"A body of this route may have {maxBytes} bytes.");
}
