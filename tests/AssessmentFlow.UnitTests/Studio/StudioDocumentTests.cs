using System.Text.Json.Nodes;
using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Server.ElsaApi;
using AssessmentFlow.Server.Studio;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>A definition on its way to Studio and back.</summary>
public sealed class StudioDocumentTests
{
    private const string Unknown = """
        {"definitionId":"synthetic","name":"Synthetic","root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
          {"id":"loop","type":"Elsa.While","version":1,"body":{"id":"inner","type":"Elsa.WriteLine","version":1}},
          {"id":"odd","type":"Synthetic.Unknown","version":3,"name":"Odd","count":{"typeName":"Int32","expression":{"type":"Literal","value":"1"}},
           "metadata":{"designer":{"position":{"x":10,"y":20}}}}],
          "connections":[{"source":{"activity":"loop"},"target":{"activity":"odd"}}]}}
        """;

    public static TheoryData<string> Shipped => [.. Directory.EnumerateDirectories(Repository.PathOf("workflows")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_shipped_workflow_that_was_only_looked_at_means_the_same(string name)
    {
        var stored = Read(name);
        var shown = Show(stored.DeepClone().AsObject());
        var kept = StudioDocument.Read(shown);

        Assert.True(StudioDocument.IsSame(stored, kept));
        Assert.Empty(DefinitionDifference.Between(stored, kept));
        var before = Graph(stored);
        var after = Graph(kept);
        Assert.Equal(before.Nodes.Select(node => (node.NodeId, node.Activity.Descriptor.TypeName)), after.Nodes.Select(node => (node.NodeId, node.Activity.Descriptor.TypeName)));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_shipped_workflow_has_no_two_activities_in_the_same_place(string name)
    {
        var places = StudioDocument.Activities(Read(name)["root"]!.AsObject()).Skip(1)
            .Select(activity => activity["metadata"]!["designer"]!["position"]!.ToJsonString()).ToArray();

        Assert.Equal(places.Length, places.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Every_activity_is_told_its_place_in_the_tree()
    {
        var shown = Show(JsonNode.Parse(Unknown)!.AsObject());

        Assert.Equal(
            ["Workflow1:flow", "Workflow1:flow:loop", "Workflow1:flow:loop:inner", "Workflow1:flow:odd"],
            StudioDocument.Activities(shown["root"]!.AsObject()).Select(activity => (string)activity["nodeId"]!));
        Assert.All(StudioDocument.Activities(shown["root"]!.AsObject()), activity => Assert.True(activity["metadata"] is JsonObject && activity["customProperties"] is JsonObject));
        Assert.IsType<JsonArray>(shown["root"]!["connections"]![0]!["vertices"]);
    }

    [Fact]
    public void An_unknown_activity_becomes_a_placeholder_and_comes_back_as_it_was_written()
    {
        var stored = JsonNode.Parse(Unknown)!.AsObject();
        var shown = Show(stored.DeepClone().AsObject());
        var placeholder = shown["root"]!["activities"]![1]!.AsObject();

        Shape.Is("id:String nodeId:String name:String type:String version:Number missingTypeName:String missingTypeVersion:Number originalActivityJson:String customProperties:Object metadata:Object", placeholder);
        Assert.Equal(("Elsa.NotFoundActivity", "Synthetic.Unknown", 3), ((string)placeholder["type"]!, (string)placeholder["missingTypeName"]!, (int)placeholder["missingTypeVersion"]!));
        placeholder["metadata"]!["designer"]!["position"]!["x"] = 99;
        var kept = StudioDocument.Read(shown)["root"]!["activities"]![1]!;

        Assert.Equal(99, (int)kept["metadata"]!["designer"]!["position"]!["x"]!);
        kept["metadata"]!["designer"]!["position"]!["x"] = 10;
        Assert.True(JsonNode.DeepEquals(stored["root"]!["activities"]![1], kept), kept.ToJsonString());
    }

    [Fact]
    public void A_known_activity_of_another_version_becomes_a_placeholder_too()
    {
        var document = JsonNode.Parse(Unknown)!.AsObject();
        document["root"]!["activities"]![0]!["version"] = 7;

        Assert.Equal("Elsa.NotFoundActivity", (string)Show(document)["root"]!["activities"]![0]!["type"]!);
    }

    [Fact]
    public void What_tells_the_version_is_not_kept_with_the_content()
    {
        var model = JsonNode.Parse("""{"id":"synthetic:1","definitionId":"synthetic","version":4,"isLatest":true,"isPublished":false,"links":[],"createdAt":"2031-01-01T00:00:00Z","customProperties":{"assessmentFlowSeen":7,"kept":1},"root":null}""")!.AsObject();

        Assert.Equal(7, StudioDocument.SeenBy(model));
        Assert.Equal("""{"definitionId":"synthetic","customProperties":{"kept":1},"root":null}""", StudioDocument.Read(model).ToJsonString());
    }

    [Theory]
    [InlineData("visit-lifecycle:3", "visit-lifecycle", 3, null)]
    [InlineData("a:b:12", "a:b", 12, null)]
    [InlineData("w:2:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "w", 2, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void An_id_of_a_version_says_which_it_is(string text, string definitionId, int version, string? hash)
    {
        var id = VersionId.TryParse(text);

        Assert.Equal(new VersionId(definitionId, version, hash), id);
        Assert.Equal(text, id!.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("visit-lifecycle")]
    [InlineData("visit-lifecycle:")]
    [InlineData("visit-lifecycle:-1")]
    public void Another_text_is_no_id_of_a_version(string text) => Assert.Null(VersionId.TryParse(text));

    private static JsonObject Show(JsonObject document)
    {
        StudioDocument.Show(document, static (type, version) => AssessmentActivities.Catalog.Find(type)?.Descriptor.Version == version);
        return document;
    }

    private static JsonObject Read(string name) => ElsaJson.Parse(File.ReadAllBytes(Repository.PathOf("workflows", name, "definition.json")));

    private static WorkflowDefinition Graph(JsonObject document)
    {
        var reading = DefinitionReader.Read(ElsaJson.ToBytes(document), AssessmentActivities.Catalog);
        Assert.Empty(reading.Problems);
        return reading.Definition!;
    }
}
