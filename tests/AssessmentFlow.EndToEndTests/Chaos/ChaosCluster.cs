using System.Globalization;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Npgsql;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>Several servers on a PostgreSQL of their own, and everything that can befall them.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private const string Kills = "kills";
    private const string Stops = "stops";

    /// <summary>Lines of a failure that are shown (count).</summary>
    private const int FailureLines = 24;

    /// <summary>Cuts that are made in the time between two other disturbances (count): they are over at once.</summary>
    private const int CutsPerPause = 4;

    /// <summary>How long those that gave somebody up may take to read the table of members again, before they take over.</summary>
    private static readonly TimeSpan TakeoverWithin = TimeSpan.FromMilliseconds(700);

    /// <summary>How long servers that were given up cannot learn of it.</summary>
    private static readonly TimeSpan UnawareFor = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the others take to give up a server that is gone.</summary>
    private static readonly TimeSpan MissedAfter = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(500);

    private readonly PostgresServer _postgres;
    private readonly ServerSettings _settings;
    private readonly SiloNetwork _network = new();
    private readonly List<ServerProcess> _servers = [];

    private ChaosCluster(PostgresServer postgres, ServerSettings settings)
    {
        _postgres = postgres;
        _settings = settings;
    }

    public string ConnectionString => _settings.PostgresConnectionString!;

    public IReadOnlyList<ServerProcess> Servers => _servers;

    public PostgresServer Postgres => _postgres;

    private DatabaseRows Rows => new(() => Databases.Postgres(ConnectionString));

    private MemberTable Members => new(ConnectionString);

    /// <summary>What was done.</summary>
    public ChaosLog Log { get; } = new(TimeProvider.System);

    /// <param name="servers">Servers (count).</param>
    /// <param name="configuration">Further settings of every server, each as <c>Section:Name=value</c>.</param>
    public static Task<ChaosCluster> StartAsync(int servers = ChaosPlan.Servers, params string[] configuration) =>
        StartAsync(new ServerSettings { Configuration = configuration }, servers);

    /// <param name="settings">Of every server; the database is added to them.</param>
    /// <param name="servers">Servers (count).</param>
    public static async Task<ChaosCluster> StartAsync(ServerSettings settings, int servers = ChaosPlan.Servers)
    {
        var postgres = await PostgresServer.StartAsync();
        var cluster = new ChaosCluster(postgres, settings with { PostgresConnectionString = await postgres.CreateDatabaseAsync("chaos") });
        try
        {
            // All know the same clients, so that one has to be there before the others.
            await cluster.AddAsync();
            await Task.WhenAll(Enumerable.Range(1, servers - 1).Select(_ => cluster.AddAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more server, with the keys of the first.</summary>
    public async Task<ServerProcess> AddAsync()
    {
        var keys = _servers.Count is 0 ? null : await File.ReadAllTextAsync(Path.Combine(_servers[0].DataFolder, "api-keys.json"));
        var line = _network.Add();
        var server = await ServerProcess.StartAsync(_settings with { Keys = keys, Configuration = [.. _settings.Configuration, .. line.Configuration] });
        line.Server = server;
        lock (_servers)
        {
            _servers.Add(server);
        }

        return server;
    }

    /// <summary>What servers wrote of requests that they failed at, as far as it is still known: one of each kind.</summary>
    public IEnumerable<string> Failures() => _servers.SelectMany(server =>
    {
        var lines = server.Output.Split(Environment.NewLine);
        return lines.Index()
            .Where(line => line.Item.StartsWith("fail: AssessmentFlow", StringComparison.Ordinal))
            .Select(line => string.Join(Environment.NewLine, lines.Skip(line.Index).Take(FailureLines)))
            .DistinctBy(text => text.Split(Environment.NewLine)[2]);
    });

    /// <summary>Disturbs until the time is over and enough was done, then sees to it that every server runs.</summary>
    public async Task DisturbAsync(ChaosPlan plan, CancellationToken cancellationToken)
    {
        var random = new Random(plan.Seed);
        var until = TimeProvider.System.GetUtcNow() + plan.Duration;
        var recovering = _servers.ToDictionary(server => server, _ => Task.CompletedTask);
        while (TimeProvider.System.GetUtcNow() < until || Log.CountOf(Kills) < plan.KillsMin || Log.CountOf(Stops) < plan.StopsMin)
        {
            // Draws come first, so that they do not depend on how fast anything was. One server is always left alone, but by a partition.
            var (place, what, pause, awayFor) = (random.Next(_servers.Count), random.Next(24), random.Next(200, 2_000), random.Next(2) * MissedAfter);

            // Whoever was given up ends some time after it went on, and is started again as any service would be.
            foreach (var ended in _servers.FindAll(each => recovering[each].IsCompleted && each.HasEnded))
            {
                recovering[ended] = StartEndedAsync(ended, cancellationToken);
            }

            while (recovering.Values.Count(each => !each.IsCompleted) >= _servers.Count - 1)
            {
                await Task.WhenAny(recovering.Values.Where(each => !each.IsCompleted));
            }

            var idle = _servers.FindAll(each => recovering[each].IsCompleted);
            var server = idle[place % idle.Count];
            switch (plan.Only ?? Of(what))
            {
                case Disturbance.Kill:
                    recovering[server] = KillAsync(server, awayFor, cancellationToken);
                    break;
                case Disturbance.Stop:
                    recovering[server] = StandStillAsync(server, plan.Standstill, cancellationToken);
                    break;
                case Disturbance.Oversleep:
                    await Task.WhenAll(recovering.Values); // Nobody can start while nobody can read who there is.
                    await ReviveAllAsync(cancellationToken);
                    recovering[server] = await OversleepAsync(server, cancellationToken);
                    break;
                case Disturbance.Cut:
                    await CutConnectionsAsync(cancellationToken);
                    break;
                case Disturbance.Partition:
                    await Task.WhenAll(recovering.Values);
                    await ReviveAllAsync(cancellationToken); // Apart from one that has ended nobody is missed.
                    await SetApartAsync(server, cancellationToken);
                    recovering = _servers.ToDictionary(each => each, each => ReviveAsync(each, cancellationToken));
                    break;
                default:
                    await RestartDatabaseAsync();
                    break;
            }

            await Task.Delay(plan.Only is Disturbance.Cut ? pause / CutsPerPause : pause, cancellationToken);
        }

        await Task.WhenAll(recovering.Values);
        await ReviveAllAsync(cancellationToken);
    }

    /// <summary>Waits until the others have given a server up that stands still.</summary>
    public Task GivenUpAsync(ServerProcess server, CancellationToken cancellationToken) =>
        Eventually.HoldsAsync("the server is given up", () => Members.IsDeadAsync(_network.PortOf(server)), cancellationToken);

    /// <summary>
    /// Lets a server that stands still go on once it was given up, and waits for its end. What it has in memory is of the past.
    /// Only the guard on versions stands between that and the database, until the server reads of its end in the table of
    /// members, which nobody can read for a while.
    /// </summary>
    public async Task ResumeUnawareAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await KeepUnawareAsync(() => Members.IsDeadAsync(_network.PortOf(server)), server.ResumeAsync, cancellationToken);

        // It still says that it is ready until it reads of its end.
        await Eventually.HoldsAsync("the server has ended", () => Task.FromResult(server.HasEnded), cancellationToken);
    }

    /// <summary>Sees to it that a server runs.</summary>
    public async Task ReviveAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        if (!await server.IsReadyWithinAsync(TimeSpan.FromSeconds(20), cancellationToken))
        {
            await StartEndedAsync(server, cancellationToken);
        }
    }

    /// <summary>Messages, with how often they could not be delivered, and timers, tasks and waits of cases that are under way.</summary>
    public async Task<IReadOnlyList<string>> UnderWayAsync() => await Rows.ReadAsync(
        $"""
        SELECT entity_id || ' ' || owner || ' ' || attempts FROM outbox
        UNION ALL SELECT entity_id || ' timer' FROM timer WHERE entity_id LIKE 'instance/%'
        UNION ALL SELECT entity_id || ' task' FROM view_row WHERE view = 'task' AND b = 'open' AND scope LIKE '{ChaosWorkflows.IdentityPrefix}%'
        UNION ALL SELECT entity_id || ' wait' FROM wait WHERE correlation_id LIKE '{ChaosWorkflows.IdentityPrefix}%'
        """,
        row => row.GetString(0));

    /// <summary>What is stored once nothing is under way any more.</summary>
    /// <exception cref="TimeoutException">Something still was after a minute.</exception>
    public async Task<TurnChain> RestAsync(CancellationToken cancellationToken)
    {
        await Eventually.HoldsAsync("no timer is due and no message is under way", async () => await UnderWayAsync() is [], cancellationToken);
        return await TurnChain.ReadAsync(Rows);
    }

    /// <summary>What is stored, and what is left over: messages and timers that are still under way after a minute.</summary>
    public async Task<(TurnChain Chain, IReadOnlyList<string> LeftOver)> SettleAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await RestAsync(cancellationToken), []);
        }
        catch (TimeoutException)
        {
            // That is for the judge of the run to say, beside everything else that came of it.
            var leftOver = await UnderWayAsync();
            return (await TurnChain.ReadAsync(Rows), leftOver);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await _network.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    public override string ToString() => Log.ToString();

    /// <summary>What a face of the die means: mostly kills, then servers that stand still, and now and then one of the others.</summary>
    private static Disturbance Of(int face) => face switch
    {
        < 15 => Disturbance.Kill,
        18 => Disturbance.Partition,
        < 21 => Disturbance.Stop,
        21 => Disturbance.DatabaseRestart,
        22 => Disturbance.Oversleep,
        _ => Disturbance.Cut,
    };

    /// <summary>Sees to it that every server runs and goes on running: one that was given up says that it is ready until it reads of that.</summary>
    private Task ReviveAllAsync(CancellationToken cancellationToken) => Task.WhenAll(_servers.Select(async server =>
    {
        if (await Members.IsDeadAsync(_network.PortOf(server)))
        {
            await Eventually.HoldsAsync("who was given up has ended", () => Task.FromResult(server.HasEnded), cancellationToken);
        }

        await ReviveAsync(server, cancellationToken);
    }));

    /// <summary>Whoever is back at once says itself that it was gone; whoever stays away, the others have to miss.</summary>
    private async Task KillAsync(ServerProcess server, TimeSpan awayFor, CancellationToken cancellationToken)
    {
        using var kill = Log.Begin(Kills, NameOf(server));
        await server.KillAsync();
        await Task.Delay(awayFor, cancellationToken);
        await StartAgainAsync(server, cancellationToken);
    }

    /// <summary>Whoever stands still for long is given up by the others and, when it goes on, ends itself.</summary>
    private async Task StandStillAsync(ServerProcess server, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var stop = Log.Begin(Stops, NameOf(server));
        await server.PauseAsync();
        await Task.Delay(duration, cancellationToken);
        await server.ResumeAsync();
        await ReviveAsync(server, cancellationToken);
    }

    /// <returns>The end of its way back.</returns>
    private async Task<Task> OversleepAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        using (Log.Begin("oversleeps", NameOf(server)))
        {
            await server.PauseAsync();
            await ResumeUnawareAsync(server, cancellationToken);
        }

        return ReviveAsync(server, cancellationToken);
    }

    /// <summary>
    /// Whoever does not hear the others gives them up, as they do it. Those that were given up read of it in the table of
    /// members and end themselves; that nobody can read for a while, and so long both sides take the same cases for their own.
    /// </summary>
    private async Task SetApartAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        using var partition = Log.Begin("partitions", NameOf(server));
        var known = await Members.DeadAsync();
        _network.SetApart(server);
        try
        {
            await KeepUnawareAsync(async () => (await Members.DeadAsync()).Except(known).Any(), () => Task.CompletedTask, cancellationToken);
            await Eventually.HoldsAsync(
                "whoever was given up has ended", async () => _servers.Count(each => each.HasEnded) >= (await Members.DeadAsync()).Except(known).Count(), cancellationToken);
        }
        finally
        {
            _network.Join();
        }
    }

    /// <summary>Once somebody was given up and the others have taken over, lets nobody read of it for a while.</summary>
    private async Task KeepUnawareAsync(Func<Task<bool>> isGivenUp, Func<Task> whenNobodyReads, CancellationToken cancellationToken)
    {
        await Eventually.HoldsAsync("somebody is given up", isGivenUp, cancellationToken);
        await Task.Delay(TakeoverWithin, cancellationToken);
        await Members.LockAsync(whenNobodyReads, UnawareFor, cancellationToken);
    }

    private async Task StartEndedAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        using var revival = Log.Begin("revivals", NameOf(server));
        await server.KillAsync();
        await StartAgainAsync(server, cancellationToken);
    }

    /// <summary>A server that starts while the database is away ends, and is started again.</summary>
    private static async Task StartAgainAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await server.StartAgainAsync();
                return;
            }
            catch (InvalidOperationException)
            {
                await server.KillAsync();
                await Task.Delay(RestartPause, cancellationToken);
            }
        }
    }

    private async Task CutConnectionsAsync(CancellationToken cancellationToken)
    {
        using var cut = Log.Begin("cuts");
        await using var connection = Databases.Postgres(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task RestartDatabaseAsync()
    {
        using var restart = Log.Begin("database restarts");
        await _postgres.StopAsync(immediate: true);
        await _postgres.StartAgainAsync();
    }

    private string NameOf(ServerProcess server) => string.Create(CultureInfo.InvariantCulture, $" of server {_servers.IndexOf(server) + 1}");
}
