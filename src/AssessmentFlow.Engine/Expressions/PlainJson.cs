using System.Text.Encodings.Web;
using System.Text.Json;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// JSON that escapes only what JSON asks for. The default encoder also escapes plus signs, apostrophes and every
/// letter beyond ASCII, which makes a Cyrillic text six times as long.
/// </summary>
public static class PlainJson
{
    /// <summary>Options like the given ones, with the plain encoder.</summary>
    public static JsonSerializerOptions Of(JsonSerializerOptions options) => new(options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Options of a writer with the plain encoder.</summary>
    public static JsonWriterOptions Writer { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
}
