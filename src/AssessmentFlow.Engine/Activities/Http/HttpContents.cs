using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Content of HTTP messages as scripts see it.</summary>
internal static class HttpContents
{
    /// <summary>A value when the content is JSON, else its text.</summary>
    public static JsonElement Parse(string? body, string? contentType)
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
