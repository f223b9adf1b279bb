using System.Collections.Concurrent;
using System.Net;

namespace AssessmentFlow.EndToEndTests.Telemetry;

/// <summary>Takes traces as a collector does: OTLP over HTTP, in Protobuf.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly Task _serving;

    public OtlpReceiver(int port)
    {
        Address = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where servers send their traces.</summary>
    public string Address { get; }

    /// <summary>Everything that came, as it came.</summary>
    public IReadOnlyCollection<byte[]> Bodies => _bodies;

    /// <summary>The spans of a trace that came so far.</summary>
    public IReadOnlyList<ReceivedSpan> Of(string traceId) => [.. _spans.Where(span => span.TraceId == traceId)];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                _bodies.Enqueue(body.ToArray());
                foreach (var span in OtlpMessage.SpansOf(body.ToArray()))
                {
                    _spans.Enqueue(span);
                }

                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // Closed.
            }
        }
    }
}
