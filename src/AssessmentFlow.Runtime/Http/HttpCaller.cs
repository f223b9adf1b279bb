using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using AssessmentFlow.Engine.Execution;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime.Http;

/// <summary>
/// Sends HTTP requests of workflows. Every outcome is an answer; only a stop of the process throws. Whom it may reach is
/// asked for each address before it is connected to, so that neither a redirect nor a name that changes its address
/// leads elsewhere.
/// </summary>
internal sealed class HttpCaller : IDisposable
{
    private const int RedirectsMax = 5;
    private const int HeadersLengthMaxKilobytes = 16;
    private const string IdempotencyKey = "Idempotency-Key";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly AllowedHosts _allowed;
    private readonly TimeSpan _timeout;
    private readonly HttpClient _client;

    public HttpCaller(IOptions<HttpOptions> options)
    {
        _allowed = AllowedHosts.TryRead(options.Value.AllowedHosts, out var allowed, out var error) ? allowed : throw new ArgumentException(error, nameof(options));
        _timeout = options.Value.Timeout;
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false, // A proxy would connect for us, and unasked.
            ActivityHeadersPropagator = null, // What is traced here is nobody else's business.
            PooledConnectionLifetime = ConnectionLifetime,
            MaxResponseHeadersLength = HeadersLengthMaxKilobytes,
            AutomaticDecompression = DecompressionMethods.All,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // Each request has its own, redirects and the reading of the answer included.
        };
    }

    /// <summary>Sends a request and reads its answer.</summary>
    /// <param name="call">The request.</param>
    /// <param name="cancellationToken">To stop; the request may have reached its receiver.</param>
    public async Task<HttpAnswer> SendAsync(HttpCall call, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        try
        {
            return await FollowAsync(call, new Uri(call.Url), limit.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failed(e, call) is { } answer)
        {
            return answer;
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpAnswer> FollowAsync(HttpCall call, Uri url, CancellationToken cancellationToken)
    {
        var isOrigin = true;
        for (var redirects = 0; ; redirects++)
        {
            if (!_allowed.Names(url))
            {
                throw new HttpRefusedException($"{(redirects > 0 ? "The redirect to" : "The request to")} {url.GetLeftPart(UriPartial.Authority)} is not allowed: this host and port are not in {HttpOptions.Section}:{nameof(HttpOptions.AllowedHosts)}.");
            }

            using var request = RequestOf(call, url, isOrigin);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (redirects == RedirectsMax || TargetOf(response, url) is not { } target)
            {
                return await ReadAsync(response, call.AsFile, cancellationToken);
            }

            isOrigin &= target.GetLeftPart(UriPartial.Authority) == url.GetLeftPart(UriPartial.Authority);
            call = AfterRedirect(call, response.StatusCode);
            url = target;
        }
    }

    private static HttpRequestMessage RequestOf(HttpCall call, Uri url, bool isOrigin)
    {
        var request = new HttpRequestMessage(new HttpMethod(call.Method), url);
        if (call.Body is { } body)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", call.ContentType);
        }

        foreach (var (name, values) in call.Headers ?? [])
        {
            // What proves who we are is for the receiver that the author named, and for nobody it points to.
            if ((isOrigin || !IsSecret(name)) && !request.Headers.TryAddWithoutValidation(name, values))
            {
                request.Content?.Headers.Remove(name);
                request.Content?.Headers.TryAddWithoutValidation(name, values);
            }
        }

        if (!request.Headers.Contains(IdempotencyKey))
        {
            request.Headers.TryAddWithoutValidation(IdempotencyKey, call.IdempotencyKey);
        }

        return request;
    }

    private static bool IsSecret(string header) =>
        header.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || header.Equals("Cookie", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where an answer sends on to; null when it is the last. From https nothing leads back to http.</summary>
    private static Uri? TargetOf(HttpResponseMessage response, Uri from) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308
        && response.Headers.Location is { } location
        && Uri.TryCreate(from, location, out var target)
        && (target.Scheme == from.Scheme || target.Scheme == Uri.UriSchemeHttps)
            ? target
            : null;

    private static HttpCall AfterRedirect(HttpCall call, HttpStatusCode status) =>
        (status is HttpStatusCode.SeeOther && call.Method is not ("GET" or "HEAD")) || (status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found && call.Method is "POST")
            ? call with { Method = "GET", Body = null, ContentType = null }
            : call;

    private static async Task<HttpAnswer> ReadAsync(HttpResponseMessage response, bool asFile, CancellationToken cancellationToken)
    {
        var size = asFile ? EngineLimits.FileSizeMaxBytes : EngineLimits.HttpBodySizeMaxBytes;
        var bytes = new byte[size + 1];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        var status = (int)response.StatusCode;
        if (length == bytes.Length)
        {
            return new HttpAnswer
            {
                Outcome = HttpOutcome.TooLarge,
                StatusCode = status,
                Message = $"The {(asFile ? "file" : "answer")} has more than {size} bytes. Ask for less, or keep the document outside the workflow.",
            };
        }

        var headers = new OrderedDictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            headers[name] = [.. values];
        }

        return new HttpAnswer
        {
            Outcome = HttpOutcome.Answered,
            StatusCode = status,
            Headers = headers,
            Body = length is 0 ? null : asFile ? Convert.ToBase64String(bytes, 0, length) : TextOf(bytes.AsSpan(0, length), response.Content.Headers.ContentType),
            ContentType = response.Content.Headers.ContentType?.MediaType,
        };
    }

    /// <summary>The bytes as text in the encoding that the answer names, else UTF-8; as Base64 when they are no such text.</summary>
    private static string TextOf(ReadOnlySpan<byte> bytes, MediaTypeHeaderValue? type)
    {
        try
        {
            var encoding = Encoding.GetEncoding(type?.CharSet?.Trim('"') ?? "utf-8", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
            var text = encoding.GetString(bytes.StartsWith(encoding.Preamble) ? bytes[encoding.Preamble.Length..] : bytes);
            return text.Contains('\0', StringComparison.Ordinal) ? Convert.ToBase64String(bytes) : text;
        }
        catch (Exception e) when (e is ArgumentException or DecoderFallbackException)
        {
            return Convert.ToBase64String(bytes);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = found.Where(address => _allowed.Reaches(address, port)).ToArray();
        if (allowed.Length is 0 && found.Length > 0)
        {
            throw new HttpRefusedException(
                $"The request to {host}:{port} is not allowed: its address {found[0]} is not public. To allow it, add the address or its network to {HttpOptions.Section}:{nameof(HttpOptions.AllowedHosts)}.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(ConnectTimeout);
            await socket.ConnectAsync(allowed, port, limit.Token); // The addresses that were looked at, and no second look-up.
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"{host}:{port} did not accept a connection within {ConnectTimeout}.", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The answer that a failure is; null when it is none of the connection.</summary>
    private HttpAnswer? Failed(Exception failure, HttpCall call)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRefusedException)
            {
                return new HttpAnswer { Outcome = HttpOutcome.Refused, Message = cause.Message };
            }
        }

        return failure switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
                new HttpAnswer { Outcome = HttpOutcome.TooLarge, Message = $"The headers of the answer have more than {HeadersLengthMaxKilobytes} KiB." },
            OperationCanceledException => new HttpAnswer { Outcome = HttpOutcome.TimedOut, Message = $"{call.Url} did not answer within {_timeout}." },
            HttpRequestException or IOException or SocketException or InvalidDataException =>
                new HttpAnswer { Outcome = HttpOutcome.FailedToConnect, Message = $"{call.Url} could not be reached: {failure.Message}" },
            _ => null,
        };
    }
}

/// <summary>A request or connection that this installation does not allow.</summary>
internal sealed class HttpRefusedException(string message) : Exception(message);
