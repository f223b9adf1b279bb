using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>One address in front of several servers, without any affinity: each connection goes to the next of them.</summary>
internal sealed class OneAddress : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<int, int> _connections = new();
    private readonly ServerProcess[] _servers;
    private readonly Task _accepting;

    public OneAddress(params ServerProcess[] servers)
    {
        _servers = servers;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The address.</summary>
    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Connections that each server was given so far.</summary>
    public IReadOnlyList<int> Connections => [.. _servers.Select((_, i) => _connections.GetValueOrDefault(i))];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        for (var next = 0; ; next++)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                open.RemoveAll(task => task.IsCompleted);
                open.Add(ForwardAsync(client, next % _servers.Length));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(open);
                return;
            }
        }
    }

    private async Task ForwardAsync(TcpClient client, int index)
    {
        _connections.AddOrUpdate(index, 1, static (_, count) => count + 1);
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _servers[index].Address.Port, _stopping.Token);
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                var ways = new[] { client.GetStream().CopyToAsync(server.GetStream(), ended.Token), server.GetStream().CopyToAsync(client.GetStream(), ended.Token) };
                await Task.WhenAny(ways);
                await ended.CancelAsync();
                await Task.WhenAll(ways);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // Either end may go at any time; the other one is told by the end of its connection.
            }
        }
    }
}
