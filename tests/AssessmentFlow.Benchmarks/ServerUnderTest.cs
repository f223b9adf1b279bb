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

    private const string Keys = "api-keys.json";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly ProcessStartInfo _start;
    private readonly string _folder;
    private Process? _process;

    private ServerUnderTest(ProcessStartInfo start, string folder, int port)
    {
        _start = start;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    public int ProcessId => _process!.Id;

    public string ApiKey { get; private set; } = "";

    /// <summary>Starts a server on an empty database and publishes what is measured.</summary>
    /// <param name="postgres">Connection string; null for SQLite.</param>
    /// <param name="cancellationToken">To stop.</param>
    /// <param name="settings">Further settings, as environment variables.</param>
    public static Task<ServerUnderTest> StartAsync(string? postgres, CancellationToken cancellationToken, params (string Name, string Value)[] settings) =>
        StartAsync(postgres, restoredFrom: null, cancellationToken, settings);

    /// <summary>Starts a server on a copy of the database of another one, with its keys.</summary>
    /// <param name="postgres">Connection string of the copy.</param>
    /// <param name="restoredFrom">The other one; null for a server on an empty database.</param>
    /// <param name="cancellationToken">To stop.</param>
    /// <param name="settings">Further settings, as environment variables.</param>
    public static async Task<ServerUnderTest> StartAsync(
        string? postgres, ServerUnderTest? restoredFrom, CancellationToken cancellationToken, params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("assessmentflow-benchmark-").FullName;
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["DOTNET_GCgen0size"] = YoungGenerationBytes;
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory.Replace("AssessmentFlow.Benchmarks", "AssessmentFlow.Server", StringComparison.Ordinal), "AssessmentFlow.Server.dll"));
        start.ArgumentList.Add($"--Urls=http://127.0.0.1:{port}");
        start.ArgumentList.Add($"--Storage:DataPath={folder}");
        start.ArgumentList.Add("--Logging:LogLevel:Default=Warning");
        if (postgres is not null)
        {
            start.ArgumentList.Add("--Storage:Provider=Postgres");
            start.ArgumentList.Add($"--Storage:ConnectionString={postgres}");
        }

        var server = new ServerUnderTest(start, folder, port);
        try
        {
            if (restoredFrom is null)
            {
                await server.RunAsync(cancellationToken);
                await server.PublishAsync();
            }
            else
            {
                File.Copy(Path.Combine(restoredFrom._folder, Keys), Path.Combine(folder, Keys));
                await server.RunAsync(cancellationToken);
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return server;
    }

    /// <summary>Ends the process and starts another on the same database.</summary>
    /// <param name="inOrder">Whether the process may take its leave; else it is killed.</param>
    /// <param name="cancellationToken">To stop.</param>
    /// <returns>From the start until it was ready.</returns>
    public async Task<TimeSpan> StartAgainAsync(bool inOrder, CancellationToken cancellationToken)
    {
        if (inOrder)
        {
            using var signal = Process.Start("kill", ["-TERM", $"{ProcessId}"]);
            await _process!.WaitForExitAsync(cancellationToken);
        }

        await KillAsync();
        var begun = Stopwatch.GetTimestamp();
        await RunAsync(cancellationToken);
        return Stopwatch.GetElapsedTime(begun);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Starts the process and waits until it is ready.</summary>
    private async Task RunAsync(CancellationToken cancellationToken)
    {
        _process = Process.Start(_start) ?? throw new InvalidOperationException("The server did not start.");
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        while (!await IsReadyAsync(http, timeout.Token))
        {
            await Task.Delay(100, timeout.Token);
        }

        var keys = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, Keys), cancellationToken))!;
        ApiKey = (string)keys["clients"]!.AsArray().First(client => (string)client!["id"]! is "secretariat")!["key"]!;
    }

    private async Task PublishAsync()
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
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
