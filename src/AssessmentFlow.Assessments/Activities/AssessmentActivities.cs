using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Activities;

/// <summary>The activities of the palette's category <c>Assessment</c>.</summary>
public static class AssessmentActivities
{
    /// <summary>The category in the palette.</summary>
    public const string Category = "Assessment";

    /// <summary>All types of the category.</summary>
    public static IEnumerable<Activity> All =>
    [
        new EnterPhase(), new HumanTask(), new RequestConsent(), new AgencyReviews(), new ReviewAct(), new SilenceProcedure(), new CirculateReport(),
    ];

    /// <summary>The catalogue of this product: Elsa's general types and the category Assessment.</summary>
    public static ActivityCatalog Catalog { get; } = new(ActivityCatalog.General.Concat(All));
}

/// <summary>Moves the case into a phase.</summary>
public sealed class EnterPhase : CaseRequest
{
    /// <inheritdoc/>
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Assessment.EnterPhase",
        Category = AssessmentActivities.Category,
        DisplayName = "Enter Phase",
        Description = "Moves the case into a phase of its regime.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new("Phase", "String", "The phase.") { IsRequired = true, Kind = AssessmentInputKinds.Phase },
            new("StateReads", "Boolean", "Whether the State assessed may read the report in this phase, as far as it is cleared for its portions.") { UiHint = "checkbox", Default = JsonValues.False },
            CaseRequests.CaseInput,
        ],
        Outputs = [CaseRequests.ReasonOutput],
    };

    /// <inheritdoc/>
    public override void Execute(ActivityContext context) =>
        CaseRequests.Ask(context, new AssessmentInput.EnterPhase(context.RequiredText("Phase"), context.Flag("StateReads")), answersLater: false);
}

/// <summary>Asks the agencies for their reviews and waits for a quorum of sign-offs.</summary>
public sealed class AgencyReviews : CaseRequest
{
    /// <inheritdoc/>
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Assessment.AgencyReviews",
        Category = AssessmentActivities.Category,
        DisplayName = "Agency Reviews",
        Description = "Asks each agency of the delegation for its review and goes on when a quorum has signed off; later ones are annexed.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new("Quorum", "Int32", "How many must have signed off (count); empty for all.") { Kind = AssessmentInputKinds.Quorum },
            new("Agencies", "List<String>", "Agencies to ask; empty for all of the delegation.") { UiHint = "multitext", Kind = AssessmentInputKinds.Agency },
            new("ReviewWorkflow", "String", "Workflow that each review runs; empty for none.") { UiHint = InputDescriptor.WorkflowPicker },
            .. DueInputs.All.Where(input => input.Name is "Due" or "Calendar" or "DueFrom"),
            CaseRequests.CaseInput,
        ],
        Outputs = [new("Result", "Object", "Who signed off and who is missing."), CaseRequests.ReasonOutput],
        FlowPorts = ["QuorumReached", "Overdue", CaseRequests.RefusedPort],
    };

    /// <inheritdoc/>
    public override void Execute(ActivityContext context)
    {
        var given = context.Input("Quorum");
        int? quorum = given.IsNull() ? null : ValueConversion.TryGetInteger(given, 0, 1_000, out var number) ? (int)number : 0;
        CaseRequests.Ask(
            context,
            new AssessmentInput.OpenReviews(context.Texts("Agencies"), quorum, DueInputs.Deadline(context)?.DueAt, context.Text("ReviewWorkflow")),
            answersLater: true);
    }
}

/// <summary>Moves an agency's review on, for whoever completed the task before it.</summary>
public sealed class ReviewAct : CaseRequest
{
    /// <inheritdoc/>
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Assessment.ReviewAct",
        Category = AssessmentActivities.Category,
        DisplayName = "Review Act",
        Description = "Signs an agency's chapter off, accepts it or returns it.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new("Move", "String", "What is done.") { UiHint = "dropdown", IsRequired = true, Options = [.. Enum.GetNames<ReviewMove>()] },
            new("ReviewId", "String", "The review; empty for the one that the workflow is correlated with."),
            new("Reason", "String", "Why; needed to return a chapter."),
            new("By", "String", "Who does it, for the journal."),
        ],
        Outputs = [CaseRequests.ReasonOutput],
        FlowPorts = [Outcome.Done, CaseRequests.RefusedPort],
    };

    /// <inheritdoc/>
    public override void Execute(ActivityContext context)
    {
        var reviewId = context.Text("ReviewId")
            ?? context.CorrelationId
            ?? throw new ActivityFaultException("review-unknown", $"'{context.Node.Label}' acts on a review, but the workflow is not correlated with one.");
        if (!Enum.TryParse<ReviewMove>(context.Text("Move"), out var move))
        {
            throw new ActivityFaultException("move-unknown", $"'{context.Node.Label}' has the move '{context.Text("Move")}'; use {string.Join(", ", Enum.GetNames<ReviewMove>())}.");
        }

        var actor = Actor.System with { Id = context.Text("By") ?? Actor.System.Id };
        var body = JsonSerializer.SerializeToElement<ReviewInput>(
            new ReviewInput.Move(move, context.Text("Reason"), IfChangedAt: null, actor), ReviewJson.Plain.ReviewInput);
        context.Ask("review", reviewId, body, JsonValues.Object(("ReviewId", JsonValues.Of(reviewId)), ("Move", JsonValues.Of(move.ToString()))), answersLater: false);
    }
}

