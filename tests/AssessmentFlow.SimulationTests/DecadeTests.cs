using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Simulation;

namespace AssessmentFlow.SimulationTests;

/// <summary>Cases outlive years of changes and misfortunes.</summary>
public sealed class DecadeTests(ITestOutputHelper output)
{
    /// <summary>How many cases are simulated (count), a multiple of <see cref="Decade.CasesPerWorld"/>; 4,000 take some minutes.</summary>
    private const string CasesVariable = "ASSESSMENTFLOW_DECADE_CASES";

    private const int Cases = 200;

    /// <summary>Phases in which a case is over.</summary>
    private static readonly string[] LastPhases = ["Closed", "NextVisit", "Declined", "Withdrawn"];

    private readonly ConcurrentBag<string> _ends = [];
    private readonly ConcurrentBag<MisfortuneKind> _struck = [];
    private readonly ConcurrentBag<int> _yearsOfCirculation = [];
    private readonly ConcurrentBag<string> _rules = [];

    [Fact]
    public void After_ten_years_every_case_is_closed_or_waits_for_a_reason_that_has_a_name()
    {
        var cases = int.TryParse(Environment.GetEnvironmentVariable(CasesVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? wanted : Cases;
        Assert.Equal(0, cases % Decade.CasesPerWorld);
        IReadOnlyDictionary<Occasion, int> occasions = new Dictionary<Occasion, int>();
        Run(1, Schedule.Calm(0), world => occasions = world.Occasions);

        Parallel.For(1, (cases / Decade.CasesPerWorld) + 1, number => Run(number, Schedule.Of((ulong)number, occasions), Judge));

        foreach (var (how, count) in _ends.CountBy(end => end).OrderByDescending(end => end.Value).ThenBy(end => end.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{count} {how}");
        }

        output.WriteLine($"{_struck.Count} misfortunes: {string.Join(", ", _struck.CountBy(kind => kind).OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}"))}");
        Assert.Equal(cases, _ends.Count);
        Assert.InRange(_ends.Count(end => end is "closed"), cases / 2, cases); // Most people do their work.
        Assert.InRange(_yearsOfCirculation.Distinct().Count(), Decade.Years - 2, Decade.Years); // Else one Council would have seen it all.
        Assert.Equal(Decade.FactChecks.Select(each => each.Rule).Order(StringComparer.Ordinal), _rules.Distinct().Order(StringComparer.Ordinal)); // Else a version was never used.
    }

    private static void Run(int number, Schedule schedule, Action<SimulatedWorld> judge)
    {
        using var world = new SimulatedWorld(Decade.Of(number), schedule);
        world.Run();
        Assert.True(
            world.Checks.Violation is null,
            $"World {number} broke {world.Checks.Violation?.Promise}: {world.Checks.Violation?.How}\n{string.Join('\n', schedule.Misfortunes)}\n{string.Join('\n', world.Story)}");
        Assert.All(
            world.Cluster.Members, name => Assert.InRange(int.Parse(name["silo-".Length..], CultureInfo.InvariantCulture), Decade.Years * world.Cluster.Members.Length, int.MaxValue)); // Else they were not restarted.
        judge(world);
    }

    private void Judge(SimulatedWorld world)
    {
        foreach (var misfortune in world.Struck)
        {
            _struck.Add(misfortune);
        }

        var instances = world.Store.Entities.Where(entity => entity.Id.Kind is EntityKinds.Instance)
            .Select(entity => JsonSerializer.Deserialize(entity.State, EngineJson.Plain.InstanceState)!)
            .ToArray();
        foreach (var entity in world.Store.Entities.Where(entity => entity.Id.Kind is EntityKinds.Assessment))
        {
            var state = JsonSerializer.Deserialize(entity.State, CaseJson.Plain.AssessmentState)!;
            _ends.Add(EndOf(state, instances));
            foreach (var circulation in state.Circulations)
            {
                _yearsOfCirculation.Add(circulation.Date.Year);
                Assert.Equal(Decade.SeatsOn(circulation.Date), circulation.Copies.Select(copy => copy.Seat).Order(StringComparer.Ordinal));
            }

            if (FactCheckOf(world.Store, state) is { } rule)
            {
                _rules.Add(rule);
                Assert.Equal(Decade.FactChecks.Last(each => each.From <= state.OpenedAt).Rule, rule);
            }
        }
    }

    /// <summary>How a case stands: over, or what its workflows wait for, those of its reviews included.</summary>
    private static string EndOf(AssessmentState state, InstanceState[] instances)
    {
        var own = Array.FindAll(instances, instance => instance.CorrelationId == state.Id || instance.CorrelationId?.StartsWith(state.Id + ".", StringComparison.Ordinal) is true);
        Assert.Contains(own, instance => instance.Id == state.InstanceId);
        var running = Array.FindAll(own, instance => instance.Status is InstanceStatus.Running);
        if (running.Length > 0)
        {
            return string.Join(" and ", running.SelectMany(instance => ReasonsOf(instance, running)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        }

        Assert.All(own, instance => Assert.Equal(InstanceSubStatus.Finished, instance.SubStatus));
        Assert.Contains(state.Phase, LastPhases);
        return state.Phase is "Closed" or "NextVisit" ? "closed" : $"ended as {state.Phase}";
    }

    /// <summary>The tasks that an instance waits for; one that waits for another instance has that one's reasons.</summary>
    private static IEnumerable<string> ReasonsOf(InstanceState instance, InstanceState[] running)
    {
        var titles = instance.Bookmarks.Values.Select(bookmark => bookmark.Payload.Member("title").AsText()).OfType<string>().ToArray();
        Assert.True(
            titles.Length > 0 || Array.Exists(running, other => other.Parent?.InstanceId == instance.Id),
            $"{instance.Id} of {instance.DefinitionId} waits in {string.Join(", ", instance.Bookmarks.Values.Select(bookmark => bookmark.Kind))}, for nothing that has a name.");
        Assert.Empty(instance.Incidents);
        return titles.Select(title => $"waits for '{title}'");
    }

    /// <summary>Under which rule the State was asked to comment on the facts; null when it was not.</summary>
    private static string? FactCheckOf(SimulatedStore store, AssessmentState state)
    {
        var facts = store.Find(new EntityId(EntityKinds.Instance, state.InstanceId!))!.Turns.Select(turn => Encoding.UTF8.GetString(turn.Recorded.Facts));
        return facts.Select(text => Decade.FactChecks.FirstOrDefault(each => text.Contains($"\"rule\":\"{each.Rule}\"", StringComparison.Ordinal)).Rule).FirstOrDefault(rule => rule is not null);
    }
}
