using System.Text;

namespace AssessmentFlow.EndToEndTests.Telemetry;

/// <summary>A span as it was received.</summary>
/// <param name="Process">Which process made it: <c>service.instance.id</c> of its resource.</param>
/// <param name="Source">Name of the library that made it.</param>
/// <param name="TraceId">Its trace, hexadecimal.</param>
/// <param name="SpanId">Itself, hexadecimal.</param>
/// <param name="ParentId">What it is part of, hexadecimal; empty for nothing.</param>
/// <param name="Name">Its name.</param>
/// <param name="Links">Spans that it links to, hexadecimal.</param>
/// <param name="Events">Names of what happened in it.</param>
internal sealed record ReceivedSpan(
    string Process, string Source, string TraceId, string SpanId, string ParentId, string Name, IReadOnlyList<string> Links, IReadOnlyList<string> Events);

/// <summary>
/// As much of Protobuf and of the message ExportTraceServiceRequest (opentelemetry-proto 1.x) as is needed to find the
/// spans: fields are numbered there.
/// </summary>
internal static class OtlpMessage
{
    public static IEnumerable<ReceivedSpan> SpansOf(byte[] message)
    {
        foreach (var resourceSpans in Fields(message, 1))
        {
            var process = Fields(resourceSpans, 1).SelectMany(resource => Fields(resource, 1)).Where(pair => TextOf(pair, 1) is "service.instance.id").Select(pair => TextOf(Fields(pair, 2).Single(), 1)).SingleOrDefault("");
            foreach (var scopeSpans in Fields(resourceSpans, 2))
            {
                var source = Fields(scopeSpans, 1).Select(scope => TextOf(scope, 1)).SingleOrDefault("");
                foreach (var span in Fields(scopeSpans, 2))
                {
                    yield return new ReceivedSpan(
                        process,
                        source,
                        HexOf(span, 1),
                        HexOf(span, 2),
                        HexOf(span, 4),
                        TextOf(span, 5),
                        [.. Fields(span, 13).Select(link => HexOf(link, 2))],
                        [.. Fields(span, 11).Select(happened => TextOf(happened, 2))]);
                }
            }
        }
    }

    private static string TextOf(byte[] message, int number) => Encoding.UTF8.GetString(Fields(message, number).SingleOrDefault([]));

    private static string HexOf(byte[] message, int number) => Convert.ToHexStringLower(Fields(message, number).SingleOrDefault([]));

    /// <summary>The contents of all fields of a number that have a length: texts, bytes and messages.</summary>
    private static IEnumerable<byte[]> Fields(byte[] message, int number)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = ReadNumber(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    ReadNumber(message, ref at);
                    break;
                case 1:
                    at += sizeof(long);
                    break;
                case 2:
                    var length = (int)ReadNumber(message, ref at);
                    if ((int)(tag >> 3) == number)
                    {
                        yield return message[at..(at + length)];
                    }

                    at += length;
                    break;
                case 5:
                    at += sizeof(int);
                    break;
                default:
                    throw new InvalidDataException($"Protobuf has no wire type {tag & 7}.");
            }
        }
    }

    /// <summary>Seven bits a byte, the lowest first; the eighth says that another follows.</summary>
    private static ulong ReadNumber(byte[] message, ref int at)
    {
        var number = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return number;
            }
        }
    }
}
