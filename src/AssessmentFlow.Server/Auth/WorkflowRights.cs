using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Auth;

/// <summary>Who may change workflows: drawing one is another right than putting it into force.</summary>
internal static class WorkflowRights
{
    /// <summary>Whether the actor draws workflows and keeps drafts.</summary>
    public static bool MayDraft(this Actor actor) => actor.Has(Roles.Designer) || actor.MayPublish();

    /// <summary>Whether the actor puts versions into force, takes them back and deletes workflows.</summary>
    public static bool MayPublish(this Actor actor) => actor.Has(Roles.Secretariat);

    /// <exception cref="RequestProblemException">The actor draws no workflows.</exception>
    public static void NeedDraft(this Actor actor)
    {
        if (!actor.MayDraft())
        {
            throw RequestProblemException.Forbidden("Only the secretariat and designers draw workflows.");
        }
    }

    /// <exception cref="RequestProblemException">The actor publishes no workflows.</exception>
    public static void NeedPublish(this Actor actor)
    {
        if (!actor.MayPublish())
        {
            throw RequestProblemException.Forbidden("Only the secretariat publishes workflows, takes them back and deletes them.");
        }
    }
}
