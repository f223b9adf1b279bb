using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Downloads a file and follows the port of the status code that comes back. A file is a value like every other, and as bounded.</summary>
internal sealed class DownloadHttpFile : FlowHttpRequest
{
    private const string RequestContentType = "RequestContentType";

    /// <summary>Outputs that Elsa has as bytes or as a stream: what holds either here is the file.</summary>
    private static readonly string[] SameFile = ["ResponseContentStream", "ResponseContentBytes"];

    /// <summary>Headers that say something of the content and not of the answer.</summary>
    private static readonly string[] ContentHeaders = ["Allow", "Expires", "Last-Modified"];

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.DownloadHttpFile",
        Category = "HTTP",
        DisplayName = "Download File",
        Description = "Downloads a file and follows the port of the status code that comes back.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            .. CommonInputs.Take(2),
            StatusCodes,
            .. CommonInputs.Skip(2).Select(static input => input.Name is HttpCallReader.ContentType ? input with { Name = RequestContentType } : input),
        ],
        Outputs =
        [
            new("Response", "HttpResponseMessage", "The answer without its content: StatusCode, Headers."),
            new("StatusCode", "Int32", "The status code of the answer."),
            new(SameFile[0], "Stream", "The file, as in Result; set when a variable takes it."),
            new(SameFile[1], "ByteArray", "The file, as in Result; set when a variable takes it."),
            new("ResponseHeaders", "HttpHeaders", "The headers of the answer, without those of its content: a list of values by name."),
            new("ResponseContentHeaders", "HttpHeaders", "The headers of the content: a list of values by name."),
            new("Result", "HttpFile", "The file: Filename, ContentType, ETag, and Content with its bytes as Base64; null when the answer has no content."),
        ],
    };

    protected override string ContentTypeInput => RequestContentType;

    protected override bool IsForFile => true;

    /// <summary>The result of the activity shows the bytes in the journal: once is enough.</summary>
    protected override JsonElement Shown(JsonElement answer) => HttpAnswer.Contract.Write(HttpAnswer.Contract.Read(answer) with { Body = null });

    protected override void SetOutputs(ActivityContext context, HttpAnswer answer, string url)
    {
        var file = HttpFiles.Of(answer, url);
        var (ofContent, others) = (HeadersOf(answer, IsOfContent), HeadersOf(answer, static name => !IsOfContent(name)));
        context.SetOutput("StatusCode", JsonValues.Of(answer.StatusCode));
        context.SetOutput("ResponseHeaders", others);
        context.SetOutput("ResponseContentHeaders", ofContent);
        context.SetOutput("Response", JsonValues.Object(("StatusCode", JsonValues.Of(answer.StatusCode)), ("Headers", HeadersOf(answer, static _ => true))));
        foreach (var output in SameFile.Where(context.Node.OutputBindings.ContainsKey))
        {
            context.SetOutput(output, file);
        }

        context.SetOutput("Result", file);
    }

    private static bool IsOfContent(string header) =>
        header.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || ContentHeaders.Contains(header, StringComparer.OrdinalIgnoreCase);
}
