namespace AssessmentFlow.Engine.Execution;

/// <summary>
/// An activity cannot do what its author asked: the engine records an incident and follows the incident strategy.
/// </summary>
public sealed class ActivityFaultException : Exception
{
    /// <summary>A fault of an activity.</summary>
    /// <param name="code">Stable name of the kind of fault, or the author's own fault code.</param>
    /// <param name="message">What went wrong, for the author of the workflow.</param>
    /// <param name="cause">Innermost text of what a script engine or parser said.</param>
    public ActivityFaultException(string code, string message, string? cause = null)
        : base(message)
    {
        Code = code;
        Cause = cause;
    }

    /// <summary>What went wrong in an activity, foreseen or not: a case that meets a defect waits for repair and is not lost to it.</summary>
    /// <param name="thrown">What was thrown.</param>
    internal static ActivityFaultException Of(Exception thrown) =>
        thrown as ActivityFaultException ?? new ActivityFaultException("activity-failed", $"The activity failed: {thrown.Message}", thrown.Message);

    /// <summary>Stable name of the kind of fault.</summary>
    public string Code { get; }

    /// <summary>Innermost text of what a script engine or parser said.</summary>
    public string? Cause { get; }
}
