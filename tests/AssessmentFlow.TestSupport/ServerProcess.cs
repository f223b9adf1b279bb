using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace AssessmentFlow.TestSupport;

/// <summary>
/// A real server in a process of its own: started, killed without warning, stopped in order, paused, started again on
/// the same ports with the same data. It goes, with a temporary data folder, when it is disposed of or this process ends.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const string Program = "AssessmentFlow.Server";
    private const string KeyFile = "api-keys.json";
    private const string ListeningText = "Now listening on: ";
    private const int OutputLinesMax = 20_000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan ExitWithin = TimeSpan.FromMinutes(1);
    private static readonly ConcurrentDictionary<Process, bool> Living = new();

    private readonly ServerSettings _settings;
    private readonly bool _ownsFolder;
    private readonly int _siloPort;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private Process? _process;
    private TaskCompletionSource<Uri> _listening = new();
    private string _program;
    private int _port;

    static ServerProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Living.Keys)
        {
            process.Kill();
        }
    };

    private ServerProcess(ServerSettings settings)
    {
        _settings = settings;
        _program = settings.Program ?? ProgramPath();
        _ownsFolder = settings.DataFolder is null;
        _siloPort = FreePorts.Take();
        DataFolder = settings.DataFolder ?? Directory.CreateTempSubdirectory("assessmentflow-server-").FullName;
    }

    /// <summary>Folder for what the process keeps.</summary>
    public string DataFolder { get; }

    /// <summary>The SQLite file, when the server runs on SQLite.</summary>
    public string SqlitePath => Path.Combine(DataFolder, "assessmentflow.db");

    /// <summary>Where the server answers; the same after every start.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));

    /// <summary>Id of the running process.</summary>
    public int ProcessId => Running.Id;

    /// <summary>Whether the process has ended, by itself or otherwise.</summary>
    public bool HasEnded => _process?.HasExited is not false;

    /// <summary>The last lines that the server wrote.</summary>
    public string Output => string.Join(Environment.NewLine, _output);

    private Process Running => _process ?? throw new InvalidOperationException("The server is not running.");

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended instead.</exception>
    /// <exception cref="TimeoutException">It was not ready in time.</exception>
    public static async Task<ServerProcess> StartAsync(ServerSettings settings)
    {
        var server = new ServerProcess(settings);
        try
        {
            if (settings.Keys is { } keys)
            {
                await File.WriteAllTextAsync(Path.Combine(server.DataFolder, KeyFile), keys);
            }

            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server after it was killed or stopped, on the port and data that it had, and waits until it is ready.</summary>
    public async Task StartAgainAsync()
    {
        Launch();
        using var deadline = new CancellationTokenSource(_settings.ReadyWithin);
        try
        {
            _port = (await _listening.Task.WaitAsync(deadline.Token)).Port;
            while (!await IsReadyAsync(deadline.Token))
            {
                await Task.Delay(PollInterval, deadline.Token);
            }
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"The server was not ready within {_settings.ReadyWithin}. It wrote:{Environment.NewLine}{Output}", e);
        }
    }

    /// <summary>Starts the server again as the one that was built with the tests, whatever it was before.</summary>
    public Task StartAgainUpgradedAsync()
    {
        _program = ProgramPath();
        return StartAgainAsync();
    }

    /// <summary>Whether the server answers that it is ready, now or within a time; not when it ends by itself.</summary>
    public async Task<bool> IsReadyWithinAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            while (!Running.HasExited)
            {
                if (await IsReadyAsync(deadline.Token))
                {
                    return true;
                }

                await Task.Delay(PollInterval, deadline.Token);
            }

            return false;
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Ends the process as <c>kill -9</c> does: nothing in it runs any more.</summary>
    public async Task KillAsync()
    {
        Running.Kill();
        await WaitForExitAsync();
    }

    /// <summary>Asks the process to stop (SIGTERM) and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        return await WaitForExitAsync();
    }

    /// <summary>Lets the process stand still (SIGSTOP): it holds its connections and does nothing.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets a paused process go on (SIGCONT).</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _http.Dispose();
        if (_ownsFolder)
        {
            Directory.Delete(DataFolder, recursive: true);
        }
    }

    private void Launch()
    {
        if (_process is not null)
        {
            throw new InvalidOperationException("The server is running already.");
        }

        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = DataFolder,
        };
        foreach (var argument in Arguments())
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in _settings.Environment)
        {
            start.Environment[name] = value;
        }

        _listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var listening = _listening;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Read(line.Data, listening);
        process.ErrorDataReceived += (_, line) => Read(line.Data, listening);
        process.Exited += (_, _) =>
        {
            process.WaitForExit(); // Its last words may be read after it is gone.
            listening.TrySetException(new InvalidOperationException($"The server ended before it listened. It wrote:{Environment.NewLine}{Output}"));
        };
        process.Start();
        Living[process] = true;
        _process = process;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private IEnumerable<string> Arguments() =>
    [
        _program,
        "--urls", string.Create(CultureInfo.InvariantCulture, $"http://{_settings.ListensOn}:{_port}"),
        $"--Storage:DataPath={DataFolder}",
        string.Create(CultureInfo.InvariantCulture, $"--Cluster:SiloPort={_siloPort}"),
        .. _settings.PostgresConnectionString is { } connection
            ? ["--Storage:Provider=Postgres", $"--Storage:ConnectionString={connection}"]
            : Array.Empty<string>(),
        .. _settings.Configuration.Select(setting => "--" + setting),
    ];

    /// <summary>The server lies beside the program that runs, built in the same configuration.</summary>
    private static string ProgramPath()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(own.Parent!.Parent!.FullName, Program, own.Name, Program + ".dll");
        return File.Exists(path) ? path : throw new InvalidOperationException($"There is no {path}: build {Program} in the same configuration.");
    }

    private void Read(string? line, TaskCompletionSource<Uri> listening)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        while (_output.Count > OutputLinesMax && _output.TryDequeue(out _))
        {
        }

        if (line.IndexOf(ListeningText, StringComparison.Ordinal) is var at and >= 0)
        {
            listening.TrySetResult(new Uri(line[(at + ListeningText.Length)..]));
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (Running.HasExited)
        {
            throw new InvalidOperationException($"The server ended before it was ready. It wrote:{Environment.NewLine}{Output}");
        }

        try
        {
            using var response = await _http.GetAsync(new Uri(Address, "/health/ready"), cancellationToken);
            return response.StatusCode is HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // It listens, and ends: the next look says so.
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, Running.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private async Task<int> WaitForExitAsync()
    {
        using var process = Running;
        using var deadline = new CancellationTokenSource(ExitWithin);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"The server did not end within {ExitWithin}. It wrote:{Environment.NewLine}{Output}", e);
        }

        Living.TryRemove(process, out _);
        _process = null;
        return process.ExitCode;
    }
}
