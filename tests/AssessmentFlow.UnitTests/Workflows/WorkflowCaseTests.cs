using System.Text.Json;
using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.UnitTests.Workflows;

/// <summary>The case files of the shipped workflows.</summary>
public sealed class WorkflowCaseTests
{
    private const int OrdersPerCase = 20;

    private static readonly Dictionary<string, string> Definitions = Directory.EnumerateDirectories(Repository.PathOf("workflows"))
        .ToDictionary(folder => Path.GetFileName(folder), folder => File.ReadAllText(Path.Combine(folder, "definition.json")), StringComparer.Ordinal);

    public static TheoryData<string, string> Cases() => new(
        from workflow in Definitions.Keys.Order(StringComparer.Ordinal)
        from file in Directory.EnumerateFiles(Repository.PathOf("workflows", workflow, "cases"), "*.json").Order(StringComparer.Ordinal)
        select (workflow, Path.GetFileNameWithoutExtension(file)));

    public static TheoryData<string> Workflows() => new(Definitions.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_shipped_workflow_is_published_without_a_warning(string workflow)
    {
        var now = DateTimeOffset.UnixEpoch;
        var reading = DefinitionReader.Read(System.Text.Encoding.UTF8.GetBytes(Definitions[workflow]), AssessmentActivities.Catalog);

        Assert.Empty(reading.Problems);
        Assert.Empty(PublicationChecks.Of(reading.Definition!, now, Repository.ShippedReference()));
        Assert.Empty(reading.Warnings.Concat(PublicationChecks.WarningsOf(reading.Definition!, now)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_file_leads_to_what_it_expects(string workflow, string name)
    {
        var run = Prepare(workflow, name);
        var differences = run.Run();

        Assert.True(differences.Count is 0, string.Join('\n', differences));
        Assert.True(run.World.Replays > 0, "No turn was replayed.");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_file_leads_there_whatever_the_order_in_which_messages_arrive(string workflow, string name)
    {
        for (var seed = 0; seed < OrdersPerCase; seed++)
        {
            var run = Prepare(workflow, name);
            run.World.PickMessage = new Random(seed).Next;
            var differences = run.Run();
            Assert.True(differences.Count is 0, $"seed {seed}:\n{string.Join('\n', differences)}");
        }
    }

    [Fact]
    public void Every_phase_of_a_shipped_regime_is_entered_in_some_case_of_its_workflow()
    {
        foreach (var regime in Repository.ShippedReference().Regimes.Values)
        {
            var entered = Cases().Select(row => row.Data).Where(data => data.Item1 == regime.Workflow).SelectMany(data =>
            {
                var run = Prepare(data.Item1, data.Item2);
                run.Run();
                return run.World.Cases.Values.SelectMany(each => each.Facts).OfType<AssessmentFact.PhaseEntered>().Select(fact => fact.Phase);
            });

            Assert.Equal(regime.Phases.Order(StringComparer.Ordinal), entered.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Every_activity_and_connection_of_a_shipped_workflow_is_taken_by_some_case(string workflow)
    {
        var definition = DefinitionReader.Read(System.Text.Encoding.UTF8.GetBytes(Definitions[workflow]), AssessmentActivities.Catalog).Definition!;
        var visited = new HashSet<string>(StringComparer.Ordinal);
        var left = new HashSet<(string, string)>();
        foreach (var instance in Cases().Select(row => row.Data).Where(data => data.Item1 == workflow).SelectMany(data => InstancesOf(workflow, data.Item2)))
        {
            var nodes = instance.Facts.OfType<InstanceFact.ActivityStarted>().ToDictionary(fact => fact.Execution, fact => definition.Nodes[fact.Node].Id);
            visited.UnionWith(nodes.Values);
            left.UnionWith(instance.Facts.OfType<InstanceFact.ActivityCompleted>()
                .SelectMany(fact => fact.Outcomes.Select(outcome => (nodes.GetValueOrDefault(fact.Execution, ""), outcome))));
        }

        Assert.Empty(definition.Nodes.Where(node => node.Parent is not null && !visited.Contains(node.Id)).Select(node => node.Id));
        Assert.Empty(Connections(workflow).Except(left).Except(RaceOnly));
    }

    /// <summary>What an act on a chapter tells and the answer to the task that asked for it race; both ways are ways.</summary>
    private static IEnumerable<WorldInstance> InstancesOf(string workflow, string name)
    {
        for (var seed = 0; seed < OrdersPerCase; seed++)
        {
            var run = Prepare(workflow, name);
            run.World.PickMessage = new Random(seed).Next;
            run.Run();
            foreach (var instance in run.World.Instances.Where(instance => instance.State.DefinitionId == workflow))
            {
                yield return instance;
            }
        }
    }

    /// <summary>Taken only when two people act at the same moment, on the task and on the chapter itself.</summary>
    private static readonly (string, string)[] RaceOnly = [("accept", "Refused"), ("return", "Refused")];

    private static IEnumerable<(string, string)> Connections(string workflow) =>
        JsonElement.Parse(Definitions[workflow]).GetProperty("root").GetProperty("connections").EnumerateArray()
            .Select(connection => connection.GetProperty("source"))
            .Select(source => (source.GetProperty("activity").GetString()!, source.Member("port").AsText() ?? "Done"));

    private static WorkflowCaseRun Prepare(string workflow, string name) => new(
        WorkflowCase.Read(Repository.PathOf("workflows", workflow, "cases", name + ".json")), workflow, Definitions, Repository.ShippedReference());
}
