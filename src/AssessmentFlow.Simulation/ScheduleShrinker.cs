using System.Collections.Immutable;
using System.Text;

namespace AssessmentFlow.Simulation;

/// <summary>Leaves out of a failing schedule whatever it can: misfortunes and requests, half of them first, single ones last.</summary>
internal sealed class ScheduleShrinker(ScenarioRuns runs, int requests)
{
    /// <summary>Runs that are made to shrink one schedule (count).</summary>
    private const int TriesMax = 300;

    private int _tries;

    public ShrunkFailure Shrink(Schedule schedule, RunResult result)
    {
        var (best, found) = (schedule, result);
        for (var isShorter = true; isShorter && _tries < TriesMax;)
        {
            isShorter = false;
            for (var chunk = Math.Max(1, Removable(best) / 2); chunk > 0; chunk /= 2)
            {
                for (var from = 0; from < Removable(best) && _tries < TriesMax;)
                {
                    var shorter = Without(best, from, chunk);
                    _tries++;
                    if (runs.Run(shorter) is { Violation: { } violation } again && violation.Promise == result.Violation!.Promise)
                    {
                        (best, found, isShorter) = (shorter, again, true);
                    }
                    else
                    {
                        from += chunk;
                    }
                }
            }
        }

        return new ShrunkFailure(schedule, best, found);
    }

    private int Removable(Schedule schedule) => schedule.Misfortunes.Length + requests - schedule.LeftOut.Count;

    private Schedule Without(Schedule schedule, int from, int count)
    {
        var kept = Enumerable.Range(0, requests).Where(request => !schedule.LeftOut.Contains(request)).ToArray();
        var left = kept.Skip(Math.Max(0, from - schedule.Misfortunes.Length)).Take(Math.Max(0, from + count - Math.Max(from, schedule.Misfortunes.Length)));
        return schedule with
        {
            Misfortunes = [.. schedule.Misfortunes.Where((_, position) => position < from || position >= from + count)],
            LeftOut = schedule.LeftOut.Union(left),
        };
    }
}

/// <summary>A failing schedule and the shortest one found that breaks the same promise.</summary>
/// <param name="Original">The schedule of the seed.</param>
/// <param name="Shrunk">The shortest one found.</param>
/// <param name="Result">What it came to.</param>
internal sealed record ShrunkFailure(Schedule Original, Schedule Shrunk, RunResult Result)
{
    /// <summary>What whoever looks into it needs.</summary>
    public string Describe(Scenario scenario)
    {
        var text = new StringBuilder()
            .Append("Seed ").Append(Original.Seed).Append(" breaks a promise. ").Append(Result.Violation!.Promise).Append(": ").AppendLine(Result.Violation.How)
            .Append("Again: ").Append(Simulator.SeedVariable).Append('=').Append(Original.Seed).AppendLine(" in the environment of this test.")
            .Append("What goes wrong, of ").Append(Original.Misfortunes.Length).AppendLine(" misfortunes of the seed:");
        foreach (var misfortune in Shrunk.Misfortunes)
        {
            text.Append("  ").AppendLine(misfortune.ToString());
        }

        text.AppendLine("What clients ask:");
        foreach (var (request, _) in scenario.Requests.Select((request, position) => (request, position)).Where(each => !Shrunk.LeftOut.Contains(each.position)))
        {
            text.Append("  ").AppendLine(request.Name);
        }

        text.AppendLine("The last steps:");
        foreach (var line in Result.Story)
        {
            text.Append("  ").AppendLine(line);
        }

        return text.ToString();
    }

    /// <summary>The list of what remains, for a schedule that is kept with a test.</summary>
    public ImmutableArray<Misfortune> Misfortunes => Shrunk.Misfortunes;
}
