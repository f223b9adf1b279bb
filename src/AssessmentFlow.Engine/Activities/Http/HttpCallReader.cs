using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Makes a request of the inputs of an activity, or says what is wrong with them.</summary>
internal static class HttpCallReader
{
    public const string Url = "Url";
    public const string Method = "Method";
    public const string Content = "Content";
    public const string ContentType = "ContentType";
    public const string Authorization = "Authorization";
    public const string RequestHeaders = "RequestHeaders";

    private const string Json = "application/json";
    private const string Form = "application/x-www-form-urlencoded";

    /// <summary>Headers that belong to the connection and not to the request.</summary>
    private static readonly string[] OwnHeaders =
        ["Host", "Connection", "Content-Length", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect"];

    /// <summary>What an address may be, for authors.</summary>
    public static readonly string UrlForm = $"The input Url is an absolute address of http or https of {EngineLimits.HttpTextLengthMax} characters at most";

    /// <summary>Reads the address that a request is sent to.</summary>
    /// <returns>False when no request can be sent there.</returns>
    public static bool TryReadUrl(string url, [NotNullWhen(true)] out Uri? address)
    {
        address = null;
        return url.Length <= EngineLimits.HttpTextLengthMax && Uri.TryCreate(url.Trim(), UriKind.Absolute, out address) && address.Scheme is "http" or "https";
    }

    /// <summary>Reads the request that the inputs describe.</summary>
    /// <param name="context">The run of the activity.</param>
    /// <param name="isRepeatable">Whether the request may be sent again.</param>
    /// <param name="contentType">Name of the input with the media type of the content.</param>
    /// <exception cref="ActivityFaultException">The inputs make no request.</exception>
    public static HttpCall Read(ActivityContext context, bool isRepeatable, string contentType)
    {
        // A repetition sends what was sent first, whatever became of the variables; only the key to it may be a fresh one.
        JsonElement Value(string name) => isRepeatable ? context.Keep(name) : context.Input(name);

        var url = ValueConversion.ToText(Value(Url))?.Trim() ?? "";
        if (!TryReadUrl(url, out var address))
        {
            throw new ActivityFaultException("http-url-malformed", $"'{context.Node.Label}' cannot send its request. {UrlForm}; it is '{Brief(url)}'.");
        }

        var headers = HeadersOf(context, Value(RequestHeaders));
        if (context.Text(Authorization) is { } authorization)
        {
            headers[Authorization] = [Checked(context, Authorization, authorization)];
        }

        var (body, type) = BodyOf(context, Value(Content), ValueConversion.ToText(Value(contentType)));
        return new HttpCall(
            ValueConversion.ToText(Value(Method)) is { Length: > 0 } method ? Checked(context, Method, method).ToUpperInvariant() : "GET",
            address.AbsoluteUri,
            headers.Count > 0 ? headers : null,
            body,
            type,
            string.Create(CultureInfo.InvariantCulture, $"{context.InstanceId}-{context.ExecutionId}"));
    }

    public static (string? Body, string? ContentType) BodyOf(ActivityContext context, JsonElement content, string? contentType)
    {
        if (content.IsNull() || content.AsText() is "")
        {
            return (null, null);
        }

        var type = contentType is { Length: > 0 } ? Checked(context, ContentType, contentType) : content.ValueKind is JsonValueKind.String ? "text/plain" : Json;
        var body = content.AsText()
            ?? (type.StartsWith(Form, StringComparison.OrdinalIgnoreCase) && content.ValueKind is JsonValueKind.Object
                ? string.Join('&', content.EnumerateObject().Select(member => $"{Uri.EscapeDataString(member.Name)}={Uri.EscapeDataString(ValueConversion.ToText(member.Value) ?? "")}"))
                : content.GetRawText());
        var size = Encoding.UTF8.GetByteCount(body);
        return size <= EngineLimits.HttpBodySizeMaxBytes
            ? (body, type)
            : throw new ActivityFaultException(
                "http-content-too-large", $"The content of '{context.Node.Label}' has {size} bytes; an HTTP message may carry {EngineLimits.HttpBodySizeMaxBytes}.");
    }

    public static OrderedDictionary<string, string[]> HeadersOf(ActivityContext context, JsonElement value, string input = RequestHeaders)
    {
        var headers = new OrderedDictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        if (!ValueConversion.TryConvert(value, "JSON", isArray: false, out var json) || (!json.IsNull() && json.ValueKind is not JsonValueKind.Object))
        {
            throw new ActivityFaultException("http-headers-malformed", $"The input {input} of '{context.Node.Label}' must be a JSON object of names and values.");
        }

        foreach (var member in json.ValueKind is JsonValueKind.Object ? json.EnumerateObject() : default)
        {
            if (!IsToken(member.Name) || OwnHeaders.Contains(member.Name, StringComparer.OrdinalIgnoreCase) || headers.Count == EngineLimits.HttpHeadersMax)
            {
                throw new ActivityFaultException(
                    "http-header-refused",
                    $"'{context.Node.Label}' may send {EngineLimits.HttpHeadersMax} headers, none of which belongs to the connection; '{Brief(member.Name)}' cannot be sent.");
            }

            headers[member.Name] = member.Value.ValueKind is JsonValueKind.Array
                ? [.. member.Value.EnumerateArray().Take(EngineLimits.HttpHeadersMax).Select(item => Checked(context, member.Name, ValueConversion.ToText(item) ?? ""))]
                : [Checked(context, member.Name, ValueConversion.ToText(member.Value) ?? "")];
        }

        return headers;
    }

    /// <summary>
    /// Text that stands in a line of a message: a line break in it would begin another line, and a letter beyond ASCII goes
    /// neither into an answer nor into a request, whose failure would look like one of the receiver.
    /// </summary>
    private static string Checked(ActivityContext context, string name, string text) =>
        text.Length <= EngineLimits.HttpTextLengthMax && text.All(static letter => char.IsAscii(letter) && !char.IsControl(letter)) && (name is not Method || IsToken(text))
            ? text
            : throw new ActivityFaultException(
                "http-header-malformed", $"'{name}' of '{context.Node.Label}' may have {EngineLimits.HttpTextLengthMax} printable characters of ASCII. Encode what is beyond, as HTTP does it: %C3%9C.");

    private static bool IsToken(string text) => text.Length is > 0 and <= 100 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter));

    public static string Brief(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
