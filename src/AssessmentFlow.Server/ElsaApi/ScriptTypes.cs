using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>What scripts of a workflow can call, in TypeScript: the editor completes and checks by it.</summary>
internal static class ScriptTypes
{
    /// <summary>What every script has, as the engine gives it. A test runs each of these.</summary>
    internal static readonly string[] General =
    [
        "getVariable(name: string): any", "setVariable(name: string, value: any): void",
        "getInput(name: string): any",
        "getOutputFrom(activity: string, output?: string): any", "getLastResult(): any",
        "getCorrelationId(): string", "setCorrelationId(value: string): void",
        "getWorkflowInstanceId(): string", "getWorkflowInstanceName(): string", "setWorkflowInstanceName(value: string): void",
        "getWorkflowDefinitionId(): string", "getWorkflowDefinitionVersionId(): string", "getWorkflowDefinitionVersion(): number",
        "isNullOrEmpty(value: string): boolean", "isNullOrWhiteSpace(value: string): boolean",
        "toJson(value: any): string", "parseGuid(value: string): string", "newGuid(): string", "newGuidString(): string", "newShortGuid(): string",
        "getGuid(): string", "getGuidString(): string", "getShortGuid(): string",
        "bytesToString(value: any): string", "bytesFromString(value: string): ArrayBuffer",
        "bytesToBase64(value: any): string", "bytesFromBase64(value: string): ArrayBuffer",
        "stringToBase64(value: string): string", "stringFromBase64(value: string): string",
    ];

    /// <summary>What only the script of the activity RunJavaScript has.</summary>
    private static readonly string[] OfScriptActivity = ["setOutcome(outcome: string): void", "setOutcomes(outcomes: string[]): void"];

    public static void MapScriptTypes(this RouteGroupBuilder api) => api.MapPost("/scripting/javascript/type-definitions/{definitionId}", GetAsync);

    private static async Task<IResult> GetAsync(HttpContext http, string definitionId, WorkflowCatalogue catalogue, ActivityCatalog activities)
    {
        _ = http.Caller();
        var body = await ElsaJson.ReadAsync(http);
        var entry = await catalogue.FindAsync(definitionId);
        var document = entry is null ? null : await catalogue.FindDocumentAsync(entry.Latest.Hash);
        var text = Write(document is null ? [] : ElsaJson.Parse(document), activities, body.Text("activityTypeName") is "Elsa.RunJavaScript");
        return TypedResults.File(Encoding.UTF8.GetBytes(text), "application/x-typescript", "workflow.d.ts");
    }

    /// <summary>The declarations for scripts of a document.</summary>
    internal static string Write(JsonObject document, ActivityCatalog activities, bool isScriptActivity)
    {
        var declared = new SortedSet<string>(isScriptActivity ? General.Concat(OfScriptActivity) : General, StringComparer.Ordinal);
        var variables = Named(document["variables"]).ToArray();
        var inputs = Named(document["inputs"]).ToArray();
        foreach (var (name, type) in variables)
        {
            declared.Add($"set{Pascal(name)}(value: {type}): void");
            if (inputs.All(input => input.Name != Pascal(name)))
            {
                declared.Add($"get{Pascal(name)}(): {type}"); // Else the function is that of the input.
            }
        }

        foreach (var (name, type) in inputs.Where(input => input.Name == Pascal(input.Name) || variables.All(variable => Pascal(variable.Name) != Pascal(input.Name))))
        {
            declared.Add($"get{Pascal(name)}(): {type}");
        }

        foreach (var activity in document["root"] is JsonObject root ? StudioDocument.Activities(root) : [])
        {
            // A root may lack its id or its type: then it has no accessors.
            var label = activity.Text("name") is { Length: > 0 } name ? name : activity.Text("id");
            var type = label is null ? null : activity.Text("type");
            foreach (var output in type is null ? [] : activities.Find(type)?.Descriptor.Outputs ?? [])
            {
                declared.Add($"get{output.Name}From{Pascal(label!)}(): {TypeOf(output.TypeName, isArray: false)}");
            }
        }

        var text = new StringBuilder();
        foreach (var function in declared.Where(function => IsName(function[..function.IndexOf('(', StringComparison.Ordinal)])))
        {
            text.Append("declare function ").Append(function).Append(";\n");
        }

        text.Append("declare const variables: {\n");
        foreach (var (name, type) in variables.Where(variable => IsName(variable.Name)))
        {
            text.Append("  ").Append(name).Append(": ").Append(type).Append(";\n");
        }

        return text.Append("};\n").ToString();
    }

    private static IEnumerable<(string Name, string Type)> Named(JsonNode? list) =>
        from item in (list as JsonArray ?? []).OfType<JsonObject>()
        let name = item.Text("name")
        where name is { Length: > 0 }
        select (name, TypeOf(item.Text("typeName") ?? item.Text("type"), item.IsTrue("isArray")));

    private static string TypeOf(string? alias, bool isArray)
    {
        const string List = "List<";
        var item = alias.AsSpan();
        var brackets = isArray ? 1 : 0;
        for (; item.StartsWith(List, StringComparison.Ordinal) && item.EndsWith(">", StringComparison.Ordinal); brackets++)
        {
            item = item[List.Length..^1];
        }

        var type = item switch
        {
            "String" or "Guid" or "TimeSpan" => "string",
            "Boolean" => "boolean",
            "Int32" or "Int64" or "Long" or "Single" or "Double" or "Decimal" => "number",
            "DateTime" or "DateTimeOffset" => "Date",
            _ => "any",
        };
        return new StringBuilder(type).Insert(type.Length, "[]", brackets).ToString();
    }

    /// <summary>Names become accessors by the same rule as workflows become types.</summary>
    private static string Pascal(string name) => UsableWorkflow.TypeNameOf(name);

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsLetterOrDigit(letter) || letter is '_' or '$');
}
