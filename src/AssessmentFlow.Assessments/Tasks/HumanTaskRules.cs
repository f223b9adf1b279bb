using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Tasks;

/// <summary>The rules of claiming, releasing, delegating and completing a task.</summary>
internal static class HumanTaskRules
{
    private const int DelegationsMax = 20;

    /// <summary>A role by which one person is named: <c>user:</c> and the id of the API client.</summary>
    private const string UserPrefix = "user:";

    public const string RolesThereAre = "A task is for secretariat, designer, mission-leader, agency:<name>, state:<iso>, seat:<name>, operator, auditor or user:<id>.";

    /// <summary>Applies an act other than completing.</summary>
    /// <returns>The task after it, or why not.</returns>
    public static (HumanTaskState? Task, Refusal? Refusal) Apply(HumanTaskState task, InstanceInput.Act act, DateTimeOffset now) => act.Name switch
    {
        "claim" => Claim(task, act.Actor),
        "release" => Release(task, act.Actor),
        "delegate" => Delegate(task, act, now),
        _ => (null, new Refusal(RefusalKind.Conflict, "act-unknown", $"A task can be claimed, released, delegated and completed, not '{act.Name}'.")),
    };

    /// <summary>Whether the actor may complete the task with the outcome and data given.</summary>
    public static Refusal? CheckCompletion(HumanTaskState task, InstanceInput.Act act, DateTimeOffset now)
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
        return TaskFieldRules.Check(task.Fields, act.Data.Member("data"), areRequired: outcome == task.Outcomes[0], now);
    }

    /// <summary>A role that exists, or the name of one person.</summary>
    /// <exception cref="ActivityFaultException">There is no such role: nobody could ever do the task.</exception>
    public static string CheckRole(ActivityContext context, string input, string role) => IsRole(role)
        ? role
        : throw new ActivityFaultException("role-unknown", $"The input {input} of '{context.Node.Label}' is '{role}', which is no role. {RolesThereAre}");

    /// <summary>Whether the actor holds the role that the task is assigned or escalated to.</summary>
    public static bool MayDo(HumanTaskState task, Actor actor) =>
        IsHeldBy(task.AssignedTo, actor) || (task.EscalatedTo is { } escalated && IsHeldBy(escalated, actor));

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

    /// <summary>Whether the text is a role that exists, or the name of one person.</summary>
    public static bool IsRole(string role) => Roles.IsKnown(role) || (role.StartsWith(UserPrefix, StringComparison.Ordinal) && role.Length > UserPrefix.Length);

    private static bool IsHeldBy(string role, Actor actor) => actor.Has(role) || role == UserPrefix + actor.Id;

    /// <summary>The secretariat records what a State sent on paper; the journal keeps for whom.</summary>
    private static bool IsStandIn(HumanTaskState task, Actor actor, string onBehalfOf) =>
        actor.Has(Roles.Secretariat) && onBehalfOf == task.AssignedTo && onBehalfOf.StartsWith(Roles.StatePrefix, StringComparison.Ordinal);

    private static Refusal NotHolder(HumanTaskState task) =>
        new(RefusalKind.Forbidden, "role-missing", $"The task is for {task.AssignedTo}.");

    private static Refusal ClaimedBy(string claimer) =>
        new(RefusalKind.Conflict, "task-claimed", $"The task was claimed by {claimer}.");
}
