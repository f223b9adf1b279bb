using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>A route with a method, as the document describes it.</summary>
/// <param name="Method">GET, POST, PUT, DELETE.</param>
/// <param name="Path">The route, with its parameters in braces.</param>
/// <param name="Json">The operation as described.</param>
internal sealed record ApiOperation(string Method, string Path, JsonNode Json)
{
    /// <summary>Whether If-Match is required.</summary>
    public bool NeedsIfMatch => Parameters("header").Any(parameter => (string?)parameter["name"] is "If-Match" && (bool?)parameter["required"] is true);

    /// <summary>Whether a body is taken.</summary>
    public bool TakesBody => Json["requestBody"] is not null;

    /// <summary>Parameters in a place: path, query or header.</summary>
    public IEnumerable<JsonNode> Parameters(string place) =>
        (Json["parameters"]?.AsArray() ?? []).Select(parameter => parameter!).Where(parameter => (string?)parameter["in"] == place);

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>The OpenAPI document of a running server.</summary>
/// <param name="Json">The document.</param>
/// <param name="Operations">Its operations.</param>
internal sealed record OpenApi(JsonNode Json, IReadOnlyList<ApiOperation> Operations)
{
    public static async Task<OpenApi> ReadAsync(RestClient api)
    {
        var answer = await api.SendAsync(new RestRequest("GET", "/openapi/v1.json"), TestContext.Current.CancellationToken);
        var operations = answer.Json["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
            .Select(operation => new ApiOperation(operation.Key.ToUpperInvariant(), path.Key.Length > 1 ? path.Key.TrimEnd('/') : path.Key, operation.Value!)));
        return new OpenApi(answer.Json, [.. operations]);
    }
}
