using System.Collections.Concurrent;
using System.Net;
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

    /// <summary>Answers with a file of three bytes that are no text.</summary>
    public const string Document = "/file";

    private readonly LocalHttp _http;
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Receiver() => _http = new LocalHttp(context =>
    {
        _ = AnswerAsync(context); // Whoever is kept waiting keeps nobody else.
        return Task.CompletedTask;
    });

    public int Port => _http.Port;

    public string Address => _http.Address;

    /// <summary>How often <see cref="Silent"/> keeps silent before it answers like <see cref="Ok"/>.</summary>
    public int SilentTimes { get; set; } = int.MaxValue;

    /// <summary>Requests that reached it by path.</summary>
    public IReadOnlyList<ReceivedRequest> To(string path) => [.. _received.Where(request => request.Path == path)];

    public async ValueTask DisposeAsync()
    {
        _closing.TrySetResult();
        await _http.DisposeAsync();
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
            context.Response.ContentType = path is Document ? "application/pdf" : "application/json";
            if (path is Document)
            {
                context.Response.AddHeader("Content-Disposition", "attachment; filename=\"case 7.pdf\"");
                context.Response.AddHeader("ETag", "\"v7\"");
            }

            await context.Response.OutputStream.WriteAsync(path switch
            {
                Document => [0x00, 0xff, 0x80],
                Large => Encoding.UTF8.GetBytes(new string('1', 100_000)),
                _ => """{"answer":42}"""u8.ToArray(),
            });
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
