using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace AssessmentFlow.Benchmarks;

/// <summary>A client that starts and resumes instances of the measured workflows; several callers may share it.</summary>
internal sealed class SequentialClient : IDisposable
{
    private readonly HttpClient _http;

    public SequentialClient(ServerUnderTest server)
    {
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}/api/v1/") };
        _http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "ApiKey " + server.ApiKey);
    }

    /// <returns>The id of the new instance.</returns>
    public async Task<string> StartAsync(string definitionId)
    {
        using var answer = JsonDocument.Parse(await PostAsync("instances", $$"""{"definitionId":"{{definitionId}}"}"""));
        return answer.RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>Resumes an instance that waits for the event "go".</summary>
    /// <returns>The latency (milliseconds).</returns>
    public async Task<double> ResumeAsync(string instanceId)
    {
        var sent = Stopwatch.GetTimestamp();
        await PostAsync($"instances/{instanceId}/signals", """{"name":"go"}""");
        return Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> PostAsync(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", Guid.NewGuid().ToString());
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{path}: {text}");
    }
}
