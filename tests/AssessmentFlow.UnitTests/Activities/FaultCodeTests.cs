using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

/// <summary>What a run cannot do becomes an incident with a code of its own; what lies at the limit is still done.</summary>
public sealed class FaultCodeTests
{
    [Theory]
    [InlineData("Elsa.Delay", "timeSpan", "Literal", "10000000.00:00:00", "delay-too-long")]
    [InlineData("Elsa.Delay", "timeSpan", "JavaScript", "'soon'", "value-unreadable")]
    [InlineData("Elsa.Cron", "cronExpression", "JavaScript", "'0 0 30 2 *'", "cron-without-end")]
    [InlineData("Elsa.Cron", "cronExpression", "JavaScript", "'every night'", "cron-unreadable")]
    [InlineData("Elsa.Cron", "cronExpression", "JavaScript", "''", "input-empty")]
    [InlineData("Elsa.StartAt", "dateTime", "JavaScript", "null", "input-empty")]
    [InlineData("Elsa.StartAt", "dateTime", "JavaScript", "'soon'", "value-unreadable")]
    [InlineData("Elsa.Event", "eventName", "JavaScript", "''", "input-empty")]
    [InlineData("Elsa.Event", "eventName", "JavaScript", "'x'.repeat(201)", "key-malformed")]
    [InlineData("Elsa.Event", "eventName", "JavaScript", "'a\\u0007b'", "key-malformed")]
    [InlineData("Elsa.Correlate", "correlationId", "JavaScript", "'x'.repeat(201)", "key-malformed")]
    [InlineData("Elsa.WriteLine", "text", "JavaScript", "'x'.repeat(4097)", "line-too-long")]
    [InlineData("Elsa.WriteLine", "text", "JavaScript", "throw new Error('broken')", "script-failed")]
    [InlineData("Elsa.WriteLine", "text", "JavaScript", "nowhere.at.all", "script-failed")]
    [InlineData("Elsa.WriteLine", "text", "JavaScript", "eval('1')", "script-failed")]
    [InlineData("Elsa.WriteLine", "text", "JavaScript", "const f = () => f(); f()", "script-too-deep")]
    [InlineData("Elsa.WriteLine", "text", "JavaScript", "for (;;) { }", "script-too-long-running")]
    [InlineData("Elsa.WriteLine", "text", "Liquid", "{% for i in (1..200000) %}{{ i }}{% endfor %}", "template-failed")]
    [InlineData("Elsa.WriteLine", "text", "Liquid", "{% for i in (1..10000) %}0123456789{% endfor %}", "value-too-large")]
    [InlineData("Elsa.WriteHttpResponse", "content", "JavaScript", "'é'.repeat(32769)", "http-content-too-large")]
    [InlineData("Elsa.WriteHttpResponse", "statusCode", "Literal", "199", "status-code-malformed")]
    [InlineData("Elsa.WriteHttpResponse", "statusCode", "Literal", "600", "status-code-malformed")]
    [InlineData("Elsa.WriteHttpResponse", "responseHeaders", "JavaScript", "[1]", "http-headers-malformed")]
    [InlineData("Elsa.WriteHttpResponse", "responseHeaders", "JavaScript", "({ 'X Y': '1' })", "http-header-refused")]
    [InlineData("Elsa.WriteHttpResponse", "responseHeaders", "JavaScript", "({ 'connection': '1' })", "http-header-refused")]
    [InlineData("Elsa.WriteHttpResponse", "responseHeaders", "JavaScript", "({ 'X': 'a\\nb' })", "http-header-malformed")]
    [InlineData("Elsa.For", "step", "JavaScript", "0", "step-zero")]
    [InlineData("Elsa.For", "end", "JavaScript", "'many'", "value-unreadable")]
    [InlineData("Elsa.ParallelForEach", "items", "JavaScript", "Array.from({ length: 1001 }, (_, i) => i)", "too-many-branches")]
    public void What_cannot_be_done_is_an_incident_that_says_why(string type, string input, string syntax, string value, string code)
    {
        var instance = Run(new EngineWorld(), Drawn(type, input, syntax, value));

        Assert.Equal((code, "x"), (Assert.Single(instance.State.Incidents).Code, instance.State.Incidents[0].ActivityId));
        Assert.Equal(InstanceSubStatus.Faulted, instance.State.SubStatus);
    }

    [Theory]
    [InlineData("Elsa.Event", "eventName", "JavaScript", "'x'.repeat(200)")]
    [InlineData("Elsa.Correlate", "correlationId", "JavaScript", "'x'.repeat(200)")]
    [InlineData("Elsa.WriteLine", "text", "JavaScript", "'x'.repeat(4096)")]
    [InlineData("Elsa.WriteLine", "text", "JavaScript", "for (let i = 0; i < 10000; i++) { } 'done'")]
    [InlineData("Elsa.WriteHttpResponse", "content", "JavaScript", "'é'.repeat(32768)")]
    [InlineData("Elsa.WriteHttpResponse", "statusCode", "Literal", "200")]
    [InlineData("Elsa.WriteHttpResponse", "statusCode", "Literal", "599")]
    [InlineData("Elsa.WriteHttpResponse", "statusCode", "Literal", "notfound")]
    [InlineData("Elsa.WriteHttpResponse", "responseHeaders", "Literal", "")]
    [InlineData("Elsa.For", "step", "JavaScript", "-1")]
    public void What_lies_at_the_limit_is_done(string type, string input, string syntax, string value) =>
        Assert.Empty(Run(new EngineWorld(), Drawn(type, input, syntax, value)).State.Incidents);

    [Theory]
    [InlineData("00:00:00.9", false)]
    [InlineData("00:00:01", true)]
    public void A_timer_may_start_a_workflow_once_a_second_and_not_more_often(string interval, bool isPublished)
    {
        var problems = new EngineWorld().Publish(Definition("drawn", Sequence("s", Starting(Activity("Elsa.Timer", "t", ("interval", Literal(interval)))))));

        Assert.Equal(isPublished ? [] : ["trigger-unreadable"], problems.Select(problem => problem.Code));
    }

    private static JsonObject Drawn(string type, string input, string syntax, string value) =>
        Activity(type, "x", (input, Wrapped(syntax, value)), ("body", type.Contains("For", StringComparison.Ordinal) ? Line("b", "b") : null));
}
