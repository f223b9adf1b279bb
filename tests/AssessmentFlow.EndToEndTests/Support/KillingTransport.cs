using System.Collections.Concurrent;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>When the server is killed around a change.</summary>
public enum Kill
{
    /// <summary>Not at all.</summary>
    Never,

    /// <summary>After the answer has arrived, before anything else is asked.</summary>
    AfterAnswer,

    /// <summary>After the answer was given, which then never arrives: the client must ask again.</summary>
    BeforeAnswerArrives,

    /// <summary>While the change is under way, wherever it is just then.</summary>
    UnderWay,
}

/// <summary>
/// Plain HTTP, with a server that is killed with SIGKILL and started again around changes. What was acknowledged is
/// remembered.
/// </summary>
/// <param name="server">The server to kill.</param>
/// <param name="plan">When to kill around the n-th sending of a change, from 0; a repeat counts.</param>
public sealed class KillingTransport(ServerProcess server, Func<int, Kill> plan) : DelegatingHandler(new SocketsHttpHandler())
{
    private readonly ConcurrentQueue<string> _acknowledged = new();
    private int _changes;

    /// <summary>Keys of the changes whose success reached the client.</summary>
    public IReadOnlyCollection<string> Acknowledged => _acknowledged;

    /// <summary>How often the server was killed.</summary>
    public int Kills { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Get)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var kill = plan(_changes++);
        var sending = base.SendAsync(request, cancellationToken);
        if (kill is Kill.UnderWay)
        {
            await KillAndStartAsync();
            using var lost = await sending.ContinueWith(task => task.IsCompletedSuccessfully ? task.Result : null, TaskScheduler.Default);
            throw new HttpRequestException("The server was killed while the change was under way.");
        }

        var response = await sending;
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        if (kill is not Kill.Never)
        {
            await KillAndStartAsync();
        }

        if (kill is Kill.BeforeAnswerArrives)
        {
            response.Dispose();
            throw new HttpRequestException("The server was killed before its answer arrived.");
        }

        if (response.IsSuccessStatusCode)
        {
            _acknowledged.Enqueue(request.Headers.GetValues("Idempotency-Key").Single());
        }

        return response;
    }

    private async Task KillAndStartAsync()
    {
        await server.KillAsync();
        Kills++;
        await server.StartAgainAsync();
    }
}
