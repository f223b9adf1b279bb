namespace AssessmentFlow.Runtime.Entities;

/// <summary>
/// Names of the lists that entities keep, and what their filters hold. A row is written by the same commit as the
/// change that it shows, so a list read after an acknowledged call shows that call.
/// </summary>
public static class Views
{
    /// <summary>Workflow instances. Scope: correlation id. A: definition. B: status. C: sub status. At: start.</summary>
    public const string Instances = "instance";

    /// <summary>Tasks. Scope: case, else correlation id. A: role assigned to. B: open, claimed, completed, cancelled. C: claimed by. D: role escalated to. At: opening.</summary>
    public const string Tasks = "task";

    /// <summary>Cases. A: State. B: regime. C: phase. At: opening.</summary>
    public const string Assessments = "assessment";

    /// <summary>Who has a part in a case. Scope: case. A: role. At: opening of the case, so that rows of one case lie together.</summary>
    public const string Participants = "participant";

    /// <summary>Reviews. Scope: case. A: agency. B: status. At: assignment.</summary>
    public const string Reviews = "review";

    /// <summary>Numbered copies. Scope: case. A: seat. B: issued or acknowledged. At: issue.</summary>
    public const string Copies = "copy";

    /// <summary>What happened to a case, in words. Scope: case. A: kind of event. At: when.</summary>
    public const string Timeline = "timeline";

    /// <summary>Items of a record or review. Scope: case or review. A: kind. B: need-to-know or null. C: mark as scheme:level or null. D: role of the donor whose it is, or null. At: version of the first writing.</summary>
    public const string Items = "item";

    /// <summary>Triggers of published versions. Scope: type of the activity. A: what fires it, such as the name of an event; null for times. B: definition. At: publication.</summary>
    public const string Triggers = "trigger";
}
