using System.Text.Json;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Expressions;

/// <summary>Studio writes most values as text; each type reads the text of a value as well as the value, and nothing else.</summary>
public sealed class ValueConversionTests
{
    [Theory]
    [InlineData("""  "5"  """, "String", "\"5\"")]
    [InlineData("5", "String", "\"5\"")]
    [InlineData("true", "String", "\"True\"")]
    [InlineData("false", "String", "\"False\"")]
    [InlineData("[1,2]", "String", "\"[1,2]\"")]
    [InlineData("true", "Boolean", "true")]
    [InlineData("\"TRUE\"", "Boolean", "true")]
    [InlineData("\"False\"", "Boolean", "false")]
    [InlineData("0", "Boolean", "false")]
    [InlineData("2", "Boolean", "true")]
    [InlineData("\"yes\"", "Boolean", null)]
    [InlineData("\" true \"", "Boolean", "true")]
    [InlineData("\"\\n False\"", "Boolean", "false")]
    [InlineData("7", "Int32", "7")]
    [InlineData("\" 7 \"", "Int32", "7")]
    [InlineData("\"-7\"", "Int32", "-7")]
    [InlineData("7.0", "Int32", "7")]
    [InlineData("7.5", "Int32", null)]
    [InlineData("\"7.5\"", "Int32", null)]
    [InlineData("\"7.0\"", "Int32", "7")]
    [InlineData("\"-7.00\"", "Int64", "-7")]
    [InlineData("\"2147483648.0\"", "Int32", null)]
    [InlineData("\"9007199254740993.0\"", "Int64", "9007199254740993")]
    [InlineData("\"1,000\"", "Int32", null)]
    [InlineData("\" \"", "Int32", "null")]
    [InlineData("\"\"", "Double", "null")]
    [InlineData("\"\"", "Boolean", "null")]
    [InlineData("\"\"", "DateTimeOffset", "null")]
    [InlineData("\"\"", "TimeSpan", "null")]
    [InlineData("\"\"", "Guid", "null")]
    [InlineData("\"\"", "JsonObject", "null")]
    [InlineData("\"\"", "String", "\"\"")]
    [InlineData("\"\"", "Object", "\"\"")]
    [InlineData("\"\"", "ByteArray", "\"\"")]
    [InlineData("true", "Int32", "1")]
    [InlineData("false", "Int32", "0")]
    [InlineData("[]", "Int32", null)]
    [InlineData("2147483647", "Int32", "2147483647")]
    [InlineData("2147483648", "Int32", null)]
    [InlineData("-2147483648", "Int32", "-2147483648")]
    [InlineData("-2147483649", "Int32", null)]
    [InlineData("2147483648", "Int64", "2147483648")]
    [InlineData("2147483648", "Long", "2147483648")]
    [InlineData("1e15", "Int64", "1000000000000000")]
    [InlineData("1e16", "Int64", null)]
    [InlineData("1e300", "Int64", null)]
    [InlineData("1.5", "Double", "1.5")]
    [InlineData("\"1.5\"", "Decimal", "1.5")]
    [InlineData("\"1.5e2\"", "Single", "150")]
    [InlineData("\"x\"", "Double", null)]
    [InlineData("true", "Double", "1")]
    [InlineData("false", "Decimal", "0")]
    [InlineData("[]", "Double", null)]
    [InlineData("\"2030-01-01T10:00:00+02:00\"", "DateTimeOffset", "\"2030-01-01T10:00:00+02:00\"")]
    [InlineData("\"2030-01-01T10:00:00\"", "DateTime", "\"2030-01-01T10:00:00+00:00\"")]
    [InlineData("\"soon\"", "DateTime", null)]
    [InlineData("5", "DateTime", null)]
    [InlineData("\"4b0b8d0e-61bb-4d3c-8b4a-1fd1f7a58a52\"", "Guid", "\"4b0b8d0e-61bb-4d3c-8b4a-1fd1f7a58a52\"")]
    [InlineData("\"4b0b\"", "Guid", null)]
    [InlineData("5", "Guid", null)]
    [InlineData("\"{\\\"a\\\":1}\"", "ObjectDictionary", "{\"a\":1}")]
    [InlineData("{\"a\":1}", "JsonObject", "{\"a\":1}")]
    [InlineData("\"{a\"", "StringDictionary", null)]
    [InlineData("\"{a\"", "Object", "\"{a\"")]
    [InlineData("\"[1,2]\"", "List<Int32>", "[1,2]")]
    [InlineData("[\"1\",2]", "List<Int32>", "[1,2]")]
    [InlineData("[\"x\"]", "List<Int32>", null)]
    [InlineData("null", "Int32", "null")]
    public void A_value_is_read_as_a_type_or_not_at_all(string json, string type, string? expected)
    {
        var isRead = ValueConversion.TryConvert(Element(json), type, isArray: false, out var result);

        Assert.Equal(expected, isRead ? result.GetRawText() : null);
    }

