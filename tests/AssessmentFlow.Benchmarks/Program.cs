using System.CommandLine;
using AssessmentFlow.Benchmarks;

var seconds = new Option<int>("--seconds") { Description = "Length of one measurement (seconds).", DefaultValueFactory = _ => 8 };
var rounds = new Option<int>("--rounds") { Description = "Rounds; the median is reported (count).", DefaultValueFactory = _ => 5 };
var clients = new Option<int[]>("--clients") { Description = "Numbers of clients.", DefaultValueFactory = _ => [1, 16, 64], AllowMultipleArgumentsPerToken = true };
var databases = new Option<string[]>("--databases") { Description = "Databases: postgres, sqlite.", DefaultValueFactory = _ => ["postgres", "sqlite"], AllowMultipleArgumentsPerToken = true };
var output = new Option<FileInfo?>("--output") { Description = "File for the report, such as docs/performance.md; standard output when left out." };
var root = new RootCommand("Durable resumes over HTTP beside prepared single-row upserts of the same run, and what a long history costs.") { seconds, rounds, clients, databases, output };
root.SetAction(async (parsed, cancellationToken) =>
{
    var plan = new BenchmarkPlan(
        TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds), [.. parsed.GetValue(clients)!], [.. parsed.GetValue(databases)!]);
    var resumes = await ResumeBenchmark.RunAsync(plan, Console.Error, cancellationToken);
    var report = PerformanceReport.Write(plan, resumes, await HistoryBenchmark.RunAsync(cancellationToken));
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
