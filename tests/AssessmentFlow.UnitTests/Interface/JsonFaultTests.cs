using System.Text;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Server.Api;

namespace AssessmentFlow.UnitTests.Interface;

/// <summary>Whoever sent JSON that cannot be read is told where, what was found and what was expected, in words that are not those of this program.</summary>
public sealed class JsonFaultTests
{
    private const string Sound = """{"title":"T","state":{"name":"S","iso2":"KH"},"regime":"r"}""";

    [Theory]
    [InlineData("""{"title":1,"state":{"name":"S","iso2":"KH"},"regime":"r"}""", "$.title", "Expected a text and found 1 (line 1, column 10).")]
    [InlineData("{\n  \"title\": \"T\",\n  \"state\": [],\n  \"regime\": \"r\"\n}", "$.state", "Expected an object and found a list (line 3, column 12).")]
    [InlineData("""{"title":"T","state":{"name":"S","iso2":null},"regime":"r"}""", "$.state.iso2", "Expected a text and found null (line 1, column 41).")]
    [InlineData("""{"title":"T","state":{"name":"S","iso2":"KH"},"regime":"r","visitFrom":"20.11.2008"}""", "$.visitFrom", "Expected a date such as 2008-11-20 and found the text '20.11.2008' (line 1, column 72).")]
    [InlineData("""{"title":"T","state":{"name":"S"},"regime":"r"}""", "$.state.iso2", "The member 'iso2' is missing: expected a text.")]
    [InlineData("""{"title":"T","title":"U","state":{"name":"S","iso2":"KH"},"regime":"r"}""", "$.title", "This member stands here twice (line 1, column 22).")]
    [InlineData("""{"title":"T","state":{"name":"S","iso2":"KH","flag":1},"regime":"r"}""", "$.state.flag", "There is no such member here; there are name, iso2 (line 1, column 53).")]
    [InlineData("[]", "$", "Expected an object and found a list (line 1, column 1).")]
    public void A_fault_of_form_is_told_with_its_place_and_what_was_expected(string json, string pointer, string message)
    {
        var fault = Assert.Single(JsonFaults.Find(Encoding.UTF8.GetBytes(json), ApiJson.Default.OpenAssessment));

        Assert.Equal((pointer, message), (fault.Pointer, fault.Message));
    }

    [Theory]
    [InlineData("", "$", "ends too early, something is not closed (line 1, column 1)")]
    [InlineData("{\"a\":[1,\"b\"", "$.a[1]", "ends too early, something is not closed (line 1, column 12)")]
    [InlineData("{\n \"a\": 'x'\n}", "$.a", "''' cannot stand here (line 2, column 7)")]
    [InlineData("{\"a\":1,}", "$.a", "'}' cannot stand here (line 1, column 8)")]
    [InlineData("{\"é\":NaN}", "$.é", "'N' cannot stand here (line 1, column 6)")]
    [InlineData("{}{}", "$", "'{' cannot stand here (line 1, column 3)")]
    [InlineData("\u0000", "$", "the character U+0000 cannot stand here (line 1, column 1)")]
    public void What_is_not_json_is_told_by_the_place_where_it_breaks(string json, string pointer, string message)
    {
        var fault = Assert.Single(JsonFaults.Find(Encoding.UTF8.GetBytes(json), type: null));

        Assert.Equal(pointer, fault.Pointer);
        Assert.EndsWith(message + ".", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_at_once_up_to_a_limit()
    {
        var faults = JsonFaults.Find("""{"weekend":["Sunday","Someday",8.5],"holidays":["2008-01-07",3],"coversFrom":true,"coversTo":"2008-12-31"}"""u8.ToArray(), ReferenceJson.Plain.CalendarDocument);
        var many = JsonFaults.Find(Encoding.UTF8.GetBytes($"{{\"weekend\":[{string.Join(',', Enumerable.Repeat("{}", 100))}]}}"), ReferenceJson.Plain.CalendarDocument);

        Assert.Equal(["$.weekend[1]", "$.weekend[2]", "$.holidays[1]", "$.coversFrom"], faults.Select(fault => fault.Pointer));
        Assert.Contains("Monday", faults[0].Message, StringComparison.Ordinal);
        Assert.Equal(JsonFaults.FaultsMax, many.Length);
    }

    [Fact]
    public void Numbers_out_of_bounds_are_told_with_the_bounds() => Assert.Equal(
        "Expected a whole number from -2147483648 to 2147483647 and found 2147483648 (line 1, column 23).",
        Assert.Single(JsonFaults.Find("""{"note":"n","version":2147483648}"""u8.ToArray(), ApiJson.Default.PublishWorkflow)).Message);

    [Fact]
    public void Whatever_the_serializer_refuses_has_a_fault_and_what_it_takes_has_none_of_form()
    {
        foreach (var json in Spoilt())
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            var faults = JsonFaults.Find(bytes, ApiJson.Default.OpenAssessment);
            Assert.Equal(IsRead(bytes), faults is [{ Message: var message }] && message.StartsWith("This cannot be read", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_fault_of_an_item_has_the_path_that_its_refusal_names()
    {
        var refusal = ItemRules.Read(ItemRules.FindingKind, JsonElement.Parse("""{"type":"Rumour","area":"a","summary":"s"}"""), ReferenceSnapshot.Empty, out _);

        Assert.Equal(("item-malformed", "type"), (refusal!.Code, refusal.Path));
        Assert.StartsWith("Expected one of Strength, Shortfall, ", refusal.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Spoilt()
    {
        string[] values = ["null", "1", "1.5", "\"x\"", "[]", "{}", "true", "\"2008-11-20\"", "{\"a\":1,\"a\":2}"];
        string[] members = ["title", "state", "regime", "id", "visitFrom", "synthetic", "unknown"];
        yield return Sound;
        foreach (var value in values)
        {
            yield return value;
            foreach (var member in members)
            {
                var json = System.Text.Json.Nodes.JsonNode.Parse(Sound)!;
                json[member] = "§";
                yield return json.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).Replace("\"§\"", value, StringComparison.Ordinal);
            }
        }
    }

    private static bool IsRead(byte[] json)
    {
        try
        {
            JsonSerializer.Deserialize(json, ApiJson.Default.OpenAssessment);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
