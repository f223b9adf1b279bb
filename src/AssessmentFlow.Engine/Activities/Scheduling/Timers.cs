using System.Collections.Immutable;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Waits for a span of time, of any length.</summary>
internal sealed class Delay : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Delay",
        Category = "Scheduling",
        DisplayName = "Delay",
        Description = "Waits for a span of time, from seconds to years.",
        Inputs = [new("TimeSpan", "TimeSpan", "How long, as [d.]hh:mm:ss.") { Default = JsonValues.Of(TimeSpan.FromMinutes(1)) }],
    };

    public override void Execute(ActivityContext context) =>
        Timers.WaitUntil(context, Timers.After(context, context.Span("TimeSpan") ?? TimeSpan.Zero), Timers.ResumeAt);

    public override void OnDue(ActivityContext context, Bookmark bookmark) => Timers.Resume(context, bookmark);
}

/// <summary>Starts the workflow at an interval, or waits for one.</summary>
internal sealed class Timer : Activity, IStartTrigger
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Timer",
        Category = "Scheduling",
        DisplayName = "Timer",
        Description = "Starts the workflow again and again at an interval; inside a workflow it waits for one.",
        Kind = ActivityKind.Trigger,
        Inputs = [new("Interval", "TimeSpan", "How long from one time to the next, as [d.]hh:mm:ss.") { Default = JsonValues.Of(TimeSpan.FromMinutes(1)) }],
    };

    public override void Execute(ActivityContext context)
    {
        if (context.Trigger is not null)
        {
            context.Complete();
            return;
        }

        Timers.WaitUntil(context, Timers.After(context, context.Span("Interval") ?? TimeSpan.Zero), Timers.ResumeAt);
    }

    public override void OnDue(ActivityContext context, Bookmark bookmark) => Timers.Resume(context, bookmark);

    public ImmutableArray<StartTrigger> TriggersOf(ActivityContext context)
    {
        var interval = context.Span("Interval") ?? TimeSpan.Zero;
        if (interval < EngineLimits.TriggerIntervalMin)
        {
            throw new ActivityFaultException(
                "interval-too-short", $"A timer may start a workflow every {EngineLimits.TriggerIntervalMin:c} at most often; this one says {interval:c}.");
        }

        return [StartTrigger.By(context.Node, new TriggerSchedule { Every = interval })];
    }
}

/// <summary>Starts the workflow at the times of a cron expression, or waits for the next of them.</summary>
internal sealed class Cron : Activity, IStartTrigger
{
    public const string Expression = "CronExpression";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Cron",
        Category = "Scheduling",
        DisplayName = "Cron",
        Description = "Starts the workflow at the times of a cron expression, in UTC; inside a workflow it waits for the next of them.",
        Kind = ActivityKind.Trigger,
        Inputs = [new(Expression, "String", "Five fields from minutes on, or six from seconds on.") { IsRequired = true }],
    };

    internal override object? Plan(PlanContext context)
    {
        if (context.Node.Inputs.TryGetValue(Expression, out var expression)
            && expression is LiteralExpression { Value: var value }
            && !CronTimes.TryRead(ValueConversion.ToText(value), out _, out var error))
        {
            context.Report($"{context.Node.Path}.cronExpression.expression.value", "cron-unreadable", error);
        }

        return null;
    }

    public override void Execute(ActivityContext context)
    {
        if (context.Trigger is not null)
        {
            context.Complete();
            return;
        }

        var text = context.RequiredText(Expression);
        var next = CronTimes.Read(text).Next(context.Moment.Now)
            ?? throw new ActivityFaultException("cron-without-end", $"'{text}' names no time after {context.Moment.Now:u}.");
        context.Wait(JsonValues.Object(("ExecuteAt", JsonValues.Of(next)), (Expression, JsonValues.Of(text))), dueAt: next);
    }

    public override void OnDue(ActivityContext context, Bookmark bookmark) => Timers.Resume(context, bookmark);

    public ImmutableArray<StartTrigger> TriggersOf(ActivityContext context)
    {
        var text = ValueConversion.ToText(context.Input(Expression));
        return [StartTrigger.By(context.Node, new TriggerSchedule { Cron = CronTimes.Read(text).Text })];
    }
}

/// <summary>Waits until an instant.</summary>
internal sealed class StartAt : Activity, IStartTrigger
{
    public const string Instant = "DateTime";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.StartAt",
        Category = "Scheduling",
        DisplayName = "Start at",
        Description = "Waits until an instant; one that has passed does not wait.",
        Kind = ActivityKind.Trigger,
        Inputs = [new(Instant, "DateTimeOffset", "The instant, in ISO 8601.") { IsRequired = true }],
    };

    public override void Execute(ActivityContext context)
    {
        var until = context.Instant(Instant)
            ?? throw new ActivityFaultException("input-empty", $"The input DateTime of '{context.Node.Label}' is empty.");
        if (context.Trigger is not null || until <= context.Moment.Now)
        {
            context.Complete();
        }
        else
        {
            Timers.WaitUntil(context, until, "ExecuteAt");
        }
    }

    public override void OnDue(ActivityContext context, Bookmark bookmark) => Timers.Resume(context, bookmark);

    public ImmutableArray<StartTrigger> TriggersOf(ActivityContext context)
    {
        var at = context.Instant(Instant) ?? throw new ActivityFaultException("input-empty", "The input DateTime is empty.");
        return [StartTrigger.By(context.Node, new TriggerSchedule { Once = at })];
    }
}

/// <summary>What activities that wait for time have in common.</summary>
internal static class Timers
{
    public const string ResumeAt = "ResumeAt";

    /// <summary>The instant that lies a span after now.</summary>
    /// <exception cref="ActivityFaultException">It lies beyond the calendar.</exception>
    public static DateTimeOffset After(ActivityContext context, TimeSpan span) => span <= DateTimeOffset.MaxValue - context.Moment.Now
        ? context.Moment.Now + span
        : throw new ActivityFaultException("delay-too-long", $"A wait of {span:c} goes beyond the calendar.");

    public static void WaitUntil(ActivityContext context, DateTimeOffset until, string member) =>
        context.Wait(JsonValues.Object((member, JsonValues.Of(until))), dueAt: until);

    public static void Resume(ActivityContext context, Bookmark bookmark)
    {
        context.Burn(bookmark, JsonValues.Null);
        context.Complete();
    }
}
