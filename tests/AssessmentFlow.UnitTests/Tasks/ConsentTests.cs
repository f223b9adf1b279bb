using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Tasks;

public sealed class ConsentTests
{
    private static readonly Actor FocalPoint = new("focal-point", [Roles.OfState("RR")]);

    [Theory]
    [InlineData("Consented")]
    [InlineData("Declined")]
    public void The_answer_of_the_State_is_recorded_on_the_case_before_the_workflow_goes_on(string outcome)
    {
        var world = Request();
        Assert.Equal("role-missing", world.Complete(new Actor("other", [Roles.OfState("VN")]), outcome));
        Assert.Null(world.Complete(FocalPoint, outcome, """{ "reference": "Note 7" }"""));

        Assert.Equal(new Consent(outcome, LoneCase.Start, "focal-point", "Note 7"), world.Case.Consent);
        Assert.Equal($"{outcome} by focal-point", world.Done);
    }

    [Fact]
    public void That_no_reply_came_in_time_is_recorded_by_the_clock_and_by_nobody_else()
    {
        var world = Request(("due", Literal("4 weeks")));
        Assert.Equal("outcome-unknown", world.Complete(FocalPoint, "NoReply"));
        Assert.Equal("outcome-unknown", world.Complete(TaskWorld.Secretariat, "NoReply", onBehalfOf: "state:RR"));
        world.Advance(TimeSpan.FromDays(28));

        Assert.Equal(new Consent("NoReply", LoneCase.Start.AddDays(28), "system", Reference: null), world.Case.Consent);
        Assert.Equal("NoReply by system", world.Done);
    }

    [Fact]
    public void Without_a_due_rule_the_request_waits_as_long_as_the_State_does()
    {
        var world = Request();
        world.Advance(TimeSpan.FromDays(4_000));

        Assert.Null(world.Case.Consent);
        Assert.Null(world.Complete(FocalPoint, "Consented"));
    }

    private static TaskWorld Request(params (string, System.Text.Json.Nodes.JsonNode?)[] members) =>
        new("Assessment.RequestConsent", [("state", Literal("RR")), .. members]);
}
