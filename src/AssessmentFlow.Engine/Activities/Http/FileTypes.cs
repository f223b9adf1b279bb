using System.Collections.Frozen;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Media types by the end of a file name. A table of its own, so that the same file has the same type wherever the turn is decided.</summary>
internal static class FileTypes
{
    /// <summary>The type of what is nothing in particular.</summary>
    public const string Bytes = "application/octet-stream";

    /// <summary>The type of an archive.</summary>
    public const string Zip = "application/zip";

    private static readonly FrozenDictionary<string, string> ByExtension = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [".csv"] = "text/csv",
        [".doc"] = "application/msword",
        [".docx"] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        [".gif"] = "image/gif",
        [".htm"] = "text/html",
        [".html"] = "text/html",
        [".ics"] = "text/calendar",
        [".jpeg"] = "image/jpeg",
        [".jpg"] = "image/jpeg",
        [".json"] = "application/json",
        [".md"] = "text/markdown",
        [".odt"] = "application/vnd.oasis.opendocument.text",
        [".ods"] = "application/vnd.oasis.opendocument.spreadsheet",
        [".pdf"] = "application/pdf",
        [".png"] = "image/png",
        [".pptx"] = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        [".rtf"] = "application/rtf",
        [".svg"] = "image/svg+xml",
        [".tif"] = "image/tiff",
        [".tiff"] = "image/tiff",
        [".txt"] = "text/plain",
        [".webp"] = "image/webp",
        [".xls"] = "application/vnd.ms-excel",
        [".xlsx"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        [".xml"] = "text/xml",
        [".zip"] = Zip,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The media type of a file of that name.</summary>
    public static string Of(string name) => ByExtension.GetValueOrDefault(Path.GetExtension(name), Bytes);
}
