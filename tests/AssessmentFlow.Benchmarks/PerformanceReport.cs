using System.Globalization;
using System.Text;

namespace AssessmentFlow.Benchmarks;

/// <summary>The report as Markdown.</summary>
internal static class PerformanceReport
{
    public static string Row(ResumeResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {result.Database} | {result.Clients} | {result.Resumes.PerSecond:N0} | {result.Raw.PerSecond:N0} | {result.Ratio:F2} ({result.Ratios.Min():F2}–{result.Ratios.Max():F2}) | {result.Resumes.P50Ms:F2} | {result.Resumes.P99Ms:F2} | {(result.PerTurn.Commits > 0 ? result.PerTurn.Commits.ToString("F3", CultureInfo.InvariantCulture) : "–")} | {result.PerTurn.ServerMicros:F0} | {(result.PerTurn.DatabaseMicros > 0 ? result.PerTurn.DatabaseMicros.ToString("F0", CultureInfo.InvariantCulture) : "–")} |");

    public static string Row(SleepResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {result.Instances:N0} | {result.StartSeconds:F1} | {result.StartAfterKillSeconds:F1} | {result.MemoryBytes / 1024 / 1024:N0} | {result.ResumeMs:F2} | {result.IdleQueriesPerSecond:F2} |");

    public static string Head() => $"""
        # Performance

        Written by `dotnet run -c Release --project tests/AssessmentFlow.Benchmarks -- --output docs/performance.md`.
        Absolute figures belong to the machine of that run ({Environment.ProcessorCount} cores shared by the database, the server and
        the clients); the ratios are what to compare.


        """;

    public static string Of(BenchmarkPlan plan, IReadOnlyList<ResumeResult> results)
    {
        var report = new StringBuilder();
        report.Append(CultureInfo.InvariantCulture, $"""
            ## Durable resumes over HTTP

            An instance starts, waits for {BenchmarkPlan.Waits} events one after the other and ends. Each wait is resumed by one
            `POST /api/v1/instances/{"{id}"}/signals` with `If-Match` and `Idempotency-Key`, in closed loops: a client sends its next
            request when the last was acknowledged, and it is acknowledged after the commit. The server is a process of its own,
            configured as its launch settings and its image are; starts are made but not counted. The yardstick in the same run, in
            turn with it: prepared single-row upserts of {RawUpserts.StateBytes:N0} new bytes by Npgsql from as many connections as there are clients, in
            the process of the clients. PostgreSQL runs with `fsync` on, SQLite with `synchronous=FULL`. PostgreSQL's log was
            written in before (`{string.Join("`, `", WornInLog.Settings)}`, 6 GiB of segments to recycle), as in a database that has
            worked for a while: a fresh one stops every commit for tens of milliseconds whenever it makes a segment.
            Medians of {plan.Rounds} rounds of {plan.Duration.TotalSeconds:N0} s; in brackets the lowest and the highest round.

            | Database | Clients | Resumes/s | Upserts/s | Ratio | p50 (ms) | p99 (ms) | Commits per turn | Server CPU (µs/turn) | Database CPU (µs/turn) |
            |---|---|---|---|---|---|---|---|---|---|

            """);
        foreach (var result in results)
        {
            report.AppendLine(Row(result));
        }

        return report.Append("""

            *Commits per turn*: transactions of the database by `pg_stat_database`, everything that the server does included,
            divided by acknowledged turns (starts and resumes). Below 1 where turns that wait at the same moment share a commit.
            *CPU*: of the server's process and of PostgreSQL's, per acknowledged turn; SQLite runs inside the server.
            The yardstick of the SQLite rows is PostgreSQL's too.


            """).ToString();
    }

    public static string Of(HistoryResult history) => string.Create(CultureInfo.InvariantCulture, $"""
        ## Long histories

        One instance that waits, writes lines and waits again is resumed until it has executed {HistoryBenchmark.LongHistory:N0} activities; then
        it and new instances of the same workflow are resumed in turn by one client on PostgreSQL.

        | Executed activities | p50 of a resume (ms) | Snapshot (bytes) |
        |---|---|---|
        | {MeasuredWorkflows.ActivitiesPerRound} | {history.YoungMs:F2} | {history.YoungBytes:N0} |
        | over {HistoryBenchmark.LongHistory:N0} | {history.OldMs:F2} | {history.OldBytes:N0} |

        Ratio: {history.OldMs / history.YoungMs:F2}.


        """);

    public static string Of(NapResult naps) => string.Create(CultureInfo.InvariantCulture, $"""
        ## Waking at once

        {NapBenchmark.Sleepers:N0} instances are started as fast as 64 clients can, sleep {MeasuredWorkflows.NapSeconds} s each and end, on PostgreSQL. Lateness is the time of the
        turn that ended an instance less the time at which its sleep was over: median {naps.MedianSeconds:F2} s, the last {naps.LastSeconds:F2} s.


        """);

    public static string Of(IReadOnlyList<SleepResult> sleepers) => $"""
        ## Sleeping instances

        Instances wait for an event and beside it for a day in four years; all but one are copies, made by SQL on PostgreSQL. A process
        starts beside them; it is ready when `/health/ready` says so. Whoever starts after the only process was killed waits until that one
        counts as dead. Then one client resumes instances that were not in memory.
        Queries are transactions of the database while nothing happens, of everything that the process does.

        | Sleeping instances | Start (s) | Start after `kill -9` (s) | Memory of the process (MiB) | p50 of a resume (ms) | Queries per second when idle |
        |---|---|---|---|---|---|
        {string.Join("\n", sleepers.Select(Row))}

        Ratio of the resumes, most to fewest: {(sleepers[^1].ResumeMs / sleepers[0].ResumeMs).ToString("F2", CultureInfo.InvariantCulture)}.


        """;

    public static string Of(BackupResult backup) => string.Create(CultureInfo.InvariantCulture, $"""
        ## Coming back from a backup

        A database of {backup.Instances:N0} sleeping instances on PostgreSQL ({backup.Rows:N0} rows) is backed up by `flow backup` while a process works on it,
        and restored by `flow restore` into an empty one, on the same machine.

        | Backup (s) | Its size (MiB) | Restore (s) | Start of a process on it (s) | Away in all (s) |
        |---|---|---|---|---|
        | {backup.BackupSeconds:F1} | {backup.Bytes / 1024.0 / 1024:F0} | {backup.RestoreSeconds:F1} | {backup.StartSeconds:F1} | {backup.RestoreSeconds + backup.StartSeconds:F1} |


        """);

    public static string Of(IReadOnlyList<TelemetryResult> results) => $"""
        ## Being watched

        The first table's load with 64 clients on PostgreSQL, on servers that differ in their telemetry only. Each round starts new
        processes and measures them in turn, a second at a time. Traces and metrics are kept in the process; nothing is sent.
        Medians of the rounds; in brackets the lowest and the highest. The last row is how far two equal servers differ.

        | Made | Resumes/s | Beside nothing | Server CPU (µs/resume) |
        |---|---|---|---|
        {string.Join("\n", results.Select(result => string.Create(CultureInfo.InvariantCulture, $"| {result.Watched} | {result.PerSecond:N0} | {result.Ratio:F2} ({result.LowestRatio:F2}–{result.HighestRatio:F2}) | {result.ServerMicros:F0} |")))}

        """;
}
