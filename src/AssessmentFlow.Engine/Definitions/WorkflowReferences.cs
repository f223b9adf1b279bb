using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>The activities of a document whose types are other workflows.</summary>
public static class WorkflowReferences
{
    /// <summary>The references of a document, each once.</summary>
    /// <param name="document">UTF-8 JSON of a definition; one that is not sound gives no references.</param>
    /// <param name="catalog">Types that are no workflows.</param>
    public static ImmutableArray<WorkflowReference> In(ReadOnlyMemory<byte> document, ActivityCatalog catalog)
    {
        try
        {
            using var json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = DefinitionLimits.DocumentDepthMax });
            var references = new List<WorkflowReference>();
            Visit(json.RootElement, catalog, references);
            return [.. references.Distinct()];
        }
        catch (JsonException)
        {
            return []; // Reading it as a definition says what is wrong.
        }
    }

    /// <summary>The document with each reference pinned to the content that it means now: later versions do not change it.</summary>
    /// <param name="document">UTF-8 JSON of a definition.</param>
    /// <param name="catalog">Types that are no workflows.</param>
    /// <param name="library">What the references mean; unknown ones are left as they are.</param>
    public static byte[] Pin(byte[] document, ActivityCatalog catalog, WorkflowLibrary library)
    {
        var json = JsonNode.Parse(document, documentOptions: new JsonDocumentOptions { MaxDepth = DefinitionLimits.DocumentDepthMax });
        if (!Pin(json, catalog, library))
        {
            return document;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Expressions.PlainJson.Writer))
        {
            json!.WriteTo(writer);
        }

        return stream.ToArray();
    }

    /// <summary>The workflows that a definition starts by their ids while it runs, as far as its author fixed them.</summary>
    public static IEnumerable<string> StartedBy(WorkflowDefinition definition) =>
        from node in definition.Nodes
        from input in node.Activity.Descriptor.Inputs
        where input.UiHint is InputDescriptor.WorkflowPicker && node.Inputs.ContainsKey(input.Name)
        from id in FixedInputs.TextsOf(node, input)
        select id.Text;

    private static void Visit(JsonElement json, ActivityCatalog catalog, List<WorkflowReference> references)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    Visit(item, catalog, references);
                }

                break;
            case JsonValueKind.Object:
                if (TypeOf(json) is { } type && catalog.Find(type) is null)
                {
                    references.Add(WorkflowReference.Of(type, json));
                }

                foreach (var member in json.EnumerateObject())
                {
                    Visit(member.Value, catalog, references);
                }

                break;
        }
    }

    private static bool Pin(JsonNode? json, ActivityCatalog catalog, WorkflowLibrary library)
    {
        var changed = false;
        switch (json)
        {
            case JsonArray items:
                foreach (var item in items)
                {
                    changed |= Pin(item, catalog, library);
                }

                break;
            case JsonObject members:
                var element = JsonElement.Parse(members.ToJsonString());
                if (TypeOf(element) is { } type
                    && catalog.Find(type) is null
                    && WorkflowReference.Of(type, element) is var reference
                    && library.Find(reference) is { } workflow
                    && (reference.VersionId != workflow.Hash || reference.DefinitionId != workflow.DefinitionId))
                {
                    members["workflowDefinitionId"] = workflow.DefinitionId;
                    members["workflowDefinitionVersionId"] = workflow.Hash;
                    changed = true;
                }

                foreach (var (_, value) in members.ToArray())
                {
                    changed |= Pin(value, catalog, library);
                }

                break;
        }

        return changed;
    }

    /// <summary>The type of something that looks like an activity: only those have an id beside it.</summary>
    private static string? TypeOf(JsonElement json) =>
        json.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String
        && json.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String
            ? type.GetString()
            : null;
}
