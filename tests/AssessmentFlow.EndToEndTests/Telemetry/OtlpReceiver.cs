using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using AssessmentFlow.EndToEndTests.Support;

namespace AssessmentFlow.EndToEndTests.Telemetry;

/// <summary>Takes traces as a collector does: OTLP over HTTP, in Protobuf.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly LocalHttp _http;
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentDictionary<string, bool> _paths = new(StringComparer.Ordinal);

    public OtlpReceiver() => _http = new LocalHttp(TakeAsync);

    /// <summary>Where servers send their traces.</summary>
    public string Address => _http.Address;

    /// <summary>Everything that came, as it came.</summary>
    public IReadOnlyCollection<byte[]> Bodies => _bodies;

    /// <summary>Where something came.</summary>
    public IEnumerable<string> Paths => _paths.Keys;

    /// <summary>All spans that came so far.</summary>
    public IReadOnlyCollection<ReceivedSpan> Spans => _spans;

    /// <summary>The spans of a trace that came so far.</summary>
    public IReadOnlyList<ReceivedSpan> Of(Activity request) => [.. _spans.Where(span => span.TraceId == request.TraceId.ToHexString())];

    public ValueTask DisposeAsync() => _http.DisposeAsync();

    private async Task TakeAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var message = body.ToArray();
        _bodies.Enqueue(message);
        _paths[context.Request.Url!.AbsolutePath] = true;
        foreach (var span in OtlpMessage.SpansOf(message))
        {
            _spans.Enqueue(span);
        }

        context.Response.ContentType = "application/x-protobuf";
        context.Response.Close();
    }
}
