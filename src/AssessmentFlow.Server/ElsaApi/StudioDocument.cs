using System.Text.Json;
using System.Text.Json.Nodes;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>
/// A definition on its way to Studio and back. What Studio needs beside the stored document is added on the way there and
/// taken away on the way back, so that a definition that was only looked at is the same as before.
/// </summary>
internal static class StudioDocument
{
    /// <summary>Custom property that carries the ETag of what was shown: a save says by it what it was made from.</summary>
    public const string SeenProperty = "assessmentFlowSeen";

    private const string RootNodeId = "Workflow1";
    private const string Missing = "originalActivityJson";

    /// <summary>Members of a definition that tell of its version and not of its content.</summary>
    private static readonly string[] OfVersion =
        ["id", "links", "createdAt", "version", "isLatest", "isPublished", "isReadonly", "isSystem", "providerName", "materializerName", "isMaterializerAvailable", "tenantId"];

    /// <summary>Members of a definition that tell who wrote it down.</summary>
    private static readonly string[] OfTool = ["$schema", "toolVersion"];

    /// <summary>Members of an activity that hold no activities: what looks like one in there is content.</summary>
    private static readonly string[] Closed = ["metadata", "customProperties", "variables", "expression", "connections"];

    /// <summary>Fills in what Studio does not do without. Unknown activities become placeholders.</summary>
    /// <param name="document">The stored document; it is changed.</param>
    /// <param name="isKnown">Whether there is an activity of this type name and version.</param>
    public static void Show(JsonObject document, Func<string, int, bool> isKnown)
    {
        foreach (var list in new[] { "variables", "inputs", "outputs", "outcomes" })
        {
            if (document[list] is not JsonArray)
            {
                document[list] = new JsonArray();
            }
        }

        foreach (var map in new[] { "customProperties", "options" })
        {
            if (document[map] is not JsonObject)
            {
                document[map] = new JsonObject();
            }
        }

        if (document["root"] is JsonObject root)
        {
            document["root"] = null;
            document["root"] = Show(root, RootNodeId, isKnown);
        }
        else
        {
            document["root"] = new JsonObject { ["id"] = "root", ["nodeId"] = RootNodeId + ":root", ["type"] = "Elsa.Sequence", ["version"] = 1, ["activities"] = new JsonArray() };
        }
    }

    /// <summary>The document to store of what Studio sent.</summary>
    public static JsonObject Read(JsonObject model)
    {
        var document = model.DeepClone().AsObject();
        foreach (var member in OfVersion)
        {
            document.Remove(member);
        }

        (document["customProperties"] as JsonObject)?.Remove(SeenProperty);
        if (document["root"] is JsonObject root)
        {
            document["root"] = null;
            document["root"] = Restore(root);
        }

        return document;
    }

    /// <summary>The ETag that a save was made from; null when it names none.</summary>
    public static long? SeenBy(JsonObject model) => (model["customProperties"] as JsonObject).Number(SeenProperty);

    /// <summary>Whether two documents say the same, places on the canvas included: Studio leaves out what is null and writes what is empty.</summary>
    public static bool IsSame(JsonObject one, JsonObject other) => JsonNode.DeepEquals(Plain(Content(one)), Plain(Content(other)));

