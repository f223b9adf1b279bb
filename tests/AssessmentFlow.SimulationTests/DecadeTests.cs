using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Simulation;

namespace AssessmentFlow.SimulationTests;

/// <summary>Cases outlive years of changes and misfortunes.</summary>
public sealed class DecadeTests(ITestOutputHelper output)
{
    /// <summary>How many cases are simulated (count); 4,000 take some minutes.</summary>
    private const string CasesVariable = "ASSESSMENTFLOW_DECADE_CASES";

    private const int Cases = 200;

    [Fact]
    public void After_ten_years_every_case_is_closed_or_waits_for_a_reason_that_has_a_name()
    {
        var cases = int.TryParse(Environment.GetEnvironmentVariable(CasesVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? wanted : Cases;
        var occasions = Run(1, Schedule.Calm(0)).Occasions;
        var ends = new ConcurrentBag<(string How, string Case)>();
        var struck = new ConcurrentBag<MisfortuneKind>();
        var years = new ConcurrentBag<int>();
        var rules = new ConcurrentBag<(string Rule, string Expected)>();

        Parallel.For(1, (cases / Decade.CasesPerWorld) + 1, number =>
        {
            var world = Run(number, Schedule.Of((ulong)number, occasions));
            foreach (var misfortune in world.Struck)
            {
                struck.Add(misfortune);
            }

            foreach (var entity in world.Store.Entities)
            {
                if (entity.Id.Kind is EntityKinds.Assessment)
                {
                    var state = CaseOf(entity);
                    ends.Add((EndOf(world.Store, entity), entity.Id.Key));
                    foreach (var circulation in state.Circulations)
                    {
                        years.Add(circulation.Date.Year);
                        Assert.Equal(Decade.SeatsOn(circulation.Date), circulation.Copies.Select(copy => copy.Seat).Order(StringComparer.Ordinal));
                    }

                    if (FactCheckOf(world.Store, state) is { } rule)
                    {
                        rules.Add((rule, Decade.FactChecks.Last(each => each.From <= state.OpenedAt).Rule));
                    }
                }
            }
        });

        foreach (var group in ends.GroupBy(end => end.How, StringComparer.Ordinal).OrderByDescending(group => group.Count()))
        {
            output.WriteLine($"{group.Count()} {group.Key}, such as {group.Min(end => end.Case)}");
        }

        output.WriteLine(string.Join(", ", struck.CountBy(kind => kind).OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}")));
        Assert.Equal(cases / Decade.CasesPerWorld * Decade.CasesPerWorld, ends.Count);
        Assert.DoesNotContain(ends, end => end.How.Length is 0);
        Assert.InRange(years.Distinct().Count(), Decade.Years - 2, Decade.Years); // Else one Council would have seen it all.
        Assert.All(rules, each => Assert.Equal(each.Expected, each.Rule));
        Assert.Equal(Decade.FactChecks.Length, rules.Distinct().Count()); // Else a version was never used.
    }

    private static SimulatedWorld Run(int number, Schedule schedule)
    {
        using var world = new SimulatedWorld(Decade.Of(number), schedule);
        world.Run();
        Assert.True(
            world.Checks.Violation is null,
            $"World {number} broke {world.Checks.Violation?.Promise}: {world.Checks.Violation?.How}\n{string.Join('\n', schedule.Misfortunes)}\n{string.Join('\n', world.Story)}");
        Assert.All(world.Cluster.Members, name => Assert.InRange(int.Parse(name["silo-".Length..], CultureInfo.InvariantCulture), Decade.Years * world.Cluster.Members.Length, int.MaxValue));
        return world;
    }

    /// <summary>How a case stands: its last phase when its workflows have ended, else what they wait for.</summary>
    private static string EndOf(SimulatedStore store, StoredEntity entity)
    {
        var waiting = store.List(new ViewQuery { View = Views.Instances, B = [nameof(InstanceStatus.Running)], Max = int.MaxValue })
            .Where(found => found.Row.Scope == entity.Id.Key)
            .Select(found => store.Find(new EntityId(EntityKinds.Instance, found.Id))!)
            .SelectMany(found => ReasonsOf(JsonSerializer.Deserialize(found.State, EngineJson.Plain.InstanceState)!))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToArray();
        return waiting.Length is 0 ? $"ended in {CaseOf(entity).Phase}" : string.Join(" and ", waiting);
    }

    private static IEnumerable<string> ReasonsOf(InstanceState instance)
    {
        if (instance.Bookmarks.Count + instance.Incidents.Length is 0)
        {
            return [""];
        }

        return
        [
            .. instance.Incidents.Select(incident => $"incident {incident.Code}"),
            .. instance.Bookmarks.Values.Select(bookmark => bookmark.Payload.Member("title").AsText() is { } title ? $"waits for '{title}'" : $"waits in {bookmark.Kind}"),
        ];
    }

    /// <summary>Under which rule the State was asked to comment on the facts; null when it was not.</summary>
    private static string? FactCheckOf(SimulatedStore store, AssessmentState state)
    {
        var facts = store.Find(new EntityId(EntityKinds.Instance, state.InstanceId!))!.Turns.Select(turn => Encoding.UTF8.GetString(turn.Recorded.Facts));
        return facts.Select(text => Decade.FactChecks.FirstOrDefault(each => text.Contains($"\"rule\":\"{each.Rule}\"", StringComparison.Ordinal)).Rule).FirstOrDefault(rule => rule is not null);
    }

    private static AssessmentState CaseOf(StoredEntity entity) => JsonSerializer.Deserialize(entity.State, CaseJson.Plain.AssessmentState)!;
}
