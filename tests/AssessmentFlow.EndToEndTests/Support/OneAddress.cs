using System.Globalization;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>One address in front of several servers, without any affinity: each connection goes to the next of them.</summary>
internal sealed class OneAddress : IAsyncDisposable
{
    private readonly ServerProcess[] _servers;
    private readonly Forwarder _forwarder;
    private int _next = -1;

    public OneAddress(params ServerProcess[] servers)
    {
        _servers = servers;
        _forwarder = new Forwarder(_ => _servers[Interlocked.Increment(ref _next) % _servers.Length].Address.Port);
    }

    /// <summary>The address.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_forwarder.Port}"));

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();
}
