using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// One keep-alive HTTP/1.1 connection that costs the machine little, so that on few cores the server is measured and
/// not the client. It knows what this server answers: a status, headers with Content-Length, a body.
/// </summary>
internal sealed class LeanHttpConnection : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly string _headers;

    private LeanHttpConnection(int port, string apiKey) =>
        _headers = $" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: ApiKey {apiKey}\r\nContent-Type: application/json\r\n";

    public static async Task<LeanHttpConnection> OpenAsync(int port, string apiKey)
    {
        var connection = new LeanHttpConnection(port, apiKey);
        await connection._socket.ConnectAsync(IPAddress.Loopback, port);
        return connection;
    }

    /// <returns>The status and the body.</returns>
    public async ValueTask<(int Status, ReadOnlyMemory<byte> Body)> PostAsync(string path, string idempotencyKey, long? ifMatch, string body)
    {
        var match = ifMatch is { } version ? string.Create(CultureInfo.InvariantCulture, $"If-Match: \"{version}\"\r\n") : "";
        var length = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"POST {path}{_headers}Idempotency-Key: {idempotencyKey}\r\n{match}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"),
            _buffer);
        await _socket.SendAsync(_buffer.AsMemory(0, length));
        return await ReadAsync();
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask<(int Status, ReadOnlyMemory<byte> Body)> ReadAsync()
    {
        var filled = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(filled));
            if (read is 0)
            {
                throw new IOException("The server closed the connection.");
            }

            filled += read;
            var head = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (head < 0)
            {
                continue;
            }

            var end = head + 4 + ContentLength(_buffer.AsSpan(0, head));
            while (filled < end)
            {
                filled += await _socket.ReceiveAsync(_buffer.AsMemory(filled));
            }

            return (int.Parse(_buffer.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture), _buffer.AsMemory(head + 4, end - head - 4));
        }
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "Content-Length: "u8;
        var at = head.IndexOf(name);
        if (at < 0)
        {
            return 0;
        }

        var value = head[(at + name.Length)..];
        var line = value.IndexOf("\r\n"u8);
        return int.Parse(line < 0 ? value : value[..line], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