/// <summary>Opens a silence procedure and waits for its outcome.</summary>
public sealed class SilenceProcedure : CaseRequest
{
    /// <inheritdoc/>
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Assessment.SilenceProcedure",
        Category = AssessmentActivities.Category,
        DisplayName = "Silence Procedure",
        Description = "Puts a text under silence until an exact instant: adopted when no entitled seat objects in writing before it.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new("Subject", "String", "What is to be adopted.") { IsRequired = true },
            new("ExpiresAt", "DateTimeOffset", "The exact instant of adoption. There is no default: no public rule gives a length.") { IsRequired = true },
            new("Roster", "String", "Roster of the entitled seats; empty for the one of the regime.") { UiHint = "roster-picker", Kind = AssessmentInputKinds.Roster },
            new("RosterDate", "String", "Date whose seats are entitled, as yyyy-MM-dd; empty for today.") { Kind = AssessmentInputKinds.RosterDate },
            new("Phase", "String", "Phase that the case enters once the procedure is open, and again when a hold ends; empty for none.") { Kind = AssessmentInputKinds.Phase },
            new("HeldPhase", "String", "Phase that the case is in while a seat holds the procedure; empty for none.") { Kind = AssessmentInputKinds.Phase },
            CaseRequests.CaseInput,
        ],
        Outputs = [new("Result", "Object", "How it ended and when."), CaseRequests.ReasonOutput],
        FlowPorts = ["Adopted", "Broken", "Withdrawn", CaseRequests.RefusedPort],
    };

    /// <inheritdoc/>
    public override void Execute(ActivityContext context) => CaseRequests.Ask(
        context,
        new AssessmentInput.OpenSilence(
            context.RequiredText("Subject"),
            context.Text("Roster"),
            CaseRequests.Date(context, "RosterDate"),
            context.Instant("ExpiresAt") ?? throw new ActivityFaultException("input-empty", "A silence procedure needs an exact expiry."),
            context.Key("Phase"),
            context.Key("HeldPhase")),
        answersLater: true);
}

/// <summary>Circulates the report and waits for the acknowledgements.</summary>
public sealed class CirculateReport : CaseRequest
{
    /// <inheritdoc/>
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Assessment.CirculateReport",
        Category = AssessmentActivities.Category,
        DisplayName = "Circulate Report",
        Description = "Sends one numbered copy to every seat of a roster as held on the date of circulation, and waits for the acknowledgements.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new("Title", "String", "What is circulated.") { IsRequired = true },
            new("Roster", "String", "Roster of the recipients; empty for the one of the regime.") { UiHint = "roster-picker", Kind = AssessmentInputKinds.Roster },
            new("CirculationDate", "String", "Date of circulation, as yyyy-MM-dd; empty for today.") { Kind = AssessmentInputKinds.RosterDate },
            new("Due", "String", "Due rule for the acknowledgements, such as \"10 working days\"; empty for none.") { UiHint = "due-rule", Kind = AssessmentInputKinds.DueRule },
            .. DueInputs.All.Where(input => input.Name is "Calendar"),
            CaseRequests.CaseInput,
        ],
        Outputs = [new("Result", "Object", "Number of the circulation and of acknowledged copies."), CaseRequests.ReasonOutput],
        FlowPorts = ["AllAcknowledged", "Overdue", CaseRequests.RefusedPort],
    };

    /// <inheritdoc/>
    public override void Execute(ActivityContext context) => CaseRequests.Ask(
        context,
        new AssessmentInput.Circulate(context.RequiredText("Title"), context.Text("Roster"), CaseRequests.Date(context, "CirculationDate"), DueInputs.Rule(context)),
        answersLater: true);
}
