using System.Net;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>Sends requests to those servers that say they are ready, as the Service of a cluster does.</summary>
internal sealed class ReadyServers : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly IReadOnlyList<(ServerProcess Server, RestClient Way)> _servers;
    private volatile IReadOnlyList<RestClient> _ready;

    /// <param name="servers">All servers.</param>
    /// <param name="ways">A way to each of them.</param>
    public ReadyServers(IReadOnlyList<ServerProcess> servers, IReadOnlyList<RestClient> ways)
    {
        _servers = [.. servers.Zip(ways)];
        _ready = ways;
    }

    /// <summary>The way to one of those that were ready at the last look.</summary>
    public RestClient At(int number)
    {
        var ready = _ready;
        return ready[number % ready.Count];
    }

    /// <summary>Looks again and again who is ready.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var ready = await Task.WhenAll(_servers.Select(each => IsReadyAsync(each.Server, cancellationToken)));
            if (Array.IndexOf(ready, true) >= 0)
            {
                _ready = [.. _servers.Where((_, i) => ready[i]).Select(each => each.Way)];
            }

            await Task.Delay(LookInterval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> IsReadyAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(server.Address, "/health/ready"), cancellationToken);
            return response.StatusCode is HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
