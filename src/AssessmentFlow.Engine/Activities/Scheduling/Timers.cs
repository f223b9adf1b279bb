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

    public override void Execute(ActivityContext context)
    {
        var span = context.Span("TimeSpan") ?? TimeSpan.Zero;
        if (span > DateTimeOffset.MaxValue - context.Moment.Now)
        {
            throw new ActivityFaultException("delay-too-long", $"A delay of {span:c} goes beyond the calendar.");
        }

        Timers.WaitUntil(context, context.Moment.Now + span);
    }

    public override void OnDue(ActivityContext context, Bookmark bookmark) => Timers.Resume(context, bookmark);
}

/// <summary>Waits until an instant.</summary>
internal sealed class StartAt : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.StartAt",
        Category = "Scheduling",
        DisplayName = "Start at",
        Description = "Waits until an instant; one that has passed does not wait.",
        Kind = ActivityKind.Trigger,
        Inputs = [new("DateTime", "DateTimeOffset", "The instant, in ISO 8601.") { IsRequired = true }],
    };

    public override void Execute(ActivityContext context)
    {
        var until = context.Instant("DateTime")
            ?? throw new ActivityFaultException("input-empty", $"The input DateTime of '{context.Node.Label}' is empty.");
        if (until <= context.Moment.Now)
        {
            context.Complete();
        }
        else
        {
            Timers.WaitUntil(context, until);
        }
    }

    public override void OnDue(ActivityContext context, Bookmark bookmark) => Timers.Resume(context, bookmark);
}

/// <summary>What activities that wait for time have in common.</summary>
internal static class Timers
{
    public static void WaitUntil(ActivityContext context, DateTimeOffset until) =>
        context.Wait(JsonValues.Object(("ResumeAt", JsonValues.Of(until))), dueAt: until);

    public static void Resume(ActivityContext context, Bookmark bookmark)
    {
        context.Burn(bookmark, JsonValues.Null);
        context.Complete();
    }
}
