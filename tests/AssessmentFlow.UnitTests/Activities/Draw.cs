using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.UnitTests.Conformance;

namespace AssessmentFlow.UnitTests.Activities;

/// <summary>Draws definitions in Elsa's JSON form, short enough to be read in a test.</summary>
internal static class Draw
{
    public static JsonObject Activity(string type, string id, params (string Name, JsonNode? Value)[] members)
    {
        var activity = new JsonObject { ["type"] = type, ["id"] = id, ["name"] = id, ["version"] = 1 };
        foreach (var (name, value) in members)
        {
            activity[name] = value;
        }

        return activity;
    }

    public static JsonObject Literal(string? value) => Wrapped("Literal", value);

    public static JsonObject Js(string value) => Wrapped("JavaScript", value);

    public static JsonObject Liquid(string value) => Wrapped("Liquid", value);

    public static JsonObject Json(string value) => Wrapped("Object", value);

    public static JsonObject Wrapped(string type, string? value) =>
        new() { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = type, ["value"] = value } };

    public static JsonObject Into(string target) => new() { ["typeName"] = null, ["memoryReference"] = new JsonObject { ["id"] = target } };

    public static JsonObject Line(string id, string text) => Activity("Elsa.WriteLine", id, ("text", Literal(text)));

    public static JsonObject LineJs(string id, string script) => Activity("Elsa.WriteLine", id, ("text", Js(script)));

    public static JsonObject Event(string id, string name, params (string Name, JsonNode? Value)[] members) =>
        Activity("Elsa.Event", id, [("eventName", Literal(name)), .. members]);

    public static JsonObject Starting(JsonObject activity)
    {
        activity["customProperties"] = new JsonObject { ["canStartWorkflow"] = true };
        return activity;
    }

    public static JsonObject Sequence(string id, params JsonNode[] activities) => Container("Elsa.Sequence", id, activities);

    public static JsonObject Container(string type, string id, params JsonNode[] activities) =>
        Activity(type, id, ("activities", new JsonArray(activities)));

    public static JsonObject Flowchart(string id, JsonObject[] activities, params string[] connections) => Activity(
        "Elsa.Flowchart",
        id,
        ("activities", new JsonArray([.. activities])),
        ("connections", new JsonArray([.. connections.Select(Connection)])));

    public static JsonObject Set(string id, string variable, JsonObject value) => Activity(
        "Elsa.SetVariable", id, ("variable", new JsonObject { ["id"] = variable, ["name"] = variable }), ("value", value));

    public static JsonObject Variable(string name, string typeName = "Object", string? value = null, bool isArray = false) =>
        new() { ["id"] = name, ["name"] = name, ["typeName"] = typeName, ["isArray"] = isArray, ["value"] = value };

    public static string Definition(string id, JsonObject root, params (string Name, JsonNode? Value)[] members)
    {
        var definition = new JsonObject { ["definitionId"] = id, ["name"] = id, ["version"] = 1, ["root"] = root };
        foreach (var (name, value) in members)
        {
            definition[name] = value;
        }

        return definition.ToJsonString();
    }

    /// <summary>Publishes and starts a definition.</summary>
    public static WorldInstance Run(EngineWorld world, JsonObject root, params (string Name, JsonNode? Value)[] members)
    {
        Assert.Empty(world.Publish(Definition("drawn", root, members)));
        return world.Start("drawn", JsonValues.Null, correlationId: null);
    }

    /// <summary>Lines written by a definition that runs to its end.</summary>
    public static string Printed(JsonObject root, params (string Name, JsonNode? Value)[] members)
    {
        var world = new EngineWorld();
        var instance = Run(world, root, members);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        return string.Join(' ', world.Printed);
    }

    public static JsonElement Element(string json) => JsonElement.Parse(json);

    /// <summary>From <c>a.Port&gt;b</c>; the port may be left out.</summary>
    private static JsonObject Connection(string text)
    {
        var ends = text.Split('>');
        var source = ends[0].Split('.');
        return new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = source[0], ["port"] = source.Length > 1 ? source[1] : "Done" },
            ["target"] = new JsonObject { ["activity"] = ends[1], ["port"] = "In" },
        };
    }
}
