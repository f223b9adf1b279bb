using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>What workflows with HTTP endpoints are made of, and requests to them.</summary>
internal static class HttpWorkflows
{
    /// <summary>An endpoint for POST.</summary>
    public static JsonObject Endpoint(string id, string path, params (string Name, string Type, string Syntax, string Value)[] inputs)
    {
        var endpoint = Definitions.Activity(
            id, "Elsa.HttpEndpoint", [("path", "String", "Literal", path), ("supportedMethods", "List<String>", "Object", """["POST"]"""), .. inputs]);
        endpoint["name"] = id;
        return endpoint;
    }

    /// <summary>The endpoint "in", whose requests start the workflow.</summary>
    public static JsonObject Starts(string path, params (string Name, string Type, string Syntax, string Value)[] inputs)
    {
        var endpoint = Endpoint("in", path, inputs);
        endpoint["customProperties"] = new JsonObject { ["canStartWorkflow"] = true };
        return endpoint;
    }

    /// <summary>An answer with what a script gives.</summary>
    public static JsonObject Answer(string status, string script) => Definitions.Activity(
        "answer", "Elsa.WriteHttpResponse", ("statusCode", "HttpStatusCode", "Literal", status), ("content", "Object", "JavaScript", script));

    /// <summary>A request of the secretariat, as it can be sent again and again.</summary>
    public static RestRequest Request(string method, string path) =>
        new(method, $"/workflows/{path}") { Client = Stage.Secretariat, IdempotencyKey = Guid.NewGuid().ToString() };

    /// <summary>The code of a refusal.</summary>
    public static string CodeOf(RestAnswer problem) => ((string)problem.Json["type"]!).Split(':')[^1];
}
