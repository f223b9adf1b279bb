using System.Diagnostics;

namespace AssessmentFlow.TestSupport;

/// <summary>
/// A real PostgreSQL server of its own: made by initdb in a temporary folder, started, stopped, killed and removed.
/// PostgreSQL refuses to run as root, so under root it runs as another user.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(2);

    private readonly string _folder;
    private readonly string _binaries;
    private readonly string? _user;

    private PostgresServer(string folder, string binaries, string? user, int port)
    {
        _folder = folder;
        _binaries = binaries;
        _user = user;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Folder of the server's socket: connecting through it costs less than loopback.</summary>
    public string SocketFolder => _folder;

    /// <summary>Why no server can be started here; null when one can.</summary>
    public static string? Missing => FindBinaries() is null ? "initdb is neither on PATH nor under /usr/lib/postgresql: install the PostgreSQL server binaries." : null;

    /// <summary>Makes and starts a server.</summary>
    /// <param name="settings">Further settings, each as <c>name=value</c>.</param>
    public static async Task<PostgresServer> StartAsync(params string[] settings)
    {
        var binaries = FindBinaries() ?? throw new InvalidOperationException(Missing);
        var folder = Directory.CreateTempSubdirectory("assessmentflow-postgres-").FullName;
        var server = new PostgresServer(folder, binaries, Environment.UserName is "root" ? FindUser() : null, FreePorts.Take());
        if (server._user is { } user)
        {
            await RunAsync("chown", ["-R", user, folder]);
        }

        await server.RunServerCommandAsync("initdb", ["-D", server.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]);
        await File.AppendAllLinesAsync(
            Path.Combine(server.Data, "postgresql.conf"),
            [
                $"port = {server.Port}",
                "listen_addresses = '127.0.0.1'",
                $"unix_socket_directories = '{folder}'",
                "max_connections = 300",
                "shared_buffers = 256MB",
                .. settings.Select(setting => setting.Replace("=", " = ", StringComparison.Ordinal)),
            ]);
        await server.StartAgainAsync();
        return server;
    }

    public string ConnectionString(string database, bool throughSocket = false) =>
        $"Host={(throughSocket ? _folder : "127.0.0.1")};Port={Port};Username=postgres;Database={database};Maximum Pool Size=100;Include Error Detail=true";

    /// <summary>Makes an empty database.</summary>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        await RunAsync("psql", ["-h", "127.0.0.1", "-p", $"{Port}", "-U", "postgres", "-q", "-c", $"CREATE DATABASE \"{name}\"", "postgres"]);
        return ConnectionString(name);
    }

    /// <summary>Starts the server after <see cref="StopAsync"/>.</summary>
    public Task StartAgainAsync() => RunServerCommandAsync("pg_ctl", ["-D", Data, "-w", "-t", "60", "-l", Path.Combine(_folder, "log"), "start"]);

    /// <summary>Stops the server as by a power cut (immediate) or in order (fast).</summary>
    public Task StopAsync(bool immediate = false) =>
        RunServerCommandAsync("pg_ctl", ["-D", Data, "-w", "-m", immediate ? "immediate" : "fast", "stop"]);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync(immediate: true);
        }
        catch (InvalidOperationException)
        {
            // It was stopped already.
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private Task RunServerCommandAsync(string command, string[] arguments)
    {
        var path = Path.Combine(_binaries, command);
        return _user is null ? RunAsync(path, arguments) : RunAsync("runuser", ["-u", _user, "--", path, .. arguments]);
    }

    private static async Task RunAsync(string command, string[] arguments)
    {
        // pg_ctl leaves a server behind that inherits the streams: nothing is read from them to the end.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("log=$(mktemp) && chmod 666 $log && if \"$@\" >$log 2>&1 </dev/null; then rm $log; else cat $log >&2; rm $log; exit 1; fi");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(command);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start.");
        using var timeout = new CancellationTokenSource(CommandTimeout);
        await process.WaitForExitAsync(timeout.Token);
        if (process.ExitCode is not 0)
        {
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }

    private static string? FindBinaries()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var installed = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin"))
            : [];
        return folders.Concat(installed).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
    }

    private static string FindUser() =>
        File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
}
