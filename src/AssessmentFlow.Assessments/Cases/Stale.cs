using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>Refusals of writers who looked at an older version.</summary>
internal static class Stale
{
    public static Refusal Version(string what, long current, long expected) => new(
        RefusalKind.Stale,
        "version-stale",
        $"{what} is at version {current}; the request was made for version {expected}. Read it again and decide anew.");

    /// <summary>The refusal of a writer to whom something is not there: who saw a version of it saw it before it was taken out.</summary>
    public static Refusal Missing(string what, long? expected) => expected is null or 0
        ? new Refusal(RefusalKind.NotFound, "item-unknown", $"There is no {what}.")
        : new Refusal(
            RefusalKind.Stale, "version-stale", $"There is no {what} (any more); the request was made for version {expected}. Read the list again and decide anew.");
}
