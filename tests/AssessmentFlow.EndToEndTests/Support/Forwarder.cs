using System.Net;
using System.Net.Sockets;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>A port of this machine that hands whoever connects to it on to another one.</summary>
internal sealed class Forwarder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<TcpClient, int?> _destination;
    private readonly Action<TcpClient> _ended;
    private readonly Task _accepting;

    /// <param name="destination">The port that a connection is for; null to close it.</param>
    /// <param name="ended">Is told of the end of each connection.</param>
    public Forwarder(Func<TcpClient, int?> destination, Action<TcpClient>? ended = null)
    {
        _destination = destination;
        _ended = ended ?? (static _ => { });
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

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
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptTcpClientAsync(_stopping.Token);
                open.RemoveAll(task => task.IsCompleted);
                open.Add(ForwardAsync(caller));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ForwardAsync(TcpClient caller)
    {
        using var called = new TcpClient();
        try
        {
            if (_destination(caller) is { } port)
            {
                await called.ConnectAsync(IPAddress.Loopback, port, _stopping.Token);
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                var ways = new[] { caller.GetStream().CopyToAsync(called.GetStream(), ended.Token), called.GetStream().CopyToAsync(caller.GetStream(), ended.Token) };
                await Task.WhenAny(ways);
                await ended.CancelAsync();
                await Task.WhenAll(ways);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Either end may go at any time; the other one is told by the end of its connection.
        }
        finally
        {
            caller.Dispose();
            _ended(caller);
        }
    }
}
