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
    internal static Activity? StartTurn(EntityId entity, string inputId)
    {
        var activity = Source.StartActivity("turn");
        activity?.SetTag("assessmentflow.entity", entity.ToString());
        activity?.SetTag("assessmentflow.input", inputId);
        return activity;
    }

    /// <summary>Delivery of a message of the outbox.</summary>
    internal static Activity? StartDelivery(MessageId message)
    {
        var activity = Source.StartActivity("deliver", ActivityKind.Producer);
        activity?.SetTag("assessmentflow.message", message.ToString());
        return activity;
    }
}
