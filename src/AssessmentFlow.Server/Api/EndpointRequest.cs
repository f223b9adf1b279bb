using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;

namespace AssessmentFlow.Server.Api;

/// <summary>A request to an endpoint of a workflow.</summary>
/// <param name="InputId">Identity over all its repeats.</param>
/// <param name="Actor">Who sends it, for the journal.</param>
/// <param name="Payload">The request as the workflow sees it.</param>
/// <param name="Fingerprint">What tells it from others under the same key.</param>
internal sealed record EndpointRequest(string InputId, string Actor, JsonElement Payload, byte[] Fingerprint)
{
    private const int QueryLengthMax = 8_192;

    /// <summary>Headers that prove who asks: no workflow needs them, and the journal must not have them.</summary>
    private static readonly string[] Withheld = ["Authorization", "Cookie", "Proxy-Authorization"];

    /// <summary>Reads a request as a workflow may take it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="path">Path below the base path, as it was asked for.</param>
    /// <exception cref="RequestProblemException">It is too large, or holds what no workflow can keep.</exception>
    public static async Task<EndpointRequest> ReadAsync(HttpContext http, string path)
    {
        var request = http.Request;
        if ((request.QueryString.Value?.Length ?? 0) > QueryLengthMax)
        {
            throw RequestProblemException.Malformed("query", "query-too-long", $"The query may have {QueryLengthMax} characters.");
        }

        var bytes = new byte[EngineLimits.HttpBodySizeMaxBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, http.RequestAborted);
        if (length == bytes.Length)
        {
            throw TooLarge();
        }

        var body = bytes.AsMemory(0, length);
        var form = length > 0 && request.HasFormContentType ? await ReadFormAsync(http, body) : [];
        var isText = length > 0 && request.GetTypedHeaders().ContentType?.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) is not true;
        if (isText)
        {
            RequestText.CheckBody(body.Span, RequestText.BodyDepthMax);
        }

        var payload = JsonValues.Object(
        [
            ("Method", JsonValues.Of(request.Method)),
            ("Path", JsonValues.Of(path)),
            ("QueryString", JsonValues.Object([.. request.Query.Select(pair => (pair.Key, JsonValues.Of(pair.Value.ToString())))])),
            ("Headers", JsonValues.Object([.. request.Headers
                .Where(header => !Withheld.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
                .Select(header => (header.Key, JsonValues.Of(header.Value.ToString())))])),
            (HttpContents.Length, JsonValues.Of(length)),
            ("Content", isText ? JsonValues.Of(Encoding.UTF8.GetString(body.Span)) : JsonValues.Null),
            .. form,
        ]);
        if (JsonMarshal.GetRawUtf8Value(payload).Length > EngineLimits.ValueSizeMaxBytes)
        {
            throw TooLarge();
        }

        var actor = http.Features.Get<Caller>()?.Actor.Id ?? "anonymous";
        return new EndpointRequest(
            $"http/{actor}/{CommandRequest.KeyOf(request)}", actor, payload, CommandRequest.FingerprintOf(request.Method, request.GetEncodedPathAndQuery(), body.Span));
    }

    /// <summary>The fields and files of a form.</summary>
    private static async Task<(string, JsonElement)[]> ReadFormAsync(HttpContext http, ReadOnlyMemory<byte> body)
    {
        var form = await ParseFormAsync(http, body);
        if (form.Any(static field => !IsText(field.Key) || field.Value.Any(static text => !IsText(text))) || form.Files.Any(static file => !IsText(file.Name) || !IsText(file.ContentType)))
        {
            throw RequestProblemException.Malformed("$", "text-malformed", "The form holds a character that no text may have (\\u0000).");
        }

        var files = new List<JsonElement>(form.Files.Count);
        foreach (var file in form.Files)
        {
            using var content = new MemoryStream();
            await file.CopyToAsync(content, http.RequestAborted);
            files.Add(HttpFiles.Uploaded(file.Name, file.FileName, file.ContentType, content.ToArray()));
        }

        return
        [
            (HttpContents.Form, JsonValues.Object([.. form.Select(static field => (
                field.Key, field.Value.Count is 1 ? JsonValues.Of(field.Value.ToString()) : JsonValues.Of(field.Value.Select(static text => text ?? ""))))])),
            .. files.Count is 0 ? [] : new[] { (HttpContents.Files, JsonValues.Array(files)) },
        ];
    }

    private static async Task<IFormCollection> ParseFormAsync(HttpContext http, ReadOnlyMemory<byte> body)
    {
        http.Request.Body = new MemoryStream(body.ToArray());
        try
        {
            return await new FormFeature(http.Request, new FormOptions()).ReadFormAsync(http.RequestAborted);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw RequestProblemException.Malformed("$", "form-malformed", $"The form cannot be read: {e.Message}");
        }
    }

    private static bool IsText(string? text) => text?.Contains('\0', StringComparison.Ordinal) is not true;

    private static RequestProblemException TooLarge() => new(
        StatusCodes.Status413PayloadTooLarge,
        "body-too-large",
        $"A workflow takes {EngineLimits.ValueSizeMaxBytes} bytes with query and headers, files as Base64. Keep documents outside the workflow and send their ids.");
}
