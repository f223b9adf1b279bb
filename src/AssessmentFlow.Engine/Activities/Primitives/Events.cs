using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Waits for an event.</summary>
internal sealed class Event : Activity, IStartTrigger
{
    public const string Type = "Elsa.Event";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = Type,
        Category = "Primitives",
        DisplayName = "Event",
        Description = "Waits until an event of this name is published.",
        Kind = ActivityKind.Trigger,
        Inputs = [new("EventName", "String", "Name of the event.") { IsRequired = true }],
        Outputs = [new("Result", "Object", "What the event carried.")],
    };

    public ImmutableArray<StartTrigger> TriggersOf(ActivityContext context) => [StartTrigger.By(context.Node, context.RequiredKey("EventName"))];

    public override void Execute(ActivityContext context)
    {
        if (context.Trigger is { } trigger)
        {
            Received(context, trigger.Payload);
            return;
        }

        var name = context.RequiredKey("EventName");
        context.Wait(JsonValues.Object(("EventName", JsonValues.Of(name))), key: name);
    }

    public override void OnEvent(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        context.Burn(bookmark, context.ShowsOutput("Result") ? payload : JsonValues.Null);
        Received(context, payload);
    }

    private static void Received(ActivityContext context, JsonElement payload)
    {
        // As in Elsa, an event that carries nothing gives an empty object, so that scripts may look for members.
        context.SetOutput("Result", payload.IsNull() ? JsonValues.EmptyObject : payload);
        context.Complete();
    }
}

/// <summary>Publishes an event.</summary>
internal sealed class PublishEvent : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.PublishEvent",
        Category = "Primitives",
        DisplayName = "Publish Event",
        Description = "Publishes an event after this turn is committed; whoever waits for it goes on.",
        Inputs =
        [
            new("EventName", "String", "Name of the event.") { IsRequired = true },
            new("CorrelationId", "String", "When given, only instances with this correlation id are meant."),
            new("IsLocalEvent", "Boolean", "Whether only this instance is meant.") { UiHint = "checkbox", Default = JsonValues.False },
            new("Payload", "Object", "What the event carries."),
        ],
    };

    public override void Execute(ActivityContext context)
    {
        context.Tell(new InstanceEffect.Publish(
            context.RequiredKey("EventName"),
            context.Input("Payload"),
            context.Key("CorrelationId"),
            context.Flag("IsLocalEvent") ? context.InstanceId : null));
        context.Complete();
    }
}

/// <summary>Asks the host to carry out a task and waits for its result.</summary>
internal sealed class RunTask : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.RunTask",
        Category = "Primitives",
        DisplayName = "Run Task",
        Description = "Opens a task for another system and waits until it reports the result.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new("TaskName", "String", "Name of the task.") { IsRequired = true },
            new("Payload", "ObjectDictionary", "What the task needs to know.") { UiHint = "dictionary" },
        ],
        Outputs =
        [
            new("TaskId", "String", "Id by which the task is reported as complete."),
            new("Result", "Object", "What was reported."),
        ],
    };

    public override void Execute(ActivityContext context)
    {
        var taskId = TaskIds.Of(context.InstanceId, context.NextBookmark);
        context.Wait(JsonValues.Object(
            ("TaskId", JsonValues.Of(taskId)),
            ("TaskName", JsonValues.Of(context.RequiredText("TaskName"))),
            ("Payload", context.Input("Payload"))));
        context.SetOutput("TaskId", JsonValues.Of(taskId));
    }

    public override Refusal? OnAct(ActivityContext context, Bookmark bookmark, InstanceInput.Act act)
    {
        if (act.Name is not "complete")
        {
            return new Refusal(RefusalKind.Conflict, "act-unknown", $"The task '{context.Node.Label}' belongs to another system: it can only be completed.");
        }

        context.Burn(bookmark, act.Data, act.Actor.Id);
        context.SetOutput("Result", act.Data.Member("result"));
        context.Complete();
        return null;
    }
}
