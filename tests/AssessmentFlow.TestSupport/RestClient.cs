using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace AssessmentFlow.TestSupport;

/// <summary>
/// The API without comfort: what is said is sent, what comes is answered, nothing is repeated. Any client of the key
/// file can speak through it.
/// </summary>
public sealed class RestClient : IDisposable
{
    private const string KeyFile = "api-keys.json";

    private readonly HttpClient _http;
    private readonly Uri _server;

    /// <param name="server">Where the server answers.</param>
    /// <param name="keys">Keys by the id of the client.</param>
    public RestClient(Uri server, IReadOnlyDictionary<string, string> keys)
    {
        _server = server;
        Keys = keys;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Keys by the id of the client.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; }

    /// <summary>A client of a running server, with the keys of its data folder.</summary>
    public static async Task<RestClient> OfAsync(ServerProcess server) =>
        new(server.Address, await ReadKeysAsync(Path.Combine(server.DataFolder, KeyFile)));

    /// <summary>The same clients at another server of the installation.</summary>
    public RestClient At(ServerProcess server) => new(server.Address, Keys);

    /// <summary>The keys of a key file by the id of the client.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadKeysAsync(string path)
    {
        var file = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        return file["clients"]!.AsArray().ToDictionary(client => (string)client!["id"]!, client => (string)client!["key"]!, StringComparer.Ordinal);
    }

    /// <summary>Sends a request.</summary>
    public async Task<RestAnswer> SendAsync(RestRequest request, CancellationToken cancellationToken)
    {
        // Whatever a test puts into a path must arrive as it is.
        var uri = new Uri(_server.GetLeftPart(UriPartial.Authority) + request.Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), uri);
        if (request.Client is { } client)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("ApiKey", Keys[client]);
        }

        Add(message, "Idempotency-Key", request.IdempotencyKey);
        Add(message, "If-Match", request.IfMatch);
        Add(message, "Range", request.Range);
        if (request.Body is not null)
        {
            message.Content = new ByteArrayContent(request.Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }

        using var response = await _http.SendAsync(message, cancellationToken);
        return new RestAnswer(
            response.StatusCode,
            response.Headers.ETag?.Tag,
            response.Headers.Location?.OriginalString,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsByteArrayAsync(cancellationToken))
        {
            RetryAfter = response.Headers.RetryAfter?.ToString(),
            ContentDisposition = response.Content.Headers.TryGetValues("Content-Disposition", out var disposition) ? string.Join(',', disposition) : null,
        };
    }

    /// <summary>Reads something that must be there.</summary>
    /// <exception cref="UnexpectedAnswerException">The answer is not 200.</exception>
    public async Task<JsonNode> GetAsync(string client, string path, CancellationToken cancellationToken)
    {
        var request = new RestRequest("GET", path) { Client = client };
        var answer = await SendAsync(request, cancellationToken);
        return answer.Status is HttpStatusCode.OK ? answer.Json : throw new UnexpectedAnswerException(request, answer);
    }

    /// <summary>Reads a list to its end, page by page.</summary>
    /// <param name="client">As whom.</param>
    /// <param name="path">Path of the list, with its filters.</param>
    /// <param name="cancellationToken">To stop.</param>
    /// <param name="next">Name of the parameter that carries the place of the next page.</param>
    public async Task<IReadOnlyList<JsonNode>> ListAsync(string client, string path, CancellationToken cancellationToken, string next = "cursor")
    {
        var items = new List<JsonNode>();
        for (var page = path; ;)
        {
            var found = await GetAsync(client, page, cancellationToken);
            items.AddRange(found["items"]!.AsArray().Select(item => item!));
            if (found["next"] is not { } place)
            {
                return items;
            }

            page = $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{next}={Uri.EscapeDataString(place.ToString())}";
        }
    }

    /// <summary>Changes something, under a key of its own, and expects that it is done.</summary>
    /// <exception cref="UnexpectedAnswerException">The answer is not a 2xx.</exception>
    public async Task<RestAnswer> ChangeAsync(
        string client, string method, string path, JsonNode? body, CancellationToken cancellationToken, string ifMatch = "*")
    {
        var request = new RestRequest(method, path) { Client = client, IdempotencyKey = Guid.NewGuid().ToString(), IfMatch = ifMatch }.WithJson(body);
        var answer = await SendAsync(request, cancellationToken);
        return answer.Status is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices ? answer : throw new UnexpectedAnswerException(request, answer);
    }

    public void Dispose() => _http.Dispose();

    private static void Add(HttpRequestMessage message, string name, string? value)
    {
        if (value is not null)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }
    }
}

/// <summary>The API answered something else than the caller counts on.</summary>
public sealed class UnexpectedAnswerException(RestRequest request, RestAnswer answer) : Exception($"{request} was answered {answer}")
{
    /// <summary>The answer.</summary>
    public RestAnswer Answer => answer;
}
