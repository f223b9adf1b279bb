using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using static AssessmentFlow.UnitTests.Activities.Draw;
using static AssessmentFlow.UnitTests.Http.HttpAnswers;

namespace AssessmentFlow.UnitTests.Http;

/// <summary>HTTP requests as workflows see them: what is sent, and where it goes on.</summary>
public sealed class SendHttpRequestTests
{
    private const string Address = "http://receiver.example/path";

    [Theory]
    [InlineData(null, 200, "200 Done")]
    [InlineData(null, 404, "Unmatched Done")]
    [InlineData("[200, 404]", 404, "404 Done")]
    [InlineData("[]", 404, "Done")]
    [InlineData("", 404, "Unmatched Done")]
    [InlineData("[\"200\",\"\"]", 200, "200 Done")]
    public void An_answer_follows_the_port_of_its_status_code_and_Done(string? expected, int status, string ports)
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(status) };

        Run(world, Flow(expected is null ? [] : [("expectedStatusCodes", Json(expected))]));

        Assert.Equal(ports.Split(' ').Order(), world.Printed.Order());
    }

    [Theory]
    [InlineData(HttpOutcome.FailedToConnect, "Failed")]
    [InlineData(HttpOutcome.Refused, "Failed")]
    [InlineData(HttpOutcome.TimedOut, "Timeout")]
    public void A_failure_follows_its_port_and_not_Done(HttpOutcome outcome, string port)
    {
        var world = new EngineWorld { AnswerHttp = _ => Failed(outcome) };

        Assert.Equal(InstanceSubStatus.Finished, Run(world, Flow()).State.SubStatus);
        Assert.Equal([port], world.Printed);
    }

    [Theory]
    [InlineData(200, "ok")]
    [InlineData(404, "unmatched")]
    public void An_embedded_activity_runs_for_its_status_code(int status, string line)
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(status) };

        Run(world, Embedded());

        Assert.Equal([line, "after"], world.Printed);
    }

    [Theory]
    [InlineData(HttpOutcome.FailedToConnect, "failed")]
    [InlineData(HttpOutcome.TimedOut, "timeout")]
    public void An_embedded_activity_runs_for_a_failure(HttpOutcome outcome, string line)
    {
        var world = new EngineWorld { AnswerHttp = _ => Failed(outcome) };

        Run(world, Embedded());

        Assert.Equal([line, "after"], world.Printed);
    }

    [Theory]
    [InlineData("Elsa.SendHttpRequest")]
    [InlineData("Elsa.FlowSendHttpRequest")]
    public void A_request_that_is_not_allowed_is_an_incident_with_the_reason_when_no_port_takes_it(string type)
    {
        var incident = Assert.Single(Run(new EngineWorld(), Activity(type, "call", ("url", Literal(Address)))).State.Incidents);

        Assert.Equal(("call", "http-request-refused", $"{Address} is not allowed."), (incident.ActivityId, incident.Code, incident.Message));
    }

    [Fact]
    public void An_answer_that_is_too_large_is_an_incident()
    {
        var world = new EngineWorld { AnswerHttp = _ => Failed(HttpOutcome.TooLarge) };

        Assert.Equal("http-answer-too-large", Assert.Single(Run(world, Flow()).State.Incidents).Code);
    }

    [Fact]
    public void Scripts_see_the_status_code_the_headers_and_the_parsed_content()
    {
        var world = new EngineWorld
        {
            AnswerHttp = _ => Answered(200) with
            {
                Headers = new(StringComparer.OrdinalIgnoreCase) { ["X-Total"] = ["7"] },
                Body = """{"items":[1,2]}""",
                ContentType = "application/json",
            },
        };

        Run(
            world,
            Sequence(
                "s",
                Activity("Elsa.SendHttpRequest", "call", ("url", Literal(Address)), ("statusCode", Into("S")), ("parsedContent", Into("C")), ("responseHeaders", Into("H")), ("result", Into("R"))),
                LineJs("p", "getS() + ' ' + getC().items.length + ' ' + getH()['X-Total'][0] + ' ' + getR().Content.length")),
            ("variables", new JsonArray(Variable("S", "Int32"), Variable("C"), Variable("H"), Variable("R"))));

        Assert.Equal(["200 2 7 15"], world.Printed);
    }

    [Fact]
    public void What_is_sent_is_what_the_inputs_say_with_a_key_for_repeats()
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(200) };

        var instance = Run(world, Activity(
            "Elsa.SendHttpRequest",
            "call",
            ("url", Js($"'{Address}?q=' + (1 + 1)")),
            ("method", Literal("POST")),
            ("content", Js("({ a: 'b c', d: 1 })")),
            ("contentType", Literal("application/x-www-form-urlencoded")),
            ("authorization", Literal("Bearer synthetic")),
            ("requestHeaders", Literal("""{"X-One":"1","X-Two":["2","3"]}"""))));

        var call = Assert.Single(world.HttpCalls);
        Assert.Equal((Address + "?q=2", "POST", "a=b%20c&d=1", "application/x-www-form-urlencoded"), (call.Url, call.Method, call.Body, call.ContentType));
        Assert.Equal(["X-One: 1", "X-Two: 2,3", "Authorization: Bearer synthetic"], call.Headers!.Select(header => $"{header.Key}: {string.Join(',', header.Value)}"));
        Assert.StartsWith(instance.Id + "-", call.IdempotencyKey, StringComparison.Ordinal);
    }

    [Fact]
    public void The_authorization_is_neither_in_the_journal_nor_in_an_incident()
    {
        var world = new EngineWorld();

        var instance = Run(world, Activity("Elsa.SendHttpRequest", "call", ("url", Literal(Address)), ("authorization", Literal("Bearer synthetic")), ("enableResiliency", Literal("True"))));

        Assert.Single(instance.State.Incidents);
        Assert.All(instance.Facts, fact => Assert.DoesNotContain("synthetic", JsonSerializer.Serialize(fact, EngineJson.Plain.InstanceFact), StringComparison.Ordinal));
        Assert.Equal("Bearer synthetic", world.HttpCalls.Single().Headers!["Authorization"].Single());
    }

    [Theory]
    [InlineData("receiver.example", "{}", "http-url-malformed")]
    [InlineData("file:///etc/hosts", "{}", "http-url-malformed")]
    [InlineData(Address, """{"Host":"other.example"}""", "http-header-refused")]
    [InlineData(Address, """{"Transfer-Encoding":"chunked"}""", "http-header-refused")]
    [InlineData(Address, """{"X-A b":"1"}""", "http-header-refused")]
    [InlineData(Address, """{"X-A":"1\r\nX-B: 2"}""", "http-header-malformed")]
    [InlineData(Address, """{"X-A":"Über"}""", "http-header-malformed")]
    [InlineData(Address, "[1]", "http-headers-malformed")]
    public void What_makes_no_request_is_an_incident_and_nothing_is_sent(string url, string headers, string code)
    {
        var world = new EngineWorld();

        var instance = Run(world, Activity("Elsa.SendHttpRequest", "call", ("url", Js($"'{url}'")), ("requestHeaders", Literal(headers))));

        Assert.Equal(code, Assert.Single(instance.State.Incidents).Code);
        Assert.Empty(world.HttpCalls);
    }

    [Theory]
    [InlineData("Elsa.SendHttpRequest", "receiver.example")]
    [InlineData("Elsa.FlowSendHttpRequest", "file:///etc/hosts")]
    public void A_fixed_address_to_which_nothing_can_be_sent_is_refused(string type, string url)
    {
        var problem = Assert.Single(new EngineWorld().Publish(Definition("drawn", Activity(type, "call", ("url", Literal(url))))));

        Assert.Equal(("$.root.url.expression.value", "http-url-malformed", "call"), (problem.Path, problem.Code, problem.Activity));
    }

    [Fact]
    public void With_resilience_what_may_pass_is_sent_again_after_growing_waits_each_attempt_in_the_journal()
    {
        var answers = new Queue<HttpAnswer>([Failed(HttpOutcome.FailedToConnect), Answered(503), Answered(200)]);
        var world = new EngineWorld { AnswerHttp = _ => answers.Dequeue() };
        var instance = Run(world, Flow(("enableResiliency", Literal("True"))));

        Assert.Single(world.HttpCalls);
        world.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, world.HttpCalls.Count);
        world.Advance(TimeSpan.FromSeconds(3.9));
        Assert.Equal(2, world.HttpCalls.Count);
        world.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(["200", "Done"], world.Printed.Order());
        Assert.Equal(3, world.HttpCalls.Count);
        Assert.Single(world.HttpCalls.Select(call => call.IdempotencyKey).Distinct());
        Assert.Equal([1, 2, 3], instance.Facts.OfType<InstanceFact.BookmarkCreated>()
            .Where(fact => fact.Bookmark.DueAt is null)
            .Select(fact => fact.Bookmark.Payload.GetProperty("Attempt").GetInt32()));
    }

    [Fact]
    public void Attempts_are_bounded_and_the_last_answer_counts()
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(503) };
        Run(world, Flow(("enableResiliency", Literal("True"))));

        world.Advance(TimeSpan.FromHours(1));

        Assert.Equal(EngineLimits.HttpAttemptsMax, world.HttpCalls.Count);
        Assert.Equal(["Done", "Unmatched"], world.Printed.Order());
    }

    [Theory]
    [InlineData("True", "[503]", 503)] // It is expected.
    [InlineData("True", "[200]", 404)] // It will not pass.
    [InlineData("False", "[200]", 503)] // Nobody asked for it.
    public void Other_answers_are_not_asked_for_again(string resiliency, string expected, int status)
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(status) };
        Run(world, Flow(("enableResiliency", Literal(resiliency)), ("expectedStatusCodes", Json(expected))));

        world.Advance(TimeSpan.FromHours(1));

        Assert.Single(world.HttpCalls);
    }

    [Fact]
    public void A_repetition_sends_what_was_sent_first_whatever_became_of_the_variables()
    {
        var answers = new Queue<HttpAnswer>([Answered(503), Answered(200)]);
        var world = new EngineWorld { AnswerHttp = _ => answers.Dequeue() };
        var call = Activity("Elsa.SendHttpRequest", "call", ("url", Js($"'{Address}/' + getV()")), ("enableResiliency", Literal("True")));
        Run(world, Container("Elsa.Parallel", "both", call, Sequence("s", Event("e", "Go"), Set("v", "V", Literal("second")))), ("variables", new JsonArray(Variable("V", "String", "first"))));
        world.Signal("Go", Element("null"), correlationId: null, only: null);
        world.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal([Address + "/first", Address + "/first"], world.HttpCalls.Select(each => each.Url));
    }

    [Theory]
    [InlineData("""[{"statusCode":"teapot"}]""", "[0].statusCode", "status-code-malformed")]
    [InlineData("""[{"statusCode":200},{"statusCode":200}]""", "[1].statusCode", "status-code-repeated")]
    public void Status_codes_that_mean_nothing_are_refused_before_anything_runs(string codes, string path, string problem)
    {
        var found = Assert.Single(new EngineWorld().Publish(Definition(
            "drawn", Activity("Elsa.SendHttpRequest", "call", ("url", Literal(Address)), ("expectedStatusCodes", JsonNode.Parse(codes))))));

        Assert.Equal(($"$.root.expectedStatusCodes{path}", problem, "call"), (found.Path, found.Code, found.Activity));
    }

    [Fact]
    public void A_connection_from_a_status_code_that_is_not_expected_is_warned_about()
    {
        var flow = Flowchart("f", [Activity("Elsa.FlowSendHttpRequest", "call", ("url", Literal(Address))), Line("x", "x")], "call.404>x");

        Assert.Contains(new EngineWorld().Read(Definition("drawn", flow)).Warnings, warning => warning is { Code: "outcome-unknown", Activity: "call" });
    }

    [Theory]
    [InlineData("Literal", "")]
    [InlineData("Object", "")]
    public void A_connection_from_the_status_code_that_an_emptied_list_stands_for_is_not_warned_about(string syntax, string codes)
    {
        var call = Activity("Elsa.FlowSendHttpRequest", "call", ("url", Literal(Address)), ("expectedStatusCodes", Wrapped(syntax, codes)));

        Assert.Empty(new EngineWorld().Read(Definition("drawn", Flowchart("f", [call, Line("x", "x")], "call.200>x"))).Warnings);
    }

    private static JsonObject Flow(params (string Name, JsonNode? Value)[] members) => Flowchart(
        "f",
        [
            Activity("Elsa.FlowSendHttpRequest", "call", [("url", Literal(Address)), .. members]),
            Line("ok", "200"), Line("missing", "404"), Line("other", "Unmatched"), Line("failed", "Failed"), Line("late", "Timeout"), Line("done", "Done"),
        ],
        "call.200>ok", "call.404>missing", "call.Unmatched status code>other", "call.Failed to connect>failed", "call.Timeout>late", "call.Done>done");

    private static JsonObject Embedded() => Sequence(
        "s",
        Activity(
            "Elsa.SendHttpRequest",
            "call",
            ("url", Literal(Address)),
            ("expectedStatusCodes", new JsonArray(new JsonObject { ["statusCode"] = 200, ["activity"] = Line("ok", "ok") })),
            ("unmatchedStatusCode", Line("other", "unmatched")),
            ("failedToConnect", Line("failed", "failed")),
            ("timeout", Line("late", "timeout"))),
        Line("after", "after"));
}
