using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace AssessmentFlow.Cli;

/// <summary>Keys by the id of the client.</summary>
internal sealed record KeyRing(IReadOnlyDictionary<string, string> Keys)
{
    public static async Task<KeyRing> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        var json = JsonNode.Parse(await File.ReadAllTextAsync(file.FullName, cancellationToken))!;
        return new KeyRing(json["clients"]!.AsArray().ToDictionary(client => (string)client!["id"]!, client => (string)client!["key"]!, StringComparer.Ordinal));
    }

    public string Of(string client) => Keys.TryGetValue(client, out var key) ? key : throw new ApiException($"There is no key of a client '{client}'.");
}

/// <summary>
/// The API, as any of its clients. A request that finds no server, or one that asks to come again, is sent again with
/// the same key: nothing is done twice.
/// </summary>
/// <param name="server">Address of the server.</param>
/// <param name="keys">Keys of the clients to speak as.</param>
/// <param name="transport">How requests travel; null for plain HTTP.</param>
internal sealed class ApiClient(Uri server, KeyRing keys, HttpMessageHandler? transport = null) : IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan RetryFor = TimeSpan.FromMinutes(3);

    private readonly HttpClient _http = new(transport ?? new SocketsHttpHandler()) { BaseAddress = new Uri(server, "/api/v1/"), Timeout = TimeSpan.FromSeconds(30) };

    public void Dispose() => _http.Dispose();

    /// <summary>Reads something; null when there is none.</summary>
    public async Task<JsonNode?> GetAsync(string client, string path, CancellationToken cancellationToken)
    {
        var (status, body) = await SendAsync(client, HttpMethod.Get, path, null, null, null, cancellationToken);
        return status switch
        {
            HttpStatusCode.OK => JsonNode.Parse(body),
            HttpStatusCode.NotFound => null,
            _ => throw new ApiException($"GET {path} as {client} answered {(int)status}: {body}"),
        };
    }

    /// <summary>Changes something.</summary>
    /// <param name="client">As whom.</param>
    /// <param name="method">How.</param>
    /// <param name="path">What.</param>
    /// <param name="body">With what; null for nothing.</param>
    /// <param name="version">Version last seen; null for any.</param>
    /// <param name="key">Identity of the request over its repeats.</param>
    /// <param name="cancellationToken">To stop.</param>
    /// <returns>The answer; null when somebody else did it meanwhile.</returns>
    public async Task<JsonNode?> ChangeAsync(string client, HttpMethod method, string path, JsonNode? body, long? version, string key, CancellationToken cancellationToken)
    {
        var (status, answer) = await SendAsync(client, method, path, body, version is null ? "*" : $"\"{version}\"", key, cancellationToken);
        return status switch
        {
            HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted => JsonNode.Parse(answer),
            HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed => null,
            _ => throw new ApiException($"{method} {path} as {client} answered {(int)status}: {answer}"),
        };
    }

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(
        string client, HttpMethod method, string path, JsonNode? body, string? ifMatch, string? key, CancellationToken cancellationToken)
    {
        var until = DateTime.UtcNow + RetryFor;
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(method, path);
                request.Headers.Authorization = new AuthenticationHeaderValue("ApiKey", keys.Of(client));
                if (ifMatch is not null)
                {
                    request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
                    request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
                }

                request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
                using var response = await _http.SendAsync(request, cancellationToken);
                if (response.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests) || DateTime.UtcNow > until)
                {
                    return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException
                && !cancellationToken.IsCancellationRequested && DateTime.UtcNow < until)
            {
                // The server is away or hangs; it may be just starting again.
            }

            await Task.Delay(RetryDelay, cancellationToken);
        }
    }
}

/// <summary>The API said no.</summary>
internal sealed class ApiException(string message) : Exception(message);
