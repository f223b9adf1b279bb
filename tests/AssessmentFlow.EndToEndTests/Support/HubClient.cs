using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>What a page of Studio has open to learn of instances at once, without the page.</summary>
internal sealed class HubClient : IDisposable
{
    private const string EndOfMessage = "\u001e";

    /// <summary>How long something may take to be said.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[4_096];
    private string _said = "";

    private HubClient(string key) => _socket.Options.SetRequestHeader("Authorization", $"ApiKey {key}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _socket.Dispose();

    /// <summary>Asks a server to tell of an instance.</summary>
    public static async Task<HubClient> WatchAsync(Uri server, string key, string instanceId)
    {
        var hub = new HubClient(key);
        await hub._socket.ConnectAsync(new Uri($"ws://{server.Authority}/elsa/hubs/workflow-instance"), Token);
        await hub.SendAsync("""{"protocol":"json","version":1}""");
        await hub.SendAsync($$"""{"type":1,"invocationId":"watch","target":"ObserveInstanceAsync","arguments":[{{JsonSerializer.Serialize(instanceId)}}]}""");
        return hub;
    }

    /// <summary>Waits until the server has said something once more.</summary>
    /// <returns>The message.</returns>
    public async Task<string> HearAsync(string what)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while (true)
        {
            var end = _said.IndexOf(EndOfMessage, StringComparison.Ordinal);
            if (end < 0)
            {
                _said += Encoding.UTF8.GetString(_buffer.AsSpan(0, (await _socket.ReceiveAsync(_buffer, patience.Token)).Count));
                continue;
            }

            var message = _said[..end];
            _said = _said[(end + EndOfMessage.Length)..];
            if (message.Contains(what, StringComparison.Ordinal))
            {
                return message;
            }
        }
    }

    /// <summary>Sends a message of SignalR's JSON protocol.</summary>
    private Task SendAsync(string message) => _socket.SendAsync(Encoding.UTF8.GetBytes(message + EndOfMessage), WebSocketMessageType.Text, endOfMessage: true, Token);
}
