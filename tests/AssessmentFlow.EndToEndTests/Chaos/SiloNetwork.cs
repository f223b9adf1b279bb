using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>
/// The network between servers. Each is reached by the others through a port of this process, so that one of them can be
/// set apart: neither hears the other, while clients and the database still reach both.
/// </summary>
internal sealed class SiloNetwork : IAsyncDisposable
{
    private readonly ConcurrentBag<Line> _lines = [];
    private volatile Apart? _apart;

    /// <summary>Lays the line to one more server.</summary>
    public Line Add()
    {
        var line = new Line(this);
        _lines.Add(line);
        return line;
    }

    /// <summary>The port by which the others know a server.</summary>
    public int PortOf(ServerProcess server) => _lines.Single(line => line.Server == server).Port;

    /// <summary>Sets a running server apart from all others.</summary>
    public void SetApart(ServerProcess server)
    {
        _apart = new Apart(server, server.ProcessId);
        foreach (var line in _lines)
        {
            line.Part();
        }
    }

    /// <summary>Lets all hear each other again.</summary>
    public void Join() => _apart = null;

    public async ValueTask DisposeAsync()
    {
        foreach (var line in _lines)
        {
            await line.DisposeAsync();
        }
    }

    /// <summary>The way to one server.</summary>
    internal sealed class Line : IAsyncDisposable
    {
        private readonly SiloNetwork _network;
        private readonly ConcurrentDictionary<TcpClient, int> _callers = new();
        private readonly int _end = FreePorts.Take();
        private readonly Forwarder _forwarder;

        public Line(SiloNetwork network)
        {
            _network = network;
            _forwarder = new Forwarder(Connect, caller => _callers.TryRemove(caller, out _));
        }

        /// <summary>Who is reached; null while it starts for the first time.</summary>
        public ServerProcess? Server { get; set; }

        /// <summary>The port by which the others know the server.</summary>
        public int Port => _forwarder.Port;

        /// <summary>What the server has to be told.</summary>
        public string[] Configuration =>
        [
            string.Create(CultureInfo.InvariantCulture, $"Cluster:SiloPort={Port}"),
            string.Create(CultureInfo.InvariantCulture, $"Cluster:ListeningPort={_end}"),
        ];

        /// <summary>Ends the connections of those that do not hear each other any more.</summary>
        public void Part()
        {
            foreach (var (caller, port) in _callers)
            {
                if (IsParted(port))
                {
                    caller.Dispose();
                }
            }
        }

        public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

        private int? Connect(TcpClient caller)
        {
            var port = ((IPEndPoint)caller.Client.RemoteEndPoint!).Port;
            _callers[caller] = port;
            return IsParted(port) ? null : _end;
        }

        private bool IsParted(int callerPort) => _network._apart is { } apart && (Server == apart.Server || SocketOwner.Owns(apart.ProcessId, callerPort));
    }

    private sealed record Apart(ServerProcess Server, int ProcessId);
}