    /// <summary>A value without what says nothing: null, empty texts, lists and objects. Null when nothing is left.</summary>
    public static JsonNode? Plain(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject members:
                var plain = new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Plain(member.Value))).Where(member => member.Value is not null));
                return plain.Count > 0 ? plain : null;
            case JsonArray items:
                return items.Count > 0 ? new JsonArray([.. items.Select(Plain)]) : null;
            case JsonValue text when text.GetValueKind() is JsonValueKind.String && text.GetValue<string>().Length is 0:
                return null;
            default:
                return value?.DeepClone();
        }
    }

    /// <summary>All activities below an activity, itself included.</summary>
    public static IEnumerable<JsonObject> Activities(JsonObject activity) =>
        new[] { activity }.Concat(Children(activity).SelectMany(child => Activities(child.Activity)));

    /// <summary>The activities directly below an activity, each with the member that holds it.</summary>
    public static IEnumerable<(string Port, JsonObject Activity)> Children(JsonObject activity)
    {
        foreach (var (name, value) in activity)
        {
            if (!Closed.Contains(name))
            {
                foreach (var child in Within(value))
                {
                    yield return (name, child);
                }
            }
        }
    }

    private static JsonObject Content(JsonObject document)
    {
        var content = Read(document);
        foreach (var member in OfTool)
        {
            content.Remove(member);
        }

        return content;
    }

    private static JsonObject Show(JsonObject activity, string parentNodeId, Func<string, int, bool> isKnown)
    {
        var nodeId = $"{parentNodeId}:{activity.Text("id")}";
        var type = activity.Text("type"); // A root may name none.
        var version = (int)(activity.Number("version") ?? 1);
        if (type is null || !isKnown(type, version))
        {
            return Placeholder(activity, nodeId, type, version);
        }

        activity["nodeId"] = nodeId;
        foreach (var map in new[] { "customProperties", "metadata" })
        {
            if (activity[map] is not JsonObject)
            {
                activity[map] = new JsonObject();
            }
        }

        if (activity["connections"] is JsonArray connections)
        {
            foreach (var connection in connections.OfType<JsonObject>().Where(connection => connection["vertices"] is not JsonArray))
            {
                connection["vertices"] = new JsonArray();
            }
        }

        Replace(activity, child => Show(child, nodeId, isKnown));
        return activity;
    }

    private static JsonObject Placeholder(JsonObject activity, string nodeId, string? type, int version)
    {
        var metadata = activity["metadata"]?.DeepClone() as JsonObject ?? [];
        metadata["displayText"] = type is null ? "No type" : $"Unknown: {type}";
        metadata["description"] = type is null
            ? "This activity names no type, or not as a text. It is kept as it was written."
            : $"This server has no activity {type} of version {version}. It is kept as it was written.";
        return new JsonObject
        {
            ["id"] = activity.Text("id"),
            ["nodeId"] = nodeId,
            ["name"] = activity.Text("name"),
            ["type"] = DescriptorList.NotFoundType,
            ["version"] = 1,
            ["missingTypeName"] = type ?? "",
            ["missingTypeVersion"] = version,
            [Missing] = activity.ToJsonString(),
            ["customProperties"] = new JsonObject { ["canStartWorkflow"] = false, ["runAsynchronously"] = false },
            ["metadata"] = metadata,
        };
    }

    private static JsonObject Restore(JsonObject activity)
    {
        if (activity.Text("type") is DescriptorList.NotFoundType && activity.Text(Missing) is { } text && Original(text) is { } original)
        {
            // It may have been moved; everything else is as it was written.
            original["id"] = activity.Text("id");
            if (activity["metadata"]?["designer"] is { } place)
            {
                var metadata = original["metadata"] as JsonObject ?? [];
                metadata["designer"] = place.DeepClone();
                original["metadata"] = metadata.Parent is null ? metadata : metadata.DeepClone();
            }

            return original;
        }

        activity.Remove("nodeId");
        Replace(activity, Restore);
        return activity;
    }

    private static JsonObject? Original(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: ElsaJson.Reading) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Puts something else in the place of each activity directly below.</summary>
    private static void Replace(JsonObject activity, Func<JsonObject, JsonObject> with)
    {
        foreach (var name in activity.Select(member => member.Key).Where(name => !Closed.Contains(name)).ToArray())
        {
            switch (activity[name])
            {
                case JsonObject child when IsActivity(child):
                    activity[name] = null; // A tree has its node in one place only.
                    activity[name] = with(child);
                    break;
                case JsonArray items:
                    for (var i = 0; i < items.Count; i++)
                    {
                        if (items[i] is JsonObject item && IsActivity(item))
                        {
                            items[i] = null;
                            items[i] = with(item);
                        }
                        else if (items[i] is JsonObject holder)
                        {
                            Replace(holder, with); // A case of a switch holds an activity.
                        }
                    }

                    break;
            }
        }
    }

    private static IEnumerable<JsonObject> Within(JsonNode? value) => value switch
    {
        JsonObject child when IsActivity(child) => [child],
        JsonArray items => items.OfType<JsonObject>().SelectMany(item => IsActivity(item) ? [item] : Children(item).Select(child => child.Activity)),
        _ => [],
    };

    private static bool IsActivity(JsonObject json) => json.Text("id") is not null && json.Text("type") is not null;
}
