using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>A system that workflows send HTTP requests to. Its paths say how it answers.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    /// <summary>Answers with a JSON object.</summary>
    public const string Ok = "/ok";

    /// <summary>Answers 404.</summary>
    public const string Missing = "/missing";

    /// <summary>Never answers.</summary>
    public const string Silent = "/silent";

    /// <summary>Answers with more than a workflow can take.</summary>
    public const string Large = "/large";

    /// <summary>Answers 503 twice, then 200.</summary>
    public const string Busy = "/busy";

    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;

    public Receiver()
    {
        Port = FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>How often <see cref="Silent"/> keeps silent before it answers like <see cref="Ok"/>.</summary>
    public int SilentTimes { get; set; } = int.MaxValue;

    /// <summary>Requests that reached it by path.</summary>
    public IReadOnlyList<ReceivedRequest> To(string path) => [.. _received.Where(request => request.Path == path)];

    /// <summary>A port of this machine that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        _closing.TrySetResult();
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
                _ = AnswerAsync(context);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // Closed.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            var path = context.Request.Url!.AbsolutePath;
            _received.Enqueue(new ReceivedRequest(path, context.Request.HttpMethod, context.Request.Headers["Idempotency-Key"], context.Request.Headers["Authorization"]));
            var times = To(path).Count;
            if (path.StartsWith(Silent, StringComparison.Ordinal) && times <= SilentTimes)
            {
                await _closing.Task;
            }

            context.Response.StatusCode = path switch
            {
                Missing => 404,
                Busy when times <= 2 => 503,
                "/redirect" => 302,
                _ => 200,
            };
            context.Response.RedirectLocation = context.Request.QueryString["to"];
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(path is Large ? new string('1', 100_000) : """{"answer":42}"""));
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // Who asked is gone.
        }
    }
}

/// <summary>A request as it came.</summary>
internal sealed record ReceivedRequest(string Path, string Method, string? IdempotencyKey, string? Authorization);
