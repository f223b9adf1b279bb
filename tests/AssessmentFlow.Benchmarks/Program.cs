using System.CommandLine;
using AssessmentFlow.Benchmarks;

const int BackedUp = 100_000; // Instances: the size at which coming back from a backup is told.
var seconds = new Option<int>("--seconds") { Description = "Length of one measurement (seconds).", DefaultValueFactory = _ => 8 };
var rounds = new Option<int>("--rounds") { Description = "Rounds; the median is reported (count).", DefaultValueFactory = _ => 5 };
var clients = new Option<int[]>("--clients") { Description = "Numbers of clients.", DefaultValueFactory = _ => [1, 16, 64], AllowMultipleArgumentsPerToken = true };
var databases = new Option<string[]>("--databases") { Description = "Databases: postgres, sqlite.", DefaultValueFactory = _ => ["postgres", "sqlite"], AllowMultipleArgumentsPerToken = true };
var sections = new Option<string[]>("--sections") { Description = "What is measured: resumes, history, naps, sleepers, backup, telemetry.", DefaultValueFactory = _ => ["resumes", "history", "naps", "sleepers", "backup", "telemetry"], AllowMultipleArgumentsPerToken = true };
var sleepers = new Option<int[]>("--sleepers") { Description = "Numbers of sleeping instances.", DefaultValueFactory = _ => [1_000, 100_000, 1_000_000], AllowMultipleArgumentsPerToken = true };
var output = new Option<FileInfo?>("--output") { Description = "File for the report, such as docs/performance.md; standard output when left out." };
var root = new RootCommand("Durable resumes over HTTP beside prepared single-row upserts of the same run; what long histories, many sleepers and telemetry cost.")
{
    sections, seconds, rounds, clients, databases, sleepers, output,
};
root.SetAction(async (parsed, cancellationToken) =>
{
    var plan = new BenchmarkPlan(
        TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds), [.. parsed.GetValue(clients)!], [.. parsed.GetValue(databases)!]);
    var report = PerformanceReport.Head();
    foreach (var section in parsed.GetValue(sections)!)
    {
        report += section switch
        {
            "resumes" => PerformanceReport.Of(plan, await ResumeBenchmark.RunAsync(plan, Console.Error, cancellationToken)),
            "history" => PerformanceReport.Of(await HistoryBenchmark.RunAsync(cancellationToken)),
            "naps" => PerformanceReport.Of(await NapBenchmark.RunAsync(cancellationToken)),
            "sleepers" => PerformanceReport.Of(await SleepBenchmark.RunAsync(parsed.GetValue(sleepers)!, Console.Error, cancellationToken)),
            "backup" => PerformanceReport.Of(await BackupBenchmark.RunAsync(BackedUp, cancellationToken)),
            "telemetry" => PerformanceReport.Of(await TelemetryBenchmark.RunAsync(plan, cancellationToken)),
            _ => throw new InvalidOperationException($"There is no section '{section}'."),
        };
    }

    report = report.TrimEnd() + "\n";
    if (parsed.GetValue(output) is { } file)
    {
        await File.WriteAllTextAsync(file.FullName, report, cancellationToken);
    }
    else
    {
        Console.Write(report);
    }
});
return await root.Parse(args).InvokeAsync();
