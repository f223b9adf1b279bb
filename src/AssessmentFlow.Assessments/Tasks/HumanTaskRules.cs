using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using NodaTime.Text;

namespace AssessmentFlow.Assessments.Tasks;

/// <summary>The rules of claiming, releasing, delegating and completing a task.</summary>
internal static class HumanTaskRules
{
    private const int DelegationsMax = 20;

    /// <summary>A role by which one person is named: <c>user:</c> and the id of the API client.</summary>
    private const string UserPrefix = "user:";

    private const string RolesThereAre = "A task is for secretariat, mission-leader, agency:<name>, state:<iso>, seat:<name>, operator, auditor or user:<id>.";

    /// <summary>Applies an act other than completing.</summary>
    /// <returns>The task after it, or why not.</returns>
    public static (HumanTaskState? Task, Refusal? Refusal) Apply(HumanTaskState task, InstanceInput.Act act, DateTimeOffset now) => act.Name switch
    {
        "claim" => Claim(task, act.Actor),
        "release" => Release(task, act.Actor),
        "delegate" => Delegate(task, act, now),
        _ => (null, new Refusal(RefusalKind.Conflict, "act-unknown", $"A task can be claimed, released, delegated and completed, not '{act.Name}'.")),
    };

    /// <summary>How values of each type of field are written. An instant says its zone: a deadline must mean the same to everybody.</summary>
    private static readonly Dictionary<string, string> Forms = new(StringComparer.Ordinal)
    {
        ["text"] = "a text",
        ["date"] = "a date such as 2008-05-09",
        ["instant"] = "an instant with its offset such as 2008-05-09T12:00:00Z",
        ["number"] = "a number",
        ["boolean"] = "true or false",
        ["list"] = "a list",
    };

    /// <summary>Whether the actor may complete the task with the outcome and data given.</summary>
    public static Refusal? CheckCompletion(HumanTaskState task, InstanceInput.Act act)
    {
        var onBehalfOf = act.Data.Member("onBehalfOf").AsText();
        if (onBehalfOf is not null
            ? !IsStandIn(task, act.Actor, onBehalfOf)
            : !MayDo(task, act.Actor))
        {
            return onBehalfOf is null
                ? NotHolder(task)
                : new Refusal(RefusalKind.Forbidden, "not-on-behalf", $"Only the secretariat records, and only what a State sent it; this task is {task.AssignedTo}'s.", "onBehalfOf");
        }

        if (task.ClaimedBy is { } claimer && claimer != act.Actor.Id)
        {
            return ClaimedBy(claimer);
        }

        var outcome = act.Data.Member("outcome").AsText();
        if (outcome is null || !task.Outcomes.Contains(outcome, StringComparer.Ordinal))
        {
            return new Refusal(RefusalKind.Invalid, "outcome-unknown", $"The outcome is one of {string.Join(", ", task.Outcomes)}, not '{outcome}'.", "outcome");
        }

        // An outcome that says no needs no data: who rejects a case has no visit dates.
        var data = act.Data.Member("data");
        return outcome == task.Outcomes[0] ? task.Fields.Select(field => CheckField(field, data)).FirstOrDefault(refusal => refusal is not null) : null;
    }

    /// <summary>A role that exists, or the name of one person.</summary>
    /// <exception cref="ActivityFaultException">There is no such role: nobody could ever do the task.</exception>
    public static string CheckRole(ActivityContext context, string input, string role) => IsRole(role)
        ? role
        : throw new ActivityFaultException("role-unknown", $"The input {input} of '{context.Node.Label}' is '{role}', which is no role. {RolesThereAre}");

    /// <summary>Whether the actor holds the role that the task is assigned or escalated to.</summary>
    public static bool MayDo(HumanTaskState task, Actor actor) =>
        IsHeldBy(task.AssignedTo, actor) || (task.EscalatedTo is { } escalated && IsHeldBy(escalated, actor));

    public static bool TryReadFields(ImmutableArray<string> texts, out ImmutableArray<TaskField> fields, out string? error)
    {
        error = null;
        var read = ImmutableArray.CreateBuilder<TaskField>();
        foreach (var text in texts)
        {
            var isOptional = text.EndsWith('?');
            var parts = text.TrimEnd('?').Split(':');
            if (parts.Length is not 2 || parts[0].Length is 0 || !TaskField.Types.Contains(parts[1], StringComparer.Ordinal))
            {
                error = $"'{text}' is no field. Write name:type, where the type is one of {string.Join(", ", TaskField.Types)}, with ? when it may be left out.";
            }
            else
            {
                read.Add(new TaskField(parts[0], parts[1], isOptional));
            }
        }

        fields = read.ToImmutable();
        return error is null;
    }

