using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// Named states, one of which the run is in. Who enters a state runs its entry; then the transitions without a trigger
/// are tried in the order of the document, and if none is taken, the triggers of the others wait side by side. The
/// first transition whose trigger completes and whose condition holds ends the waiting of the others; then the exit
/// of the old state, the action of the transition and the entry of the new state run one after the other. A state
/// that no transition leaves is the end.
/// </summary>
internal sealed class StateMachine : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.StateMachine",
        Category = "Flow",
        DisplayName = "State Machine",
        Description = "Named states; events, times and tasks lead from one to the next.",
    };

    internal override object Plan(PlanContext context) => StatePlanReader.Read(context);

    public override void Execute(ActivityContext context)
    {
        if (PlanOf(context).Initial is { } initial)
        {
            context.Memory(StateProgress.Contract).State = initial;
            GoOn(context, Step.Entry);
        }
        else
        {
            context.Complete(); // Nothing was drawn yet.
        }
    }

    public override void OnChildCompleted(ActivityContext context, CompletedChild child)
    {
        if (context.Memory(StateProgress.Contract).IsBreaking)
        {
            context.Complete();
            return;
        }

        var (part, index) = PlanOf(context).PartOf(child.Node);
        switch (part)
        {
            case StatePart.Trigger:
                OnTriggered(context, PlanOf(context).Transitions[index]);
                break;
            case StatePart.Entry:
                GoOn(context, Step.Choice);
                break;
            case StatePart.Exit:
                GoOn(context, Step.Action);
                break;
            default:
                GoOn(context, Step.Arrival);
                break;
        }
    }

    /// <summary>A condition is looked at when much of a transition was carried out already.</summary>
    internal override bool MayFaultOverChildren(ActivityContext context) => true;

    internal override bool OnBreak(ActivityContext context)
    {
        context.Memory(StateProgress.Contract).IsBreaking = true;
        return false;
    }

    private static void OnTriggered(ActivityContext context, StateTransition transition)
    {
        var progress = context.Memory(StateProgress.Contract);
        if (progress.Transition is not null || progress.State != transition.From)
        {
            return; // Repaired after another transition was taken.
        }

        if (!Holds(context, transition))
        {
            context.Schedule(transition.Trigger!); // As in Elsa: it waits for the next time.
            return;
        }

        foreach (var other in context.Turn.Children(context.ExecutionId))
        {
            context.Turn.Cancel(other.Id);
        }

        foreach (var other in PlanOf(context).States[transition.From].Transitions)
        {
            if (other.Trigger is { } trigger)
            {
                context.Turn.Unschedule(trigger, context.ExecutionId);
            }
        }

        progress.Transition = transition.Index;
        GoOn(context, Step.Exit);
    }

    /// <summary>Goes on until an activity has something to do.</summary>
    private static void GoOn(ActivityContext context, Step step)
    {
        var plan = PlanOf(context);
        var progress = context.Memory(StateProgress.Contract);
        for (var taken = 0; taken < EngineLimits.ActivitiesPerTurnMax;)
        {
            var state = plan.States[progress.State];
            switch (step)
            {
                case Step.Entry when !IsScheduled(context, state.Entry):
                    step = Step.Choice;
                    break;
                case Step.Choice when Choose(context, state) is { } transition:
                    progress.Transition = transition.Index;
                    step = Step.Exit;
                    break;
                case Step.Exit when !IsScheduled(context, state.Exit):
                    step = Step.Action;
                    break;
                case Step.Action when !IsScheduled(context, plan.Transitions[progress.Transition!.Value].Action):
                    step = Step.Arrival;
                    break;
                case Step.Arrival:
                    progress.State = plan.Transitions[progress.Transition!.Value].To;
                    progress.Transition = null;
                    taken++;
                    step = Step.Entry;
                    break;
                default:
                    return;
            }
        }

        throw new ActivityFaultException(
            "transitions-endless",
            $"'{context.Node.Label}' took {EngineLimits.ActivitiesPerTurnMax} transitions in a row without running an activity or waiting; it is in '{plan.States[progress.State].Name}'. Give one of them a trigger.");
    }

    /// <summary>The transition that the state is left by without waiting; null when triggers were scheduled or the end is reached.</summary>
    private static StateTransition? Choose(ActivityContext context, MachineState state)
    {
        if (state.Transitions.IsEmpty)
        {
            context.Complete();
            return null;
        }

        if (state.Transitions.FirstOrDefault(transition => transition.Trigger is null && Holds(context, transition)) is { } automatic)
        {
            return automatic;
        }

        var isWaiting = false;
        foreach (var transition in state.Transitions)
        {
            isWaiting |= IsScheduled(context, transition.Trigger);
        }

        return isWaiting ? null : throw new ActivityFaultException(
            "transition-missing",
            $"'{context.Node.Label}' cannot leave '{state.Name}': no condition of its transitions holds, and none of them has a trigger that could be waited for.");
    }

    private static bool IsScheduled(ActivityContext context, ActivityNode? activity)
    {
        if (activity is not null)
        {
            context.Schedule(activity);
        }

        return activity is not null;
    }

    private static bool Holds(ActivityContext context, StateTransition transition) =>
        transition.Condition is null || (ValueConversion.TryGetBoolean(transition.Condition.Evaluate(context.Scope), out var holds) && holds);

    private static StatePlan PlanOf(ActivityContext context) => (StatePlan)context.Node.Plan!;

    /// <summary>What is done next on the way from one state to another.</summary>
    private enum Step
    {
        Entry,
        Choice,
        Exit,
        Action,
        Arrival,
    }
}
