using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using static AssessmentFlow.UnitTests.Activities.Draw;
using static AssessmentFlow.UnitTests.Http.HttpAnswers;

namespace AssessmentFlow.UnitTests.Http;

/// <summary>Files that workflows download: a value with a name, by the same requests as every other.</summary>
public sealed class DownloadHttpFileTests
{
    private const string Address = "http://receiver.example/files/report%20one.pdf?x=1";
    private const string Bytes = "AP+A";

    [Fact]
    public void A_file_is_a_value_with_name_type_tag_and_its_bytes_as_Base64()
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(200, ("ETag", "\"v7\""), ("Content-Disposition", "attachment; filename=\"case 7.pdf\"")) };

        var instance = Run(world, Sequence(
            "s",
            Download(("result", Into("F")), ("responseContentBytes", Into("B")), ("responseContentStream", Into("S"))),
            LineJs("js", "const f = getF(); f.Filename + '|' + f.ContentType + '|' + f.ETag + '|' + f.Content"),
            Activity("Elsa.WriteLine", "liquid", ("text", Liquid("{{ Variables.F.Filename }}|{{ Variables.F.Content }}"))),
            LineJs("same", "JSON.stringify(getB()) === JSON.stringify(getF()) && JSON.stringify(getS()) === JSON.stringify(getF())")), Variables("F", "B", "S"));

        Assert.Empty(instance.State.Incidents);
        Assert.Equal(["case 7.pdf|application/pdf|\"v7\"|AP+A", "case 7.pdf|AP+A", "True"], world.Printed);
    }

    [Theory]
    [InlineData(null, Address, "report one.pdf")]
    [InlineData(null, "http://receiver.example/", "file.dat")]
    [InlineData(null, "http://receiver.example/a/%2e%2e%2fb.txt", "b.txt")]
    [InlineData("attachment", Address, "report one.pdf")]
    [InlineData("attachment; filename=plain.pdf", Address, "plain.pdf")]
    [InlineData("attachment; filename=\"a.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf", Address, "résumé.pdf")]
    [InlineData("attachment; filename=\"../../etc/passwd\"", Address, "passwd")]
    [InlineData("attachment; filename=\"C:\\\\temp\\\\x.doc\"", Address, "x.doc")]
    [InlineData("attachment; filename=\"..\"", Address, "report one.pdf")]
    [InlineData("=;nonsense", Address, "report one.pdf")]
    public void Its_name_is_what_the_receiver_says_else_the_last_part_of_the_address_and_never_a_path(string? disposition, string url, string name)
    {
        var world = new EngineWorld { AnswerHttp = _ => disposition is null ? Answered(200) : Answered(200, ("Content-Disposition", disposition)) };

        Run(world, Sequence("s", Download(url, ("result", Into("F"))), LineJs("p", "getF().Filename")), Variables("F"));

        Assert.Equal([name], world.Printed);
    }

    [Fact]
    public void A_long_name_keeps_its_end()
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(200, ("Content-Disposition", $"attachment; filename={new string('x', 2_000)}.pdf")) };

        Run(world, Sequence("s", Download(("result", Into("F"))), LineJs("p", "getF().Filename.length + getF().Filename.slice(-5)")), Variables("F"));

        Assert.Equal(["255x.pdf"], world.Printed);
    }

    [Theory]
    [InlineData(200, "200 Done")]
    [InlineData(404, "Unmatched Done")]
    public void An_answer_follows_the_port_of_its_status_code_and_Done(int status, string ports)
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(status) };

        Run(world, Flow());

        Assert.Equal(ports.Split(' ').Order(), world.Printed.Order());
    }

    [Theory]
    [InlineData(HttpOutcome.FailedToConnect, "Failed")]
    [InlineData(HttpOutcome.Refused, "Failed")]
    [InlineData(HttpOutcome.TimedOut, "Timeout")]
    public void A_failure_follows_its_port_and_not_Done(HttpOutcome outcome, string port)
    {
        var world = new EngineWorld { AnswerHttp = _ => Failed(outcome) };

        Run(world, Flow());

        Assert.Equal([port], world.Printed);
    }

    [Theory]
    [InlineData(HttpOutcome.TooLarge, "http-answer-too-large")]
    [InlineData(HttpOutcome.Refused, "http-request-refused")]
    public void What_cannot_be_downloaded_is_an_incident_that_says_why(HttpOutcome outcome, string code)
    {
        var world = new EngineWorld { AnswerHttp = _ => Failed(outcome) };

        var incident = Assert.Single(Run(world, Download()).State.Incidents);

        Assert.Equal((code, "Synthetic failure."), (incident.Code, incident.Message));
    }

    [Fact]
    public void What_is_sent_is_what_the_inputs_say_and_asks_for_a_file()
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(200) };

        Run(world, Download(
            ("method", Literal("POST")),
            ("content", Js("({ a: 1 })")),
            ("requestContentType", Literal("application/x-www-form-urlencoded")),
            ("authorization", Literal("Bearer synthetic")),
            ("requestHeaders", Literal("""{"X-One":"1"}"""))));

        var call = Assert.Single(world.HttpCalls);
        Assert.Equal(("POST", "a=1", "application/x-www-form-urlencoded", true), (call.Method, call.Body, call.ContentType, call.AsFile));
        Assert.Equal(["X-One: 1", "Authorization: Bearer synthetic"], call.Headers!.Select(header => $"{header.Key}: {header.Value.Single()}"));
    }

    [Fact]
    public void Headers_of_the_content_are_told_apart_from_those_of_the_answer()
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(200, ("X-Total", "7"), ("Content-Type", "application/pdf"), ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")) };

        Run(
            world,
            Sequence(
                "s",
                Download(("statusCode", Into("S")), ("responseHeaders", Into("H")), ("responseContentHeaders", Into("C")), ("response", Into("R"))),
                LineJs("p", "getS() + ' ' + Object.keys(getH()) + ' ' + Object.keys(getC()) + ' ' + getR().StatusCode + ' ' + getR().Headers['X-Total'][0]")),
            Variables("S", "H", "C", "R"));

        Assert.Equal(["200 X-Total Content-Type,Last-Modified 200 7"], world.Printed);
    }

    [Fact]
    public void An_answer_without_content_is_no_file()
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(200) with { Body = null } };

        Run(world, Sequence("s", Download(("result", Into("F"))), LineJs("p", "getF() === null")), Variables("F"));

        Assert.Equal(["True"], world.Printed);
    }

    [Fact]
    public void With_resilience_what_may_pass_is_asked_for_again()
    {
        var answers = new Queue<HttpAnswer>([Answered(503), Answered(200)]);
        var world = new EngineWorld { AnswerHttp = _ => answers.Dequeue() };
        Run(world, Flow(("enableResiliency", Literal("True"))));

        world.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(["200", "Done"], world.Printed.Order());
        Assert.Single(world.HttpCalls.Select(call => call.IdempotencyKey).Distinct());
    }

    [Fact]
    public void The_bytes_are_in_the_journal_once_unless_a_variable_takes_them()
    {
        var world = new EngineWorld { AnswerHttp = _ => Answered(200) };

        var facts = Run(world, Download()).Facts.Select(fact => JsonSerializer.Serialize(fact, EngineJson.Plain.InstanceFact));

        Assert.Single(facts, fact => fact.Contains(Bytes, StringComparison.Ordinal));
    }

    private static HttpAnswer Answered(int status, params (string Name, string Value)[] headers) =>
        HttpAnswers.Answered(status, headers) with { Body = Bytes, ContentType = "application/pdf" };

    private static (string Name, JsonNode? Value) Variables(params string[] names) => ("variables", new JsonArray([.. names.Select(name => Variable(name))]));

    private static JsonObject Download(params (string Name, JsonNode? Value)[] members) => Download(Address, members);

    private static JsonObject Download(string url, params (string Name, JsonNode? Value)[] members) =>
        Activity("Elsa.DownloadHttpFile", "call", [("url", Literal(url)), .. members]);

    private static JsonObject Flow(params (string Name, JsonNode? Value)[] members) => Flowchart(
        "f",
        [
            Download(members),
            Line("ok", "200"), Line("other", "Unmatched"), Line("failed", "Failed"), Line("late", "Timeout"), Line("done", "Done"),
        ],
        "call.200>ok", "call.Unmatched status code>other", "call.Failed to connect>failed", "call.Timeout>late", "call.Done>done");
}
