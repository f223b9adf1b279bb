using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Activities;

/// <summary>An activity that may start the workflow when its author marked it so.</summary>
internal interface IStartTrigger
{
    /// <summary>What starts the workflow: one thing, or several of which each does.</summary>
    /// <param name="context">The activity; its inputs see what the variables of the definition begin with.</param>
    /// <exception cref="ActivityFaultException">An input does not say what starts the workflow.</exception>
    ImmutableArray<StartTrigger> TriggersOf(ActivityContext context);
}

/// <summary>Something that starts instances of a definition.</summary>
/// <param name="NodeId">The activity that the instance begins with.</param>
/// <param name="Kind">Type name of that activity.</param>
/// <param name="Key">Key by which whoever fires the trigger finds it, such as the name of an event; null for times.</param>
/// <param name="Schedule">The times at which it fires; null when it is fired from outside.</param>
public sealed record StartTrigger(string NodeId, string Kind, string? Key, TriggerSchedule? Schedule)
{
    /// <summary>Kind of the triggers that an event of a name fires.</summary>
    public const string EventKind = Event.Type;

    /// <summary>Kind of the triggers that an HTTP request fires; their keys are those of <see cref="HttpRoutes"/>.</summary>
    public const string HttpKind = HttpEndpoint.Type;

    internal static StartTrigger By(ActivityNode node, string key) => new(node.NodeId, node.Activity.Descriptor.TypeName, key, Schedule: null);

    internal static StartTrigger By(ActivityNode node, TriggerSchedule schedule) => new(node.NodeId, node.Activity.Descriptor.TypeName, Key: null, schedule);
}

/// <summary>Times at which a trigger fires. Exactly one of the members is set.</summary>
public sealed record TriggerSchedule
{
    /// <summary>From one time to the next, counted from the publication.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>A cron expression, in UTC.</summary>
    public string? Cron { get; init; }

    /// <summary>The only time.</summary>
    public DateTimeOffset? Once { get; init; }

    /// <summary>The first time after an instant; null when there is none.</summary>
    /// <param name="after">The instant.</param>
    /// <param name="publishedAt">When the definition was published.</param>
    public DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset publishedAt)
    {
        if (Every is { } every)
        {
            var passed = after < publishedAt ? 0 : ((after - publishedAt).Ticks / every.Ticks) + 1;
            var next = publishedAt.Ticks + (Math.Max(1, passed) * (decimal)every.Ticks);
            return next < DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset((long)next, TimeSpan.Zero) : null;
        }

        return Cron is not null ? CronTimes.Read(Cron).Next(after) : Once > after ? Once : null;
    }
}
