using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace AssessmentFlow.TestSupport;

/// <summary>One request to the API, exactly as it goes over the wire.</summary>
/// <param name="Method">GET, POST, PUT, DELETE.</param>
/// <param name="Path">Path with query from the root, already encoded; it is not put in canonical form.</param>
public sealed record RestRequest(string Method, string Path)
{
    /// <summary>Id of the client whose key is sent; null for none.</summary>
    public string? Client { get; init; }

    /// <summary>The body; null for none.</summary>
    public byte[]? Body { get; init; }

    /// <summary>Media type of the body.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>The key under which repeats are recognised; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The header If-Match as it is sent; null for none.</summary>
    public string? IfMatch { get; init; }

    /// <summary>The header Range as it is sent; null for none.</summary>
    public string? Range { get; init; }

    /// <summary>The same request with a body.</summary>
    public RestRequest WithJson(JsonNode? body) => this with { Body = body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()) };

    public override string ToString() =>
        $"{Method} {(Path.Length > 200 ? Path[..200] + "…" : Path)} as {Client ?? "nobody"}{(Body is null ? "" : $" with {Encoding.UTF8.GetString(Body, 0, Math.Min(Body.Length, 200))}")}";
}

/// <summary>An answer of the API, exactly as it came.</summary>
/// <param name="Status">Its status.</param>
/// <param name="ETag">Its ETag, with quotes; null when there is none.</param>
/// <param name="Location">Where the new thing is; null when there is none.</param>
/// <param name="ContentType">Media type without parameters; null without a body.</param>
/// <param name="Body">Its body.</param>
public sealed record RestAnswer(HttpStatusCode Status, string? ETag, string? Location, string? ContentType, byte[] Body)
{
    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The body as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Body) ?? throw new InvalidOperationException("The answer is null.");

    /// <summary>When to ask again (seconds, as sent); null when the answer does not say.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>Under which name the body is to be kept, as sent; null when the answer does not say.</summary>
    public string? ContentDisposition { get; init; }

    public override string ToString() => $"{(int)Status} {Text}";
}
