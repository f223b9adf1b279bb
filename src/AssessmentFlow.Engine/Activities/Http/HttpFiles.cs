using System.Net.Http.Headers;
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

    /// <summary>A name as others may keep a file under: no path, nothing unprintable, not too long; null when nothing is left.</summary>
    public static string? NameOf(string? text)
    {
        var last = string.Concat((text ?? "").Split('/', '\\')[^1].Where(static letter => !char.IsControl(letter) && !char.IsSurrogate(letter) && letter is not '"')).Trim();
        var name = last.Length <= EngineLimits.FileNameLengthMax ? last : last[^EngineLimits.FileNameLengthMax..];
        return name.Trim('.').Length > 0 ? name : null;
    }

    /// <summary>The file that an answer is; its name is what the answer says, else the last part of the address that was asked for.</summary>
    internal static JsonElement Of(HttpAnswer answer, string url) => answer.Body is { } body
        ? Of(NameIn(Header(answer, "Content-Disposition")) ?? NameOf(Uri.UnescapeDataString(new Uri(url).Segments[^1])) ?? "file.dat", answer.ContentType, Header(answer, "ETag"), body)
        : JsonValues.Null;

    private static string? NameIn(string? disposition) =>
        ContentDispositionHeaderValue.TryParse(disposition, out var read)
            ? NameOf(read.FileNameStar) ?? NameOf(read.FileName?.Trim('"').Replace("\\\\", "\\", StringComparison.Ordinal))
            : null;

    private static string? Header(HttpAnswer answer, string name) => answer.Headers?.GetValueOrDefault(name)?.FirstOrDefault();

    private static string? Short(string? text) => text?.Length > TagLengthMax ? null : text;
}