    [Theory]
    [InlineData("\"[1,\\\"2\\\"]\"", "Int32", "[1,2]")]
    [InlineData("5", "Int32", "[5]")]
    [InlineData("\"5\"", "Int32", "[5]")]
    [InlineData("\"five\"", "String", "[\"five\"]")]
    [InlineData("\"five\"", "Int32", null)]
    [InlineData("[1,\"x\"]", "Int32", null)]
    [InlineData("null", "Int32", "null")]
    public void A_single_value_where_a_list_is_wanted_is_a_list_of_one(string json, string type, string? expected)
    {
        var isRead = ValueConversion.TryConvert(Element(json), type, isArray: true, out var result);

        Assert.Equal(expected, isRead ? result.GetRawText() : null);
    }

    [Theory]
    [InlineData("00:05:00", "00:05:00")]
    [InlineData("1.02:03:04", "1.02:03:04")]
    [InlineData("3", "3.00:00:00")]
    [InlineData("24:00", "1.00:00:00")]
    [InlineData("72:00:30", "3.00:00:30")]
    [InlineData("23:59:59", "23:59:59")]
    [InlineData("-01:00:00", "-01:00:00")]
    [InlineData(" 00:00:01 ", "00:00:01")]
    [InlineData("PT90M", "01:30:00")]
    [InlineData("P2DT1H", "2.01:00:00")]
    [InlineData("-P1D", "-1.00:00:00")]
    [InlineData("P1M", null)]
    [InlineData("P1Y", null)]
    [InlineData("P1", null)]
    [InlineData("P99999999999D", null)]
    [InlineData("72:99:00", null)]
    [InlineData("", null)]
    [InlineData("soon", null)]
    public void A_span_of_time_is_read_from_clock_text_days_or_an_ISO_duration(string text, string? expected)
    {
        var isRead = ValueConversion.TryGetSpan(JsonValues.Of(text), out var span);

        Assert.Equal(expected, isRead ? span.ToString() : null);
        Assert.Equal(expected is not null || text.Length is 0, ValueConversion.TryConvert(JsonValues.Of(text), "TimeSpan", isArray: false, out _));
    }

    [Theory]
    [InlineData("charge card", "ChargeCard")]
    [InlineData("charge_card-no", "ChargeCardNo")]
    [InlineData("alreadyHere", "AlreadyHere")]
    [InlineData("", "")]
    public void A_name_begins_each_word_with_a_capital(string name, string expected) => Assert.Equal(expected, Names.Pascal(name));

    [Theory]
    [InlineData("null", null)]
    [InlineData("\"a\"", "a")]
    [InlineData("{\"a\":[1]}", "{\"a\":[1]}")]
    public void The_text_of_a_value_is_what_Elsa_prints(string json, string? expected)
    {
        Assert.Equal(expected, ValueConversion.ToText(Element(json)));
        Assert.Null(ValueConversion.ToText(default(JsonElement)));
    }
}
