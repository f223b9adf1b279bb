using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>Refusals of writers who looked at an older version.</summary>
internal static class Stale
{
    public static Refusal Version(string what, long current, long expected) => new(
        RefusalKind.Stale,
        "version-stale",
        $"{what} is at version {current}; the request was made for version {expected}. Read it again and decide anew.");
}
