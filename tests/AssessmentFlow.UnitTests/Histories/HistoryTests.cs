using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Execution;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Engine.Execution.InstanceState,
    AssessmentFlow.Engine.Execution.InstanceFact,
    AssessmentFlow.Engine.Execution.InstanceEffect>;

namespace AssessmentFlow.UnitTests.Histories;

/// <summary>What versions of the engine wrote before, this one reads, replays and carries on.</summary>
public sealed class HistoryTests
{
    private const string RecordVariable = "ASSESSMENTFLOW_RECORD_HISTORIES";

    private static readonly string Folder = Repository.PathOf("tests", "AssessmentFlow.UnitTests", "Histories");

    private static string Newest => Directory.EnumerateDirectories(Folder, "v*").MaxBy(folder => int.Parse(Path.GetFileName(folder)[1..], CultureInfo.InvariantCulture))!;

    [Theory]
    [MemberData(nameof(Files))]
    public void The_facts_of_each_turn_lead_to_the_state_that_was_committed(string file)
    {
        var history = Recorded(file);
        var state = new InstanceState { Id = history.InstanceId };
        foreach (var turn in history.Turns)
        {
            state = state.Clone();
            foreach (var fact in turn.Facts)
            {
                state.Apply(fact);
            }

            Assert.Equal(Text(turn.State), Text(state));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void An_instance_goes_on_from_wherever_it_stood_to_the_end_that_it_had(string file)
    {
        var history = Recorded(file);
        var definition = history.Definition();
        for (var stood = 0; stood < history.Turns.Length - 1; stood++)
        {
            var state = history.Turns[stood].State;
            for (var next = stood + 1; next < history.Turns.Length; next++)
            {
                var turn = history.Turns[next];
                var decision = WorkflowEngine.Decide(definition, state, turn.Input, new Moment(turn.At, next + 1));
                state = Assert.IsType<Decision.Accepted>(decision).State;
            }

            Assert.Equal(Text(history.Turns[^1].State), Text(state));
        }
    }

    [Fact]
    public void Every_kind_of_fact_is_in_a_history()
    {
        var kinds = typeof(InstanceFact).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(kind => kind.DerivedType);
        var recorded = Files().SelectMany(row => Recorded(row.Data).Turns).SelectMany(turn => turn.Facts).Select(fact => fact.GetType()).ToHashSet();

        Assert.Empty(kinds.Where(kind => !recorded.Contains(kind)).Select(kind => kind.Name));
    }

    /// <summary>Also the way to record: with the variable set to the name of a folder, such as <c>v2</c>, its files are written instead.</summary>
    [Fact]
    public void The_newest_histories_are_what_the_engine_writes_today()
    {
        var record = Environment.GetEnvironmentVariable(RecordVariable);
        var folder = record is null ? Newest : Directory.CreateDirectory(Path.Combine(Folder, record)).FullName;
        var written = HistoryScenarios.Names.SelectMany(name => HistoryScenarios.Run(name).Select((history, position) => ($"{name}-{position}.json", history.Write())));
        foreach (var (name, text) in written)
        {
            var file = Path.Combine(folder, name);
            if (record is not null)
            {
                File.WriteAllText(file, text);
            }

            Assert.True(
                File.Exists(file) && File.ReadAllText(file) == text,
                $"The engine does not write {Path.GetRelativePath(Folder, file)} any more. If that is meant, record the histories of the new version: {RecordVariable}=v<n> (docs/testing.md).");
        }
    }

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)];

    private static History Recorded(string file) => History.Read(File.ReadAllText(Path.Combine(Folder, file)));

    private static string Text(InstanceState state) => JsonSerializer.Serialize(state, EngineJson.Plain.InstanceState);
}
