using System.Collections.Concurrent;
using System.Globalization;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>One address in front of several servers, without any affinity: each connection goes to the next of them.</summary>
internal sealed class OneAddress : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, int> _connections = new();
    private readonly ServerProcess[] _servers;
    private readonly Forwarder _forwarder;
    private int _next = -1;

    public OneAddress(params ServerProcess[] servers)
    {
        _servers = servers;
        _forwarder = new Forwarder(_ =>
        {
            var index = Interlocked.Increment(ref _next) % _servers.Length;
            _connections.AddOrUpdate(index, 1, static (_, count) => count + 1);
            return _servers[index].Address.Port;
        });
    }

    /// <summary>The address.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_forwarder.Port}"));

    /// <summary>Connections that each server was given so far.</summary>
    public IReadOnlyList<int> Connections => [.. _servers.Select((_, i) => _connections.GetValueOrDefault(i))];

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();
}
