using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// Keep-alive HTTP/1.1 connections in closed loops, all served by one thread that polls them: it costs the machine little, so
/// that on few cores the server is measured and not the clients. It knows what this server answers: a status, headers
/// with Content-Length, a body.
/// </summary>
internal sealed class HttpClients : IDisposable
{
    private readonly List<Client> _clients;

    private readonly ReadySockets _ready;

    public HttpClients(int port, string apiKey, int count)
    {
        _clients = [.. Enumerable.Range(0, count).Select(_ => new Client(port, apiKey))];
        _ready = new ReadySockets(_clients.ConvertAll(static client => client.Socket));
    }

    /// <summary>Turns acknowledged so far: starts and resumes (count).</summary>
    public long Turns => _clients.Sum(client => client.Loop.Turns);

    /// <summary>Each client sends its next request when its last was acknowledged; at the end every one has been.</summary>
    public Measurement Run(TimeSpan duration)
    {
        var latencies = new List<double>();
        var clock = Stopwatch.StartNew();
        _clients.ForEach(static client => client.Send());
        var waiting = _clients.Count;
        while (waiting > 0)
        {
            foreach (var position in _ready.Wait())
            {
                var client = _clients[position];
                if (!client.Receive())
                {
                    continue; // The rest of the answer is still on its way.
                }

                if (client.Loop.IsResume)
                {
                    latencies.Add(client.Elapsed.TotalMilliseconds);
                }

                if (clock.Elapsed < duration)
                {
                    client.Send();
                }
                else
                {
                    waiting--;
                }
            }
        }

        return Measurement.Of(latencies, clock.Elapsed);
    }

    public void Dispose()
    {
        _ready.Dispose();
        _clients.ForEach(static client => client.Socket.Dispose());
    }

    private sealed class Client
    {
        private const int BufferBytes = 64 * 1024;

        private readonly byte[] _buffer = new byte[BufferBytes];
        private readonly string _headers;
        private int _filled;
        private long _sentAt;

        public Client(int port, string apiKey)
        {
            _headers = $" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: ApiKey {apiKey}\r\nContent-Type: application/json\r\n";
            Socket.Connect(IPAddress.Loopback, port);
        }

        public Socket Socket { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public InstanceLoop Loop { get; } = new();

        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_sentAt);

        public void Send()
        {
            var (path, key, ifMatch, body) = Loop.Next();
            var match = ifMatch is { } version ? string.Create(CultureInfo.InvariantCulture, $"If-Match: \"{version}\"\r\n") : "";
            var length = Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"POST {path}{_headers}Idempotency-Key: {key}\r\n{match}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"),
                _buffer);
            _filled = 0;
            _sentAt = Stopwatch.GetTimestamp();
            Socket.Send(_buffer.AsSpan(0, length));
        }

        /// <returns>Whether the answer is complete.</returns>
        public bool Receive()
        {
            var read = Socket.Receive(_buffer.AsSpan(_filled));
            if (read is 0)
            {
                throw new IOException("The server closed the connection.");
            }

            _filled += read;
            var head = _buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8);
            if (head < 0 || _filled < head + 4 + ContentLength(_buffer.AsSpan(0, head)))
            {
                return false;
            }

            Loop.OnAnswer(int.Parse(_buffer.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture), _buffer.AsMemory((head + 4)..(_filled)));
            return true;
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
}
