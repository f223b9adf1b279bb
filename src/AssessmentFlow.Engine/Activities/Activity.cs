using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// What a type of activity does. One object serves all uses of the type: everything that changes is in the state,
/// everything that the author wrote is in the node.
/// </summary>
public abstract class Activity
{
    /// <summary>The face of the type: name, inputs, outputs, ports.</summary>
    public abstract ActivityDescriptor Descriptor { get; }

    /// <summary>Begins a run. An activity that neither completes nor waits nor schedules leaves its parent waiting for ever.</summary>
    public abstract void Execute(ActivityContext context);

    /// <summary>Reads the parts of the document that are the activity's own, such as connections, and reports what is wrong with them.</summary>
    /// <returns>What the run needs of it; null when nothing.</returns>
    internal virtual object? Plan(PlanContext context) => null;

    /// <summary>The outcomes that the activity may have at its place; null when they are not known before it runs.</summary>
    internal virtual FlowOutcomes? OutcomesOf(ActivityNode node) => null;

    /// <summary>Whether the activity makes scripts as it runs: what they ask for is not known before.</summary>
    internal virtual bool MakesScripts(ActivityNode node) => false;

    /// <summary>Whether nothing is ever followed from the activity: it ends what is around it, or faults.</summary>
    internal virtual bool LeadsNowhere => Descriptor.IsTerminal;

    /// <summary>A child that this run scheduled has completed.</summary>
    public virtual void OnChildCompleted(ActivityContext context, CompletedChild child) => context.Complete();

    /// <summary>A child of this run was cancelled while the run itself goes on.</summary>
    /// <param name="context">The run.</param>
    /// <param name="child">The child.</param>
    /// <param name="execution">The run of the child.</param>
    public virtual void OnChildCancelled(ActivityContext context, ActivityNode child, ActivityExecution execution)
    {
    }

    /// <summary>The run is about to be cancelled; its children were already.</summary>
    internal virtual void OnCancelled(ActivityContext context)
    {
    }

    /// <summary>A child that this run scheduled is about to run: it counts as begun and has done nothing yet.</summary>
    internal virtual void OnChildStarted(ActivityContext context, ActivityNode child)
    {
    }

    /// <summary>
    /// Whether what the run does over a child may fault when a part of it is done already. It is undone then, so that
    /// a repair does all of it once. Where it says no, a callback faults before it changes anything.
    /// </summary>
    internal virtual bool MayFaultOverChildren(ActivityContext context) => false;

    /// <summary>Something inside asks to leave the loop around it.</summary>
    /// <returns>Whether this run is that loop, so that nothing further out is meant.</returns>
    internal virtual bool OnBreak(ActivityContext context) => false;

    /// <summary>An event arrived that the run waits for.</summary>
    public virtual void OnEvent(ActivityContext context, Bookmark bookmark, JsonElement payload) => throw Unexpected(context, "an event");

    /// <summary>The entity that the run asked has answered.</summary>
    public virtual void OnReply(ActivityContext context, Bookmark bookmark, JsonElement payload) => throw Unexpected(context, "an answer");

    /// <summary>The entity that the run asked has refused.</summary>
    /// <param name="context">The run.</param>
    /// <param name="bookmark">What waited for the answer.</param>
    /// <param name="refusal">Why.</param>
    /// <param name="payload">Which of several was refused, when the run asked for several.</param>
    public virtual void OnRefused(ActivityContext context, Bookmark bookmark, Refusal refusal, JsonElement payload) =>
        throw new ActivityFaultException(refusal.Code, refusal.Message);

    /// <summary>Somebody dealt with the reason why instances could not be started: they are to be started now.</summary>
    internal virtual void OnStartAgain(ActivityContext context) => throw Unexpected(context, "a repair");

    /// <summary>The due time of a bookmark has come.</summary>
    public virtual void OnDue(ActivityContext context, Bookmark bookmark) => throw Unexpected(context, "a timer");

    /// <summary>A person acts on something that the run waits for.</summary>
    /// <returns>Null when the act was carried out; else why not, and then nothing may have been recorded.</returns>
    public virtual Refusal? OnAct(ActivityContext context, Bookmark bookmark, InstanceInput.Act act) => new(
        RefusalKind.Conflict, "act-unknown", $"'{context.Node.Label}' knows no act '{act.Name}'.");

    private static ActivityFaultException Unexpected(ActivityContext context, string what) => new(
        "wake-up-unexpected", $"'{context.Node.Label}' does not wait for {what}.");
}

/// <summary>A child that has completed.</summary>
/// <param name="Node">The activity.</param>
/// <param name="Execution">Its run.</param>
/// <param name="Outcomes">Its outcomes.</param>
public sealed record CompletedChild(ActivityNode Node, ActivityExecution Execution, ImmutableArray<string> Outcomes);

/// <summary>Names of outcomes that several activities share.</summary>
public static class Outcome
{
    /// <summary>The outcome of an activity that names none.</summary>
    public const string Done = "Done";
}
