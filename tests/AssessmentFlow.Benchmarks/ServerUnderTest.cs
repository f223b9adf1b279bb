using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace AssessmentFlow.Benchmarks;

/// <summary>The server as a process of its own, with the measured workflows published.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    /// <summary>As in the launch settings of the server (bytes, hexadecimal).</summary>
    private const string YoungGenerationBytes = "0x4000000";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly string _folder;

    private ServerUnderTest(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    public int ProcessId => _process.Id;

    public string ApiKey { get; private set; } = "";

    /// <param name="postgres">Connection string; null for SQLite.</param>
    public static async Task<ServerUnderTest> StartAsync(string? postgres, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("assessmentflow-benchmark-").FullName;
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["DOTNET_GCgen0size"] = YoungGenerationBytes;
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory.Replace("AssessmentFlow.Benchmarks", "AssessmentFlow.Server", StringComparison.Ordinal), "AssessmentFlow.Server.dll"));
        start.ArgumentList.Add($"--Urls=http://127.0.0.1:{port}");
        start.ArgumentList.Add($"--Storage:DataPath={folder}");
        start.ArgumentList.Add("--Logging:LogLevel:Default=Warning");
        if (postgres is not null)
        {
            start.ArgumentList.Add("--Storage:Provider=Postgres");
            start.ArgumentList.Add($"--Storage:ConnectionString={postgres}");
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        var server = new ServerUnderTest(process, folder, port);
        try
        {
            await server.PrepareAsync(cancellationToken);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        while (!await IsReadyAsync(http, timeout.Token))
        {
            await Task.Delay(100, timeout.Token);
        }

        var keys = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "api-keys.json"), cancellationToken))!;
        ApiKey = (string)keys["clients"]!.AsArray().First(client => (string)client!["id"]! is "secretariat")!["key"]!;
        foreach (var definition in MeasuredWorkflows.All)
        {
            var id = (string)definition["definitionId"]!;
            await SendAsync(http, "workflow-definitions", definition, key: id, ifMatch: null);
            await SendAsync(http, $"workflow-definitions/{id}/publish", new JsonObject { ["note"] = "Benchmark" }, key: $"{id}-publish", "*");
        }
    }

    private async Task SendAsync(HttpClient http, string path, JsonObject body, string key, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/" + path)
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + ApiKey);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await http.SendAsync(request);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{path}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // Not listening yet.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
