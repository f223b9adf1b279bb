using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Content of HTTP messages as scripts see it.</summary>
public static class HttpContents
{
    /// <summary>Member of a request with the fields of a form: text by name, or a list where a name comes more than once.</summary>
    public const string Form = "Form";

    /// <summary>Member of a request with the files of a form.</summary>
    public const string Files = "Files";

    /// <summary>Member of a request with the size of its body (bytes).</summary>
    public const string Length = "ContentLength";

    /// <summary>A request without its files, which scripts see by themselves: the bytes are recorded often enough.</summary>
    internal static JsonElement WithoutFiles(JsonElement request) => request.Member(Files).IsNull()
        ? request
        : JsonValues.Object([.. request.EnumerateObject().Where(static member => member.Name is not Files).Select(static member => (member.Name, member.Value))]);

    /// <summary>A value when the content is JSON, else its text.</summary>
    internal static JsonElement Parse(string? body, string? contentType)
    {
        if (body is null || !IsJson(contentType?.Split(';')[0].Trim()))
        {
            return JsonValues.Of(body);
        }

        try
        {
            return JsonElement.Parse(body, new JsonDocumentOptions { MaxDepth = DefinitionLimits.DocumentDepthMax });
        }
        catch (JsonException)
        {
            return JsonValues.Of(body); // It says that it is JSON and is not: the author sees what came.
        }
    }

    private static bool IsJson(string? contentType) =>
        contentType is not null
        && (contentType.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || contentType.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
}
