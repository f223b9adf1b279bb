using AssessmentFlow.Engine.Definitions;

namespace AssessmentFlow.UnitTests.Conformance;

public sealed class ConformanceTests
{
    public static TheoryData<string, FlowchartMode> Cases => ConformanceCases.Rows();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_recorded_case_ends_as_recorded_or_differs_exactly_as_the_table_of_deliberate_differences_says(string label, FlowchartMode mode)
    {
        var which = ConformanceCases.Labelled(label);
        var differences = ConformanceRun.Differences(which, mode);
        var deliberate = DeliberateDifferences.For(which.Name, mode)?.Actual ?? [];

        var unexplained = differences.Where(difference => !deliberate.TryGetValue(difference.Aspect, out var actual) || actual != difference.Actual).ToArray();

        Assert.True(unexplained.Length is 0, $"{label} in {mode} mode:\n{string.Join('\n', unexplained.AsEnumerable())}");
    }

    [Fact]
    public void The_table_of_deliberate_differences_names_nothing_that_agrees_by_now()
    {
        var settled =
            from each in ConformanceCases.Provided
            from mode in Enum.GetValues<FlowchartMode>()
            let row = DeliberateDifferences.For(each.Name, mode)
            where row is not null
            let aspects = ConformanceRun.Differences(each, mode).Select(difference => difference.Aspect).ToHashSet()
            from listed in row.Actual.Keys.DefaultIfEmpty("(no aspect is listed)")
            where !aspects.Contains(listed)
            select $"{each.Label} in {mode} mode: {listed}";

        Assert.Empty(settled);
    }

    [Fact]
    public void Every_deliberate_difference_is_explained_to_people_in_the_compatibility_document()
    {
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "elsa-compatibility.md"));

        Assert.All(DeliberateDifferences.All, row =>
        {
            var modes = row.Modes.Length > 1 ? "both" : row.Modes.Single() is FlowchartMode.TokenBased ? "token" : "counter";
            Assert.Contains($"| `{row.Case}` | {modes} | {row.Elsa} | {row.Instead} |", document, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Our_own_cases_differ_from_their_expectations_nowhere() =>
        Assert.All(ConformanceCases.Own, each => Assert.All(Enum.GetValues<FlowchartMode>(), mode => Assert.Null(DeliberateDifferences.For(each.Name, mode))));
}
