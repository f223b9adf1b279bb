using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// Answers the HTTP request that began or resumed this turn with a file, or with several in an archive. As a recorded
/// fact it is the same however often it is asked for.
/// </summary>
internal sealed class WriteFileHttpResponse : Activity
{
    private const string ContentType = "ContentType";
    private const string Filename = "Filename";
    private const string EntityTag = "EntityTag";
    private const string Content = "Content";
    private const string EnableResumableDownloads = "EnableResumableDownloads";
    private const string DownloadCorrelationId = "DownloadCorrelationId";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.WriteFileHttpResponse",
        Category = "HTTP",
        DisplayName = "HTTP File Response",
        Description = "Answers the HTTP request that began or resumed this run with a file, or with several in an archive.",
        Inputs =
        [
            new(ContentType, "String", "Media type; empty for that of the file, or the one its name tells.") { DisplayName = "Content Type" },
            new(Filename, "String", "Name to keep it under; empty for that of the file."),
            new(EntityTag, "String", "Version tag; empty for that of the file, or one made of its content.") { DisplayName = "Entity Tag" },
            new(Content, "Object", "A file, text, a list of bytes, or a list of such, which becomes an archive."),
            new(EnableResumableDownloads, "Boolean", "Whether who lost the connection may ask for the rest.")
            {
                DisplayName = "Enable Resumable Downloads", UiHint = "checkbox", Default = JsonValues.False,
            },
            new(DownloadCorrelationId, "String", "Has no effect: the same files make the same archive, so that a part of it fits whoever made it.")
            {
                DisplayName = "Download Correlation Id",
            },
        ],
    };

    public override void Execute(ActivityContext context)
    {
        var files = HttpFiles.In(context.Input(Content));
        if (files.IsEmpty)
        {
            context.Turn.Record(new InstanceFact.HttpAnswered(context.ExecutionId, (int)HttpStatusCode.NoContent, Headers: null, Body: null, ContentType: null));
            context.Complete();
            return;
        }

        var file = Served(context, files.Length is 1 ? files[0] : new ServedFile("download.zip", FileTypes.Zip, Tag: null, FileArchive.Of(files)));
        context.Turn.Record(new InstanceFact.HttpAnswered(
            context.ExecutionId,
            (int)HttpStatusCode.OK,
            new(StringComparer.OrdinalIgnoreCase) { ["Content-Disposition"] = [DispositionOf(file.Name!)], ["ETag"] = [file.Tag!] },
            Convert.ToBase64String(file.Bytes),
            file.ContentType,
            IsBase64: true,
            context.Flag(EnableResumableDownloads)));
        context.Complete();
    }

    internal override object? Plan(PlanContext context)
    {
        context.WarnWithoutEffect(DownloadCorrelationId, "an archive of the same files is the same, so that a part of it can be asked for without it.");
        return null;
    }

    /// <summary>The file with what its author wrote in place of what it says itself.</summary>
    private static ServedFile Served(ActivityContext context, ServedFile file)
    {
        if (file.Bytes.Length > EngineLimits.FileSizeMaxBytes)
        {
            throw new ActivityFaultException(
                "http-content-too-large",
                $"'{context.Node.Label}' answers with {file.Bytes.Length} bytes; a file may have {EngineLimits.FileSizeMaxBytes}. Keep the document outside the workflow and answer with its address.");
        }

        var name = HttpFiles.NameOf(context.Text(Filename)) ?? file.Name ?? "file.bin";
        if (context.Text(ContentType) is { } type && !IsType(type))
        {
            throw new ActivityFaultException("content-type-malformed", $"The media type of '{context.Node.Label}' is '{type}'; it looks like application/pdf.");
        }

        if (context.Text(EntityTag) is { } tag && !string.IsNullOrWhiteSpace(tag) && TagOf(tag) is null)
        {
            throw new ActivityFaultException("entity-tag-malformed", $"The entity tag of '{context.Node.Label}' is '{tag}'; it may have printable characters of ASCII between quotation marks.");
        }

        // What a file says of itself came from a stranger: where it means nothing, it is as if the file had not said it.
        return new ServedFile(
            name,
            context.Text(ContentType) ?? (IsType(file.ContentType) ? file.ContentType : FileTypes.Of(name)),
            TagOf(context.Text(EntityTag)) ?? TagOf(file.Tag) ?? Quoted(Convert.ToHexStringLower(SHA256.HashData(file.Bytes))),
            file.Bytes);
    }

    private static bool IsType(string? text) => MediaTypeHeaderValue.TryParse(text, out _) && IsPrintable(text!);

    /// <summary>The tag as it stands in a header; null when the text is none. Authors forget its quotation marks.</summary>
    private static string? TagOf(string? text) =>
        !string.IsNullOrWhiteSpace(text) && IsPrintable(text) && EntityTagHeaderValue.TryParse(text.EndsWith('"') ? text : Quoted(text), out var read) ? read.ToString() : null;

    private static bool IsPrintable(string text) => text.All(static letter => char.IsAscii(letter) && !char.IsControl(letter));

    private static string Quoted(string text) => $"\"{text}\"";

    /// <summary>The name twice: as every client reads it, and as it is.</summary>
    private static string DispositionOf(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (var letter in name)
        {
            plain.Append(char.IsAscii(letter) ? letter : '_');
        }

        return $"attachment; filename=\"{plain}\"; filename*=UTF-8''{Uri.EscapeDataString(name)}";
    }
}
