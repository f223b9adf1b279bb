using System.Text.Json;
using AssessmentFlow.Assessments.Deadlines;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Assessments.Tasks;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Activities;

/// <summary>Opens a task for the holders of a role and waits until one of them completes it.</summary>
public class HumanTask : Activity
{
    /// <summary>Type name in definitions.</summary>
    public const string Type = "Assessment.HumanTask";

    /// <inheritdoc/>
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = Type,
        Category = AssessmentActivities.Category,
        DisplayName = "Human Task",
        Description = "Opens a task for the holders of a role or seat and waits until one of them completes it.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new("Title", "String", "What is to be done.") { IsRequired = true },
            new("Description", "String", "How it is to be done.") { UiHint = "multiline" },
            new("AssignedTo", "String", "Role of those who may do it, such as secretariat or agency:IOM.") { IsRequired = true, Kind = AssessmentInputKinds.Role },
            new("Outcomes", "List<String>", "Outcomes to choose from; each is a port.") { UiHint = "dynamic-outcomes", Default = JsonValues.Of([Outcome.Done]), Kind = AssessmentInputKinds.Outcome },
            new("Fields", "List<String>", "Data that the first outcome must and the others may carry, as name:type, with ? when it may be left out; a date may be \"not before\" another, \"not in the future\".") { UiHint = "multitext", Kind = AssessmentInputKinds.TaskField },
            .. DueInputs.All,
        ],
        Outputs = TaskOutputs.All,
    };

    /// <inheritdoc/>
    public override void Execute(ActivityContext context) => Open(context, new HumanTaskState
    {
        Title = context.RequiredText("Title"),
        Description = context.Text("Description"),
        AssignedTo = HumanTaskRules.CheckRole(context, "AssignedTo", context.RequiredKey("AssignedTo")),
        Outcomes = context.Texts("Outcomes") is { IsEmpty: false } outcomes ? outcomes : [Outcome.Done],
        Fields = TaskFieldRules.TryRead(context.Texts("Fields"), out var fields, out var error)
            ? fields
            : throw new ActivityFaultException("field-unreadable", error!),
        OutcomeWhenDue = context.Text("OnDue"),
    });

    /// <inheritdoc/>
    public override void OnDue(ActivityContext context, Bookmark bookmark)
    {
        var task = HumanTaskState.Contract.Read(bookmark.Payload);
        if (task.WarnAt is not null && task.Deadline?.DueAt > context.Moment.Now)
        {
            Change(context, bookmark, task with { WarnAt = null, IsWarned = true }, act: null, by: null);
        }
        else if (task.OutcomeWhenDue is { } outcome)
        {
            context.Burn(bookmark, JsonValues.Object(("outcome", JsonValues.Of(outcome)), ("isDue", JsonValues.True)));
            Finish(context, outcome, JsonValues.Null, Actor.System.Id);
        }
        else
        {
            Change(context, bookmark, task with { WarnAt = null, IsOverdue = true, EscalatedTo = task.EscalateTo }, act: null, by: null);
        }
    }

    /// <inheritdoc/>
    public override Refusal? OnAct(ActivityContext context, Bookmark bookmark, InstanceInput.Act act)
    {
        var task = HumanTaskState.Contract.Read(bookmark.Payload);
        if (act.Name is "complete")
        {
            if (HumanTaskRules.CheckCompletion(task, act, context.Moment.Now) is { } unfit)
            {
                return unfit;
            }

            context.Burn(bookmark, act.Data, act.Actor.Id);
            Finish(context, act.Data.Member("outcome").AsText()!, act.Data.Member("data"), act.Actor.Id);
            return null;
        }

        var (changed, refusal) = HumanTaskRules.Apply(task, act, context.Moment.Now);
        if (changed is not null)
        {
            Change(context, bookmark, changed, act.Name, act.Actor.Id);
        }

        return refusal;
    }

    /// <summary>Opens the task with the deadline that the due inputs ask for.</summary>
    private protected static void Open(ActivityContext context, HumanTaskState task)
    {
        var deadline = DueInputs.Deadline(context);
        DateTimeOffset? warnAt = deadline is not null && context.Span("WarnBefore") is { } before && before < deadline.DueAt - DateTimeOffset.MinValue
            ? deadline.DueAt - before
            : null;
        task = task with
        {
            Deadline = deadline,
            WarnAt = warnAt > context.Moment.Now ? warnAt : null,
            EscalateTo = context.Key("EscalateTo") is { } role ? HumanTaskRules.CheckRole(context, "EscalateTo", role) : null,
        };
        context.Wait(HumanTaskState.Contract.Write(task), dueAt: task.WakeAt);
    }

    /// <summary>Completes the activity once the task is done.</summary>
    private protected virtual void Finish(ActivityContext context, string outcome, JsonElement data, string by)
    {
        TaskOutputs.Set(context, outcome, data, by, context.Moment.Now);
        context.Complete(outcome);
    }

    private static void Change(ActivityContext context, Bookmark bookmark, HumanTaskState task, string? act, string? by) =>
        context.Change(bookmark with { Payload = HumanTaskState.Contract.Write(task), DueAt = task.WakeAt }, act, by);
}