    private static (HumanTaskState?, Refusal?) Claim(HumanTaskState task, Actor actor) =>
        !MayDo(task, actor) ? (null, NotHolder(task))
        : task.ClaimedBy is { } claimer ? (null, ClaimedBy(claimer))
        : (task with { ClaimedBy = actor.Id }, null);

    private static (HumanTaskState?, Refusal?) Release(HumanTaskState task, Actor actor) =>
        !MayDo(task, actor) && !actor.Has(Roles.Secretariat) && task.ClaimedBy != actor.Id ? (null, NotHolder(task))
        : task.ClaimedBy is not { } claimer ? (null, new Refusal(RefusalKind.Conflict, "task-not-claimed", "Nobody has claimed the task."))
        : claimer != actor.Id && !actor.Has(Roles.Secretariat) ? (null, ClaimedBy(claimer))
        : (task with { ClaimedBy = null }, null);

    private static (HumanTaskState?, Refusal?) Delegate(HumanTaskState task, InstanceInput.Act act, DateTimeOffset now)
    {
        var to = act.Data.Member("to").AsText();
        if (to is null || to.Length > EngineLimits.KeyLengthMax || !IsRole(to))
        {
            return (null, new Refusal(RefusalKind.Invalid, "role-unknown", $"'{to}' is no role. {RolesThereAre}", "to"));
        }

        if (!act.Actor.Has(Roles.Secretariat) && !MayDo(task, act.Actor))
        {
            return (null, NotHolder(task));
        }

        if (task.ClaimedBy is { } claimer && claimer != act.Actor.Id && !act.Actor.Has(Roles.Secretariat))
        {
            return (null, ClaimedBy(claimer));
        }

        return task.Delegations.Length >= DelegationsMax
            ? (null, new Refusal(RefusalKind.Conflict, "too-many-delegations", $"A task may be delegated {DelegationsMax} times."))
            : (task with
            {
                AssignedTo = to,
                ClaimedBy = null,
                Delegations = task.Delegations.Add(new Delegated(task.AssignedTo, to, act.Actor.Id, now, act.Data.Member("reason").AsText())),
            }, null);
    }

    private static bool IsRole(string role) => Roles.IsKnown(role) || (role.StartsWith(UserPrefix, StringComparison.Ordinal) && role.Length > UserPrefix.Length);

    private static bool IsHeldBy(string role, Actor actor) => actor.Has(role) || role == UserPrefix + actor.Id;

    /// <summary>The secretariat records what a State sent on paper; the journal keeps for whom.</summary>
    private static bool IsStandIn(HumanTaskState task, Actor actor, string onBehalfOf) =>
        actor.Has(Roles.Secretariat) && onBehalfOf == task.AssignedTo && onBehalfOf.StartsWith(Roles.StatePrefix, StringComparison.Ordinal);

    private static Refusal? CheckField(TaskField field, JsonElement data)
    {
        var value = data.Member(field.Name);
        if (value.IsNull())
        {
            return field.IsOptional
                ? null
                : new Refusal(RefusalKind.Invalid, "field-missing", $"The data need a {field.Type} '{field.Name}'.", $"data.{field.Name}");
        }

        var isSound = field.Type switch
        {
            "text" => value.ValueKind is JsonValueKind.String,
            "date" => value.AsText() is { } text && LocalDatePattern.Iso.Parse(text).Success,
            "instant" => value.AsText() is { } instant && OffsetDateTimePattern.ExtendedIso.Parse(instant).Success,
            "number" => value.ValueKind is JsonValueKind.Number,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            _ => value.ValueKind is JsonValueKind.Array,
        };
        return isSound
            ? null
            : new Refusal(RefusalKind.Invalid, "field-unreadable", $"'{field.Name}' must be {Forms[field.Type]}.", $"data.{field.Name}");
    }

    private static Refusal NotHolder(HumanTaskState task) =>
        new(RefusalKind.Forbidden, "role-missing", $"The task is for {task.AssignedTo}.");

    private static Refusal ClaimedBy(string claimer) =>
        new(RefusalKind.Conflict, "task-claimed", $"The task was claimed by {claimer}.");
}
