using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Files as scripts see them: a value with the name, media type, version tag and bytes of the file.</summary>
public static class HttpFiles
{
    /// <summary>Member with the name of the file, without a path.</summary>
    public const string Filename = "Filename";

    /// <summary>Member with the media type; null when nobody named it.</summary>
    public const string ContentType = "ContentType";

    /// <summary>Member with the version tag as it stands in a header; null when there is none.</summary>
    public const string ETag = "ETag";

    /// <summary>Member with the bytes, as Base64.</summary>
    public const string Content = "Content";

    private const int TagLengthMax = 200;

    /// <summary>A file.</summary>
    /// <param name="filename">Its name; what is no part of a name is taken out.</param>
    /// <param name="contentType">Its media type.</param>
    /// <param name="etag">Its version tag; one that is too long to be kept is left out.</param>
    /// <param name="content">Its bytes, as Base64.</param>
    public static JsonElement Of(string filename, string? contentType, string? etag, string content) => JsonValues.Object(
        (Filename, JsonValues.Of(filename)),
        (ContentType, JsonValues.Of(Short(contentType))),
        (ETag, JsonValues.Of(Short(etag))),
        (Content, JsonValues.Of(content)));

    /// <summary>A file that came with a form; it also has the members that Elsa's have.</summary>
    /// <param name="field">Name of the field.</param>
    /// <param name="filename">Its name; what is no part of a name is taken out.</param>
    /// <param name="contentType">Its media type; null when nobody named it.</param>
    /// <param name="bytes">Its bytes.</param>
    public static JsonElement Uploaded(string field, string? filename, string? contentType, ReadOnlySpan<byte> bytes)
    {
        var name = JsonValues.Of(NameOf(filename) ?? "file.bin");
        return JsonValues.Object(
            ("Name", JsonValues.Of(field)),
            (Filename, name),
            ("FileName", name),
            (ContentType, JsonValues.Of(Short(contentType))),
            ("Length", JsonValues.Of(bytes.Length)),
            (Content, JsonValues.Of(Convert.ToBase64String(bytes))));
    }

    /// <summary>A name as others may keep a file under: no path, nothing unprintable, not too long; null when nothing is left.</summary>
    public static string? NameOf(string? text)
    {
        var last = string.Concat((text ?? "").Split('/', '\\')[^1].Where(static letter => !char.IsControl(letter) && !char.IsSurrogate(letter) && letter is not '"')).Trim();
        var name = last.Length <= EngineLimits.FileNameLengthMax ? last : last[^EngineLimits.FileNameLengthMax..];
        return name.Trim('.').Length > 0 ? name : null;
    }

    /// <summary>The files that a value means, as Elsa reads it: a file, text, bytes, or a list of such.</summary>
    /// <exception cref="ActivityFaultException">It means none.</exception>
    internal static ImmutableArray<ServedFile> In(JsonElement content) => content switch
    {
        _ when content.IsNull() => [],
        { ValueKind: JsonValueKind.Array } when !IsBytes(content) => [.. content.EnumerateArray().Select(One)],
        _ => [One(content)],
    };

    /// <summary>The file that an answer is; its name is what the answer says, else the last part of the address that was asked for.</summary>
    internal static JsonElement Of(HttpAnswer answer, string url) => answer.Body is { } body
        ? Of(NameIn(Header(answer, "Content-Disposition")) ?? NameOf(Uri.UnescapeDataString(new Uri(url).Segments[^1])) ?? "file.dat", answer.ContentType, Header(answer, "ETag"), body)
        : JsonValues.Null;

    private static ServedFile One(JsonElement item)
    {
        if (item.AsText() is { } text)
        {
            return IsAddress(text)
                ? throw Unreadable($"'{text[..Math.Min(text.Length, 200)]}' is an address; let Elsa.DownloadHttpFile fetch the file first.")
                : new ServedFile("file.txt", "text/plain", Tag: null, Encoding.UTF8.GetBytes(text));
        }

        if (item.ValueKind is JsonValueKind.Array && IsBytes(item))
        {
            return new ServedFile("file.bin", FileTypes.Bytes, Tag: null, [.. item.EnumerateArray().Select(static each => each.GetByte())]);
        }

        return item.Member(Content).AsText() is { } base64
            ? new ServedFile(NameOf(item.Member(Filename).AsText()), item.Member(ContentType).AsText(), item.Member(ETag).AsText(), BytesOf(base64))
            : throw Unreadable($"Files are text, lists of bytes, or objects with {Filename}, {ContentType}, {ETag} and {Content}, the bytes as Base64.");
    }

    private static byte[] BytesOf(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : throw Unreadable($"The member {Content} of a file is not Base64.");
    }

    /// <summary>Numbers from 0 to 255; an empty list is one of no files.</summary>
    private static bool IsBytes(JsonElement list) =>
        list.GetArrayLength() > 0 && list.EnumerateArray().All(static item => item.ValueKind is JsonValueKind.Number && item.TryGetByte(out _));

    /// <summary>What Elsa would fetch; a turn cannot.</summary>
    private static bool IsAddress(string text) =>
        !text.Any(char.IsWhiteSpace) && Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    private static ActivityFaultException Unreadable(string message) => new("file-unreadable", message);

    private static string? NameIn(string? disposition) =>
        ContentDispositionHeaderValue.TryParse(disposition, out var read)
            ? NameOf(read.FileNameStar) ?? NameOf(read.FileName?.Trim('"').Replace("\\\\", "\\", StringComparison.Ordinal))
            : null;

    private static string? Header(HttpAnswer answer, string name) => answer.Headers?.GetValueOrDefault(name)?.FirstOrDefault();

    private static string? Short(string? text) => text is null or "" || text.Length > TagLengthMax ? null : text;
}

/// <summary>A file that a request is answered with.</summary>
/// <param name="Name">Its name, without a path; null when it has none.</param>
/// <param name="ContentType">Its media type; null when nobody named it.</param>
/// <param name="Tag">Its version tag; null when there is none.</param>
/// <param name="Bytes">Its content.</param>
internal sealed record ServedFile(string? Name, string? ContentType, string? Tag, byte[] Bytes);
