using System.Collections.Immutable;
using AssessmentFlow.Engine.Activities;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>Times that will not come.</summary>
internal static class TimeChecks
{
    /// <summary>Cron expressions without a time after now, whether their activity starts the workflow or waits in it.</summary>
    public static IEnumerable<DefinitionProblem> NeverDue(WorkflowDefinition definition, ImmutableArray<(ActivityNode Node, StartTrigger Trigger)> triggers, DateTimeOffset now)
    {
        var written =
            from node in definition.Nodes
            where node.Activity is Cron && node.Inputs.ContainsKey(Cron.Expression)
            from text in FixedInputs.TextsOf(node, node.Activity.Descriptor.Input(Cron.Expression))
            select (Node: node, text.Text);
        var computed =
            from each in triggers
            where each.Trigger.Schedule?.Cron is not null
            select (each.Node, Text: each.Trigger.Schedule!.Cron!);
        return
            from each in written.Concat(computed).DistinctBy(each => each.Node)
            where CronTimes.TryRead(each.Text, out var times, out _) && times.Next(now) is null
            select new DefinitionProblem(
                each.Node.ValuePathOf(Cron.Expression), "cron-without-end", $"'{each.Text}' names no time that ever comes, such as the 31st of a month that has 30 days.", each.Node.Label);
    }

    /// <summary>Single times that have passed when the workflow is published: their triggers start nothing.</summary>
    public static IEnumerable<DefinitionProblem> Passed(ImmutableArray<(ActivityNode Node, StartTrigger Trigger)> triggers, DateTimeOffset now) =>
        from each in triggers
        where each.Trigger.Schedule is { Once: not null } schedule && schedule.Next(now, now) is null
        select new DefinitionProblem(
            each.Node.ValuePathOf(StartAt.Instant), "start-in-the-past", $"{each.Trigger.Schedule!.Once:u} has passed: this starts nothing.", each.Node.Label);
}
