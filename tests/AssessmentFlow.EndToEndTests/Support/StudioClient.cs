using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>One page of a browser in which Studio runs, without the browser: it sends what Studio sends, and repeats nothing by itself.</summary>
internal sealed class StudioClient : IDisposable
{
    /// <summary>Path of what Studio calls.</summary>
    public const string Api = "/elsa/api";

    private readonly HttpClient _http;
    private readonly string _page = Guid.NewGuid().ToString();
    private int _step;

    /// <param name="server">Where the server answers.</param>
    /// <param name="key">Key of who is signed in; null for nobody.</param>
    public StudioClient(Uri server, string? key)
    {
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server, Timeout = TimeSpan.FromSeconds(60) };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", key);
        }
    }

    /// <summary>Sends a request to what Studio calls.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path below <see cref="Api"/>.</param>
    /// <param name="body">Body; null for none.</param>
    /// <param name="note">Change note; null for none.</param>
    /// <param name="isRepeat">Whether it is the last request once more.</param>
    public async Task<StudioAnswer> SendAsync(string method, string path, JsonNode? body = null, string? note = null, bool isRepeat = false)
    {
        using var message = new HttpRequestMessage(new HttpMethod(method), Api + path);
        message.Headers.Add("X-Studio-Page", _page);
        message.Headers.Add("X-Studio-Step", $"{(isRepeat ? _step : ++_step)}");
        if (note is not null)
        {
            message.Headers.Add("X-Change-Note", Uri.EscapeDataString(note));
        }

        if (body is not null)
        {
            message.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(message, TestContext.Current.CancellationToken);
        return new StudioAnswer(
            response.StatusCode,
            response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Reads something that must be there.</summary>
    public async Task<JsonNode> GetAsync(string path)
    {
        var answer = await SendAsync("GET", path);
        return answer.Status is HttpStatusCode.OK ? answer.Json : throw new InvalidOperationException($"GET {path}: {answer}");
    }

    /// <summary>The newest version of a workflow as the editor loads it.</summary>
    public Task<JsonNode> OpenAsync(string definitionId) => GetAsync($"/workflow-definitions/by-definition-id/{definitionId}?versionOptions=Latest");

    /// <summary>Saves as Studio does by itself, or with <paramref name="note"/> publishes.</summary>
    public Task<StudioAnswer> SaveAsync(JsonNode definition, string? note = null, bool isRepeat = false) =>
        SendAsync("POST", "/workflow-definitions", new JsonObject { ["model"] = definition.DeepClone(), ["publish"] = note is not null }, note, isRepeat);

    /// <summary>How the instances of a workflow stand.</summary>
    public async Task<string[]> StatusesAsync(string definitionId)
    {
        var instances = await SendAsync("POST", "/workflow-instances", new JsonObject { ["page"] = 0, ["pageSize"] = 10, ["definitionId"] = definitionId });
        return [.. instances.Json["items"]!.AsArray().Select(item => (string)item!["subStatus"]!)];
    }

    /// <summary>Starts an instance of the newest version of a workflow.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> RunAsync(string definitionId)
    {
        var answer = await SendAsync("POST", $"/workflow-definitions/{definitionId}/execute", new JsonObject { ["versionOptions"] = "Latest" });
        Assert.Equal((HttpStatusCode.OK, "False"), (answer.Status, answer.Headers["x-elsa-workflow-cannot-start"]));
        return answer.Headers["x-elsa-workflow-instance-id"];
    }

    /// <summary>Brings a workflow of one activity with one input into the installation.</summary>
    /// <returns>Its id.</returns>
    public Task<string> ImportAsync(string name, string type, string input, string value) => ImportAsync(name, "Flowchart", Activity("only", "Only1", type, input, value));

    /// <summary>Brings a workflow that waits for one event after the other into the installation.</summary>
    /// <returns>Its id.</returns>
    public Task<string> ImportWaitingAsync(string name, params string[] events) =>
        ImportAsync(name, "Sequence", [.. events.Select((each, i) => Activity($"event-{i + 1}", $"Event{i + 1}", "Elsa.Event", "eventName", each))]);

    public void Dispose() => _http.Dispose();

    private async Task<string> ImportAsync(string name, string container, params JsonNode[] activities)
    {
        var id = Guid.NewGuid().ToString("n")[..16];
        var answer = await SendAsync("POST", "/workflow-definitions/import", new JsonObject
        {
            ["definitionId"] = id,
            ["name"] = name,
            ["root"] = new JsonObject { ["id"] = "root", ["type"] = $"Elsa.{container}", ["version"] = 1, ["activities"] = new JsonArray(activities), ["connections"] = new JsonArray() },
        });
        return answer.Status is HttpStatusCode.OK ? id : throw new InvalidOperationException($"The import of '{name}': {answer}");
    }

    private static JsonObject Activity(string id, string name, string type, string input, string value) => new()
    {
        ["id"] = id,
        ["name"] = name,
        ["type"] = type,
        ["version"] = 1,
        [input] = new JsonObject { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } },
        ["metadata"] = new JsonObject { ["designer"] = new JsonObject { ["position"] = new JsonObject { ["x"] = 420, ["y"] = 60 } } },
    };
}

/// <summary>What Studio is answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Headers">Headers.</param>
/// <param name="Body">Body.</param>
internal sealed record StudioAnswer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>The texts that Studio would show.</summary>
    public IEnumerable<string> Shown => Json["errors"]!["generalErrors"]!.AsArray().Select(text => (string)text!);

    public override string ToString() => $"{(int)Status} {Text}";
}
