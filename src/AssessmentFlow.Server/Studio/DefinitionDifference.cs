using System.Text.Json.Nodes;
using AssessmentFlow.Server.ElsaApi;

namespace AssessmentFlow.Server.Studio;

/// <summary>What differs between two versions of a workflow, in the words of those who draw it. Where things stand on the canvas is left out.</summary>
internal static class DefinitionDifference
{
    private const int ValueLengthMax = 200;

    /// <summary>Members of an activity that say nothing of what it does.</summary>
    private static readonly string[] Silent = ["id", "nodeId", "metadata", "activities", "connections"];

    /// <summary>Members of a definition that are compared as they are.</summary>
    private static readonly string[] Settings = ["name", "description", "variables", "inputs", "outputs", "outcomes", "options", "customProperties"];

    /// <summary>The differences, in the order of the newer document; empty when both mean the same.</summary>
    public static IReadOnlyList<string> Between(JsonObject older, JsonObject newer)
    {
        var found = new List<string>();
        foreach (var setting in Settings)
        {
            if (!Same(older[setting], newer[setting]))
            {
                found.Add($"{setting}: {Show(older[setting])} → {Show(newer[setting])}");
            }
        }

        var before = Activities(older);
        var after = Activities(newer);
        found.AddRange(after.Where(activity => !before.ContainsKey(activity.Key)).Select(activity => $"added: {Label(activity.Value)}"));
        found.AddRange(before.Where(activity => !after.ContainsKey(activity.Key)).Select(activity => $"removed: {Label(activity.Value)}"));
        foreach (var (id, activity) in after)
        {
            if (before.TryGetValue(id, out var was))
            {
                found.AddRange(Changes(was, activity).Select(change => $"{Label(activity)}: {change}"));
            }
        }

        found.AddRange(Moves(Places(older), Places(newer)));

        var connected = Connections(older);
        var connects = Connections(newer);
        found.AddRange(connects.Except(connected).Select(connection => $"connected: {connection}"));
        found.AddRange(connected.Except(connects).Select(connection => $"no longer connected: {connection}"));
        return found;
    }

    private static IEnumerable<string> Changes(JsonObject older, JsonObject newer)
    {
        var children = StudioDocument.Children(newer).Concat(StudioDocument.Children(older)).Select(child => child.Port).ToHashSet(StringComparer.Ordinal);
        foreach (var member in newer.Select(each => each.Key).Union(older.Select(each => each.Key)).Where(name => !Silent.Contains(name) && !children.Contains(name)))
        {
            if (!Same(older[member], newer[member]))
            {
                yield return $"{member}: {Show(older[member])} → {Show(newer[member])}";
            }
        }
    }

    /// <summary>What lies in another activity than before, and what follows in another order where order counts.</summary>
    private static IEnumerable<string> Moves(OrderedDictionary<string, Place> before, OrderedDictionary<string, Place> after)
    {
        foreach (var (id, place) in after)
        {
            if (before.TryGetValue(id, out var was) && (was.Container, was.Port) != (place.Container, place.Port))
            {
                yield return $"{id}: moved from {was.Container} ({was.Port}) to {place.Container} ({place.Port})";
            }
        }

        foreach (var container in after.Values.Where(place => place.IsOrdered).Select(place => place.Container).Distinct(StringComparer.Ordinal))
        {
            var then = In(before, container, after);
            var now = In(after, container, before);
            if (!then.SequenceEqual(now, StringComparer.Ordinal))
            {
                yield return $"{container}: order: {string.Join(", ", then)} → {string.Join(", ", now)}";
            }
        }

        static string[] In(OrderedDictionary<string, Place> places, string container, OrderedDictionary<string, Place> others) =>
            [.. places.Where(each => each.Value.Container == container && others.TryGetValue(each.Key, out var other) && other.Container == container).Select(each => each.Key)];
    }

    private static OrderedDictionary<string, Place> Places(JsonObject document)
    {
        var found = new OrderedDictionary<string, Place>(StringComparer.Ordinal);
        foreach (var container in Activities(document).Values)
        {
            foreach (var (port, activity) in StudioDocument.Children(container))
            {
                // Connections say what follows what, where there are any.
                found.TryAdd(activity.Text("id") ?? "", new Place(container.Text("id") ?? "", port, IsOrdered: container["connections"] is null));
            }
        }

        return found;
    }

    private static OrderedDictionary<string, JsonObject> Activities(JsonObject document)
    {
        var found = new OrderedDictionary<string, JsonObject>(StringComparer.Ordinal);
        if (document["root"] is JsonObject root)
        {
            foreach (var activity in StudioDocument.Activities(root))
            {
                found.TryAdd(activity.Text("id") ?? "", activity);
            }
        }

        return found;
    }

    private static HashSet<string> Connections(JsonObject document) => document["root"] is not JsonObject root ? [] :
    [
        .. from activity in StudioDocument.Activities(root)
           from connection in (activity["connections"] as JsonArray ?? []).OfType<JsonObject>()
           let source = connection["source"] as JsonObject
           let target = connection["target"] as JsonObject
           let port = target.Text("port") is { Length: > 0 } named and not "In" ? $" ({named})" : ""
           select $"{source.Text("activity")} ({source.Text("port") ?? "Done"}) → {target.Text("activity")}{port}",
    ];

    private static string Label(JsonObject activity) =>
        activity.Text("name") is { Length: > 0 } name && name != activity.Text("id") ? $"{name} [{activity.Text("id")}]" : activity.Text("id") ?? "";

    /// <summary>Whether two values mean the same. Studio leaves out what is null, and writes what is empty.</summary>
    private static bool Same(JsonNode? older, JsonNode? newer) => JsonNode.DeepEquals(StudioDocument.Plain(older), StudioDocument.Plain(newer));

    private static string Language(JsonObject expression) => expression.Text("type") is { Length: > 0 } type and not "Literal" ? type + " " : "";

    private static string Show(JsonNode? value)
    {
        var shown = value is JsonObject wrapped && wrapped["expression"] is JsonObject expression
            ? Language(expression) + (expression.Text("value") ?? expression["value"]?.ToJsonString() ?? "nothing")
            : value is null ? "nothing" : value is JsonValue ? value.ToString() : value.ToJsonString();
        return shown.Length is 0 ? "nothing" : shown.Length > ValueLengthMax ? shown[..ValueLengthMax] + "…" : shown;
    }

    /// <summary>Where an activity lies.</summary>
    /// <param name="Container">Id of the activity that holds it.</param>
    /// <param name="Port">Member that holds it.</param>
    /// <param name="IsOrdered">Whether it matters what lies before it.</param>
    private sealed record Place(string Container, string Port, bool IsOrdered);
}
