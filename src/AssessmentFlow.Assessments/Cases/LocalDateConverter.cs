using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Expressions;
using NodaTime;
using NodaTime.Text;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>Writes dates as <c>yyyy-MM-dd</c>.</summary>
public sealed class LocalDateConverter : JsonConverter<LocalDate>, ISaysForm
{
    /// <inheritdoc/>
    public string Form => "a date such as 2008-11-20";

    /// <inheritdoc/>
    public override LocalDate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType is JsonTokenType.String ? reader.GetString()! : "";
        return LocalDatePattern.Iso.Parse(text) is { Success: true } parsed
            ? parsed.Value
            : throw new JsonException($"'{text}' is no date; write yyyy-MM-dd.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LocalDate value, JsonSerializerOptions options) =>
        writer.WriteStringValue(LocalDatePattern.Iso.Format(value));
}
