using System.Diagnostics;
using AssessmentFlow.Runtime.Turns;
using InstanceIds = AssessmentFlow.Engine.Execution.InstanceIds;

namespace AssessmentFlow.Runtime.Telemetry;

/// <summary>Traces of the runtime. They carry ids, never text of a case.</summary>
public static class RuntimeActivity
{
    /// <summary>Name of the activity source.</summary>
    public const string SourceName = "AssessmentFlow.Runtime";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Tells that something failed, by the type of the exception only: messages may quote what a case holds.</summary>
    /// <param name="activity">What failed; null when it is not traced.</param>
    /// <param name="failure">Why.</param>
    public static void Fail(Activity? activity, Exception failure)
    {
        activity?.SetStatus(ActivityStatusCode.Error);
        activity?.SetTag("error.type", failure.GetType().FullName);
    }

    /// <summary>Whether what is done now is part of a trace that is recorded.</summary>
    public static bool IsRecorded => Activity.Current is { Recorded: true };

    /// <summary>A call of an entity, by whoever is recorded.</summary>
    internal static Activity? StartCall(EntityId entity)
    {
        var activity = Source.StartActivity("call", ActivityKind.Client);
        activity?.SetTag("rpc.system", "orleans");
        activity?.SetTag("assessmentflow.entity", entity.ToString());
        return activity;
    }

    /// <summary>A turn of an entity. It never begins a trace: a caller who is not recorded has turns that are not.</summary>
    internal static Activity? StartTurn(EntityId entity, Envelope envelope)
    {
        if (!ActivityContext.TryParse(envelope.Trace, traceState: null, isRemote: true, out var caller))
        {
            return null;
        }

        var activity = Source.StartActivity("turn", ActivityKind.Server, caller);
        activity?.SetTag("assessmentflow.entity", entity.ToString());

        // The key of a request is part of an input's id and may be any text of a client: what is told is a number made of it.
        activity?.SetTag("assessmentflow.input", InstanceIds.From(envelope.InputId));
        return activity;
    }

    /// <summary>A timer that is due: it begins a trace, for no request brings it about.</summary>
    internal static Activity? StartTimer(DueTimer timer)
    {
        var activity = Source.StartActivity("timer");
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("assessmentflow.entity", timer.Entity.ToString());
            activity.SetTag("assessmentflow.timer", timer.Timer);
        }

        return activity;
    }

    /// <summary>Links a turn to the turn before of the same entity, however long ago that was.</summary>
    /// <param name="turn">The turn; null when it is not traced.</param>
    /// <param name="before">Trace of the one before; the default value when none is kept.</param>
    internal static void Link(Activity? turn, ActivityContext before)
    {
        if (before != default)
        {
            turn?.AddLink(new ActivityLink(before));
        }
    }

    /// <summary>
    /// Delivery of a message of the outbox, part of the trace of the turn that wrote it. It never begins one: of a turn without
    /// a trace the message is left out as well, and so is whatever it brings about at once.
    /// </summary>
    internal static Activity? StartDelivery(PendingMessage message)
    {
        if (message.Trace == default)
        {
            return null;
        }

        // The turn may have been another process's.
        var turn = new ActivityContext(message.Trace.TraceId, message.Trace.SpanId, message.Trace.TraceFlags, isRemote: true);
        var activity = Source.StartActivity("deliver", ActivityKind.Producer, turn);
        activity?.SetTag("assessmentflow.message", message.Id.ToString());
        return activity;
    }
}
