using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Server.Api;

/// <summary>
/// Reads instants of request bodies. An instant says its offset from UTC: without it, a deadline would depend on the zone
/// that the server happens to run in.
/// </summary>
internal sealed class InstantConverter : JsonConverter<DateTimeOffset>, ISaysForm
{
    /// <inheritdoc/>
    string ISaysForm.Form => "an instant with its offset from UTC, such as 2008-05-09T12:00:00Z";

    private const string Form = "write it with its offset from UTC, such as 2008-05-09T12:00:00Z or 2008-05-09T19:00:00+07:00.";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.String)
        {
            throw new JsonException($"An instant is text: {Form}");
        }

        if (!reader.TryGetDateTimeOffset(out var instant))
        {
            throw new JsonException($"'{reader.GetString()}' is no instant: {Form}");
        }

        var text = reader.GetString()!;
        return text.IndexOf('T', StringComparison.Ordinal) is var time and > 0 && text.AsSpan(time).ContainsAny('Z', '+', '-')
            ? instant
            : throw new JsonException($"'{text}' does not say from which clock it is: {Form}");
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
