using System.Buffers;
using System.Text.Json;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>A JSON writer together with its buffer.</summary>
internal sealed class PooledJsonWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public PooledJsonWriter() => Writer = new Utf8JsonWriter(_buffer, PlainJson.Writer);

    public Utf8JsonWriter Writer { get; }

    public long WrittenBytes => Writer.BytesCommitted + Writer.BytesPending;

    public JsonElement ToElement()
    {
        Writer.Flush();
        return JsonElement.Parse(_buffer.WrittenSpan);
    }

    public void Dispose() => Writer.Dispose();
}
