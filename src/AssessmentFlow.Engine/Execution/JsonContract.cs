using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AssessmentFlow.Engine.Execution;

/// <summary>How a type is written to and read from JSON, without reflection.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <param name="Type">Generated type information.</param>
public sealed record JsonContract<T>(JsonTypeInfo<T> Type)
{
    /// <summary>Reads a value that this contract wrote.</summary>
    public T Read(JsonElement json) =>
        json.Deserialize(Type) ?? throw new JsonException($"Expected {typeof(T).Name}, found null.");

    /// <summary>Writes a value.</summary>
    public JsonElement Write(T value) => JsonSerializer.SerializeToElement(value, Type);
}
