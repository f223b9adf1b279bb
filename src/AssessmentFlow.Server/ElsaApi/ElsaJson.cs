using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Server.Api;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Bodies that Studio sends and reads. They are trees, because much of them is passed on as it is.</summary>
internal static class ElsaJson
{
    private const string Json = "application/json";

    /// <summary>How documents are read: a member that is there twice is an error, which a tree would notice only later.</summary>
    public static readonly JsonDocumentOptions Reading = new() { AllowDuplicateProperties = false, MaxDepth = DefinitionLimits.DocumentDepthMax };

    /// <summary>An answer.</summary>
    public static IResult Of(JsonNode body, int status = StatusCodes.Status200OK, string contentType = Json) =>
        new Answer(ToBytes(body), status, contentType);

    /// <summary>A list with its length, as most lists of this interface are.</summary>
    public static JsonObject List(IEnumerable<JsonNode> items)
    {
        var array = new JsonArray([.. items]);
        return new JsonObject { ["items"] = array, ["count"] = array.Count };
    }

    /// <summary>A tree as UTF-8 text.</summary>
    public static byte[] ToBytes(JsonNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, PlainJson.Writer))
        {
            node.WriteTo(writer);
        }

        return buffer.ToArray();
    }

    /// <summary>A stored document as a tree.</summary>
    public static JsonObject Parse(byte[] document) =>
        JsonNode.Parse(document, documentOptions: Reading) as JsonObject ?? throw new JsonException("A stored document is no JSON object.");

    /// <summary>The body of a request; empty when there is none.</summary>
    /// <exception cref="RequestProblemException">It is too large, or is no JSON object.</exception>
    public static async Task<JsonObject> ReadAsync(HttpContext http, int maxBytes = CommandRequest.BodySizeMaxBytes)
    {
        var bytes = new byte[Math.Min(http.Request.ContentLength ?? maxBytes, maxBytes) + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, http.RequestAborted);
        if (length > maxBytes || http.Request.ContentLength > maxBytes)
        {
            throw new RequestProblemException(StatusCodes.Status413PayloadTooLarge, "body-too-large", $"A body of this route may have {maxBytes} bytes.");
        }

        if (length is 0)
        {
            return [];
        }

        RequestText.CheckBody(bytes.AsSpan(0, length), DefinitionLimits.DocumentDepthMax);
        try
        {
            return JsonNode.Parse(bytes.AsSpan(0, length), documentOptions: Reading) as JsonObject
                ?? throw RequestProblemException.Malformed("$", "body-malformed", "The body is a JSON object.");
        }
        catch (JsonException e)
        {
            throw RequestProblemException.Malformed(e.Path ?? "$", "body-malformed", e.Message);
        }
    }

    /// <summary>The text of a member; null when it is absent or no text.</summary>
    public static string? Text(this JsonObject? node, string name) => node?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The texts of a list; empty when it is absent.</summary>
    public static string[] Texts(this JsonObject node, string name) => node[name] is JsonArray items
        ? [.. items.OfType<JsonValue>().Select(item => item.TryGetValue<string>(out var text) ? text : null).OfType<string>()]
        : [];

    /// <summary>The whole number of a member; null when it is absent or none.</summary>
    public static long? Number(this JsonObject? node, string name) =>
        node?[name] is JsonValue value && value.GetValueKind() is JsonValueKind.Number && long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>Whether a member is true.</summary>
    public static bool IsTrue(this JsonObject? node, string name) => node?[name]?.GetValueKind() is JsonValueKind.True;

    /// <summary>A value of the engine as a tree.</summary>
    public static JsonNode? ToNode(this JsonElement value) => value.IsNull() ? null : JsonNode.Parse(value.GetRawText());

    private sealed record Answer(byte[] Body, int Status, string ContentType) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = Status;
            httpContext.Response.ContentType = ContentType;
            httpContext.Response.ContentLength = Body.Length;
            return httpContext.Response.Body.WriteAsync(Body, 0, Body.Length);
        }
    }
}