/// <summary>Inputs by which an author says when something is due and what happens then.</summary>
internal static class DueInputs
{
    public static readonly InputDescriptor[] All =
    [
        new("Due", "String", "When it is due, such as \"30 calendar days\" or \"20 working days on KH-2008\"; empty for never.") { UiHint = "due-rule", Kind = AssessmentInputKinds.DueRule },
        new("Calendar", "String", "Calendar whose working days count where the due rule names none; empty for Monday to Friday.") { Kind = AssessmentInputKinds.Calendar },
        new("DueFrom", "DateTimeOffset", "The instant that the due rule counts from; empty for when the task is opened."),
        new("WarnBefore", "TimeSpan", "How long before the due time its holders are warned; empty for no warning."),
        new("EscalateTo", "String", "Role that may also do it once it is overdue; empty for none.") { Kind = AssessmentInputKinds.Role },
        new("OnDue", "String", "Outcome by which it completes itself when due; empty to leave it open.") { Kind = AssessmentInputKinds.OutcomeWhenDue },
    ];

    /// <summary>The due rule, with the calendar chosen beside it where it counts working days and names none; null for none.</summary>
    public static string? Rule(ActivityContext context)
    {
        var due = context.Text("Due");
        return due is not null && context.Text("Calendar") is { } calendar && DueRule.TryParse(due, out var rule, out _)
            ? rule!.WithCalendar(calendar).ToString()
            : due;
    }

    /// <exception cref="ActivityFaultException">The rule cannot be read or computed.</exception>
    public static Deadline? Deadline(ActivityContext context)
    {
        if (Rule(context) is not { } text)
        {
            return null;
        }

        return DueRule.TryParse(text, out var rule, out var error)
            && DeadlineCalculator.TryCompute(rule!, context.Instant("DueFrom") ?? context.Moment.Now, ReferenceSnapshot.Of(context.Moment).Calendars, out var deadline, out error)
                ? deadline
                : throw new ActivityFaultException("due-rule-unusable", error!);
    }
}

/// <summary>Outputs of activities that people complete.</summary>
internal static class TaskOutputs
{
    public static readonly System.Collections.Immutable.ImmutableArray<OutputDescriptor> All =
    [
        new("Outcome", "String", "The outcome chosen."),
        new("Data", "Object", "The data given."),
        new("CompletedBy", "String", "Who completed it."),
        new("CompletedAt", "DateTimeOffset", "When."),
    ];

    public static void Set(ActivityContext context, string outcome, JsonElement data, string by, DateTimeOffset at)
    {
        context.SetOutput("Outcome", JsonValues.Of(outcome));
        context.SetOutput("Data", data);
        context.SetOutput("CompletedBy", JsonValues.Of(by));
        context.SetOutput("CompletedAt", JsonValues.Of(at));
    }
}
