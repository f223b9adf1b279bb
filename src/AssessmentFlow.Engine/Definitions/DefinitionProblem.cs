namespace AssessmentFlow.Engine.Definitions;

/// <summary>One thing that is wrong with a workflow definition, said so that its author can mend it.</summary>
/// <param name="Path">JSON path of the offending value, such as <c>$.root.activities[2].condition</c>.</param>
/// <param name="Code">Stable machine-readable name of the kind of problem, in kebab case.</param>
/// <param name="Message">What is wrong and what would be right, in one or two sentences.</param>
/// <param name="Activity">Name or id of the activity concerned; null when the problem is outside any activity.</param>
public sealed record DefinitionProblem(string Path, string Code, string Message, string? Activity = null);
