using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Worlds;

/// <summary>Compares what a case file expects with what a world has come to.</summary>
internal static class CaseExpectations
{
    public static IEnumerable<string> Differences(WorkflowCaseRun run, CaseExpectation? expected)
    {
        foreach (var instance in run.World.Instances)
        {
            foreach (var incident in instance.State.Incidents)
            {
                yield return $"'{incident.ActivityId}' of {instance.State.DefinitionId} faulted: {incident.Code}: {incident.Message}";
            }

            if (instance.State.IsStuck)
            {
                yield return $"{instance.State.DefinitionId} waits for nothing";
            }
        }

        foreach (var difference in expected is null ? [] : Compare(run, expected).OfType<string>())
        {
            yield return difference;
        }
    }

    /// <summary>The open tasks as <c>role: activity</c>, sorted.</summary>
    public static IEnumerable<string> Tasks(WorkflowCaseRun run) =>
        run.Tasks().Select(task => $"{task.Task.AssignedTo}: {task.Activity}").Order(StringComparer.Ordinal);

    private static IEnumerable<string?> Compare(WorkflowCaseRun run, CaseExpectation expected)
    {
        yield return expected.Phase is { } phase ? Same("phase", phase, run.Case.Phase) : null;
        yield return expected.Phases is { } phases
            ? Same("phases", phases, run.Facts.OfType<AssessmentFact.PhaseEntered>().Select(fact => fact.Phase))
            : null;
        yield return expected.Tasks is { } tasks ? Same("tasks", tasks.Order(StringComparer.Ordinal), Tasks(run)) : null;
        yield return expected.Reviews is { } reviews
            ? Same("reviews", reviews.Select(review => $"{review.Key} {review.Value}"), run.Case.Reviews!.Reviews.Select(review => $"{review.Agency} {review.Status}{(review.IsAnnexed ? ", annexed" : "")}"))
            : null;
        yield return expected.CopiesTo is { } seats ? Same("copies", seats, run.Case.Circulations[^1].Copies.Select(copy => copy.Seat)) : null;
        yield return expected.Status is { } status ? Same("status", status, run.Main?.State.SubStatus.ToString()) : null;
        yield return expected.Outputs.IsNull()
            ? null
            : PartialJson.Difference(expected.Outputs, JsonValues.Object([.. run.Main!.State.Output.Select(pair => (pair.Key, pair.Value))]), "outputs");
        yield return expected.Case.IsNull()
            ? null
            : PartialJson.Difference(expected.Case, JsonSerializer.SerializeToElement(run.Case, CaseJson.Plain.AssessmentState), "case");
        yield return expected.Facts is { } facts ? CompareFacts(run, facts) : null;
    }

    private static string? CompareFacts(WorkflowCaseRun run, IReadOnlyList<JsonElement> expected)
    {
        var recorded = run.Facts.Skip(run.FactsBefore).Select(fact => JsonSerializer.SerializeToElement(fact, CaseJson.Plain.AssessmentFact)).ToArray();
        var position = 0;
        foreach (var fact in expected)
        {
            while (position < recorded.Length && PartialJson.Difference(fact, recorded[position]) is not null)
            {
                position++;
            }

            if (position++ == recorded.Length)
            {
                return $"no fact like {fact.GetRawText()} (in this place) among\n  {string.Join("\n  ", recorded.Select(each => each.GetRawText()))}";
            }
        }

        return null;
    }

    private static string? Same(string what, IEnumerable<string> expected, IEnumerable<string> actual) =>
        Same(what, string.Join(" | ", expected), string.Join(" | ", actual));

    private static string? Same(string what, string expected, string? actual) =>
        expected == actual ? null : $"{what}\n  expected {expected}\n  actual   {actual}";
}
