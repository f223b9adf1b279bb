using System.Diagnostics;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Runtime.Telemetry;

/// <summary>Traces of the runtime. They carry ids, never text of a case.</summary>
public static class RuntimeActivity
{
    /// <summary>Name of the activity source.</summary>
    public const string SourceName = "AssessmentFlow.Runtime";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A turn of an entity.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="inputId">What it takes.</param>
    /// <param name="before">Trace of its turn before, which this one links to, however long ago that was.</param>
    internal static Activity? StartTurn(EntityId entity, string inputId, ActivityContext before)
    {
        var activity = Source.StartActivity("turn");
        if (before != default)
        {
            activity?.AddLink(new ActivityLink(before));
        }

        activity?.SetTag("assessmentflow.entity", entity.ToString());
        activity?.SetTag("assessmentflow.input", inputId);
        return activity;
    }

    /// <summary>Delivery of a message of the outbox, part of the trace of the turn that wrote it.</summary>
    internal static Activity? StartDelivery(PendingMessage message)
    {
        // The turn may have been another process's. What was left out with it is known as left out here as well.
        var turn = message.Trace == default
            ? default
            : new ActivityContext(message.Trace.TraceId, message.Trace.SpanId, message.Trace.TraceFlags, message.Trace.TraceState, isRemote: true);
        var activity = Source.StartActivity("deliver", ActivityKind.Producer, turn);
        activity?.SetTag("assessmentflow.message", message.Id.ToString());
        return activity;
    }
}
