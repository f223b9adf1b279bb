using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.UnitTests.Expressions;

/// <summary>Each form that a value may have is told in words, and so is what was found instead.</summary>
public sealed class JsonFormTests
{
    private const string Whole = "a whole number from -2147483648 to 2147483647";
    private const string Forty = "1234567890123456789012345678901234567890";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter() },
    };

    [Theory]
    [InlineData("text", "1", "$.text", "Expected a text and found 1")]
    [InlineData("text", "null", "$.text", "Expected a text and found null")]
    [InlineData("text", Forty, "$.text", "Expected a text and found " + Forty)]
    [InlineData("text", Forty + "1", "$.text", "Expected a text and found a number")]
    [InlineData("flag", "\"yes\"", "$.flag", "Expected true or false and found the text 'yes'")]
    [InlineData("small", "1.5", "$.small", "Expected " + Whole + " and found 1.5")]
    [InlineData("small", "\"" + Forty + "\"", "$.small", "Expected " + Whole + " and found the text '" + Forty + "'")]
    [InlineData("small", "\"" + Forty + "1\"", "$.small", "Expected " + Whole + " and found a text")]
    [InlineData("maybe", "false", "$.maybe", "Expected " + Whole + " and found false")]
    [InlineData("large", "{}", "$.large", "Expected a whole number and found an object")]
    [InlineData("real", "[]", "$.real", "Expected a number and found a list")]
    [InlineData("exact", "true", "$.exact", "Expected a number and found true")]
    [InlineData("at", "\"soon\"", "$.at", "Expected an instant with its offset such as 2008-11-20T12:00:00Z and found the text 'soon'")]
    [InlineData("side", "\"Middle\"", "$.side", "Expected one of Left, Right and found the text 'Middle'")]
    [InlineData("list", "{}", "$.list", "Expected a list and found an object")]
    [InlineData("list", "[1,\"x\"]", "$.list[1]", "Expected " + Whole + " and found the text 'x'")]
    [InlineData("map", "[]", "$.map", "Expected an object and found a list")]
    [InlineData("map", "{\"a\":1,\"b\":\"x\"}", "$.map.b", "Expected " + Whole + " and found the text 'x'")]
    [InlineData("map", "{\"a\":1,\"a\":2}", "$.map.a", "This member stands here twice")]
    [InlineData("any", "[{\"a\":1,\"a\":2}]", "$.any[0].a", "This member stands here twice")]
    public void A_value_of_another_form_is_told_with_what_was_expected_and_what_was_found(string member, string value, string path, string message)
    {
        var fault = Assert.Single(Find(Sample(member, value)));

        Assert.Equal(path, fault.Pointer);
        Assert.StartsWith(message + " (line 1, column ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text", "\"t\"")]
    [InlineData("maybe", "null")]
    [InlineData("maybe", "7")]
    [InlineData("any", "null")]
    [InlineData("any", "[{\"a\":1},{\"a\":2}]")]
    [InlineData("small", "-2147483648")]
    public void What_can_be_read_has_no_fault_of_form(string member, string value) =>
        Assert.StartsWith("This cannot be read", Assert.Single(Find(Sample(member, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void Each_member_that_is_missing_is_told_by_its_name_and_form() => Assert.Equal(
        ["The member 'flag' is missing: expected true or false.", "The member 'map' is missing: expected an object."],
        Find(Sample("text", "\"t\"", "flag", "map")).Select(fault => fault.Message));

    [Fact]
    public void A_long_name_is_cut_in_the_path_that_is_told()
    {
        var name = new string('n', 250);

        Assert.Equal("$." + name[..198] + "…", Assert.Single(JsonFaults.Find(Encoding.UTF8.GetBytes($$"""{"{{name}}":1,"{{name}}":2}"""), type: null)).Pointer);
    }

    private static ImmutableArray<JsonFault> Find(string json) => JsonFaults.Find(Encoding.UTF8.GetBytes(json), Options.GetTypeInfo(typeof(Forms)));

    /// <summary>JSON of every form, with one member replaced and others left out.</summary>
    private static string Sample(string member, string value, params string[] missing)
    {
        var json = JsonNode.Parse("""
            {"text":"t","flag":true,"small":1,"large":1,"real":1.5,"exact":1.5,"at":"2008-11-20T12:00:00Z","side":"Left","maybe":1,"list":[1],"map":{"a":1},"any":1}
            """)!.AsObject();
        json[member] = "?";
        foreach (var name in missing)
        {
            json.Remove(name);
        }

        return json.ToJsonString().Replace("\"?\"", value, StringComparison.Ordinal);
    }

    private sealed record Forms(
        string Text,
        bool Flag,
        int Small,
        long Large,
        double Real,
        decimal Exact,
        DateTimeOffset At,
        Side Side,
        int? Maybe,
        List<int> List,
        Dictionary<string, int> Map,
        JsonElement Any);

    private enum Side
    {
        Left,
        Right,
    }
}
