using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Http;

/// <summary>What workflows see of requests with placeholders, forms and files, and which requests they do not take.</summary>
public sealed class HttpEndpointRequestTests
{
    private static readonly string Key = HttpRoutes.KeyOf("POST", "in", isAuthorized: true);

    [Fact]
    public void Placeholders_of_the_path_are_values_by_the_names_that_their_author_gave()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Sequence("s", Endpoint(("path", Literal("Cases/{caseId}/items/{No}")), ("routeData", Into("R"))), LineJs("p", "getR().caseId + ' ' + getR().No")),
            ("variables", new JsonArray(Variable("R"))));

        Assert.Equal("http POST /cases/{}/items/{}", Assert.Single(instance.State.Bookmarks.Values).Key);
        world.Signal("http POST /cases/{}/items/{}", JsonValues.Object(("Path", JsonValues.Of("cases/AB-7/items/3"))), correlationId: null, only: instance);

        Assert.Equal(["AB-7 3"], world.Printed);
    }

    [Fact]
    public void A_workflow_that_a_request_starts_sees_placeholders_too()
    {
        var world = new EngineWorld();
        world.Publish(Definition("drawn", Sequence("s", Starting(Endpoint(("path", Literal("cases/{id}")))), LineJs("p", "getRouteDataFromE().id"))));

        world.Signal("http POST /cases/{}", JsonValues.Object(("Path", JsonValues.Of("Cases/AB-7"))), correlationId: null, only: null);

        Assert.Equal(["AB-7"], world.Printed);
    }

    [Theory]
    [InlineData("Orders", "orders")]
    [InlineData("/a/B/", "a/b | a/{}")]
    [InlineData("a//c", "a//c | a//{}")]
    [InlineData("a/b/c", "a/b/c | a/b/{} | a/{}/c | a/{}/{}")]
    [InlineData("a/b/c/d", "a/b/c/d | a/b/c/{} | a/b/{}/d | a/{}/c/d | a/b/{}/{} | a/{}/c/{} | a/{}/{}/d")]
    [InlineData("1/2/3/4/5/6/7/8/9", "1/2/3/4/5/6/7/8/9")]
    public void A_path_is_looked_for_as_it_is_first_then_with_ever_fewer_exact_parts(string path, string patterns) =>
        Assert.Equal(patterns, string.Join(" | ", HttpRoutes.PatternsOf(path)));

    [Fact]
    public void Fields_and_files_of_a_form_are_values()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Sequence(
                "s",
                Endpoint(("parsedContent", Into("C")), ("files", Into("F")), ("file", Into("One"))),
                LineJs("p", "getC().title + ' ' + getF().length + ' ' + getOne().Name + ' ' + getOne().FileName + ' ' + getOne().Length + ' ' + getOne().Content"),
                LineJs("r", "JSON.stringify(getResultFromE().Files ?? null)")),
            ("variables", new JsonArray(Variable("C"), Variable("F"), Variable("One"))));

        world.Signal(Key, Upload("Case.PDF", "application/pdf", 3), correlationId: null, only: instance);

        Assert.Equal(["Synthetic 1 document Case.PDF 3 eHh4", "null"], world.Printed);
    }

    [Theory]
    [InlineData("application/pdf", "application/pdf")]
    [InlineData("", "application/pdf")]
    [InlineData(null, "application/pdf")]
    [InlineData("scanned", "application/pdf")]
    public void What_was_uploaded_can_be_answered_with_whatever_type_the_sender_gave_it(string? sent, string answer)
    {
        var world = new EngineWorld();
        var instance = Run(
            world, Sequence("s", Endpoint(("file", Into("One"))), Activity("Elsa.WriteFileHttpResponse", "a", ("content", Js("getOne()")))), ("variables", new JsonArray(Variable("One"))));

        world.Signal(Key, Upload("Case.PDF", sent, 3), correlationId: null, only: instance);

        var answered = Assert.Single(instance.Facts.OfType<InstanceFact.HttpAnswered>());
        Assert.Equal(("eHh4", answer), (answered.Body, answered.ContentType));
    }

    [Fact]
    public void A_file_of_a_form_that_came_without_a_type_has_none() =>
        Assert.Equal(JsonValueKind.Null, HttpFiles.Uploaded("document", "case.pdf", "", []).GetProperty("ContentType").ValueKind);

    [Theory]
    [InlineData("requestSizeLimit", "Literal", "99", "request-too-large", 413)]
    [InlineData("fileSizeLimit", "Literal", "2", "file-too-large", 413)]
    [InlineData("allowedFileExtensions", "Object", """[".doc", "txt"]""", "file-extension-refused", 415)]
    [InlineData("blockedFileExtensions", "Object", """["pdf"]""", "file-extension-refused", 415)]
    [InlineData("allowedMimeTypes", "Object", """["text/plain"]""", "file-type-refused", 415)]
    public void What_is_not_taken_is_refused_and_changes_nothing(string input, string syntax, string value, string code, int status)
    {
        var definition = Definition("drawn", Starting(Endpoint((input, Wrapped(syntax, value)))));
        var world = new EngineWorld();
        var waiting = world.Read(definition).Definition!;
        var state = Decided(WorkflowEngine.Decide(waiting, new InstanceState { Id = "i" }, Start(trigger: null), At(1)));
        var trigger = Assert.Single(waiting.Nodes, node => node.CanStartWorkflow).NodeId;

        AssertRefused(WorkflowEngine.Decide(waiting, state, new InstanceInput.Signal(Key, Upload("Case.PDF", "application/pdf", 3)), At(2)), code);
        AssertRefused(WorkflowEngine.Decide(waiting, new InstanceState { Id = "j" }, Start(trigger), At(1)), code);
        Assert.Equal(status, HttpRefusals.StatusOf(code));
    }

    [Theory]
    [InlineData("requestSizeLimit", "Literal", "100")]
    [InlineData("requestSizeLimit", "Literal", "")]
    [InlineData("fileSizeLimit", "Literal", "3")]
    [InlineData("allowedFileExtensions", "Object", """[".pdf"]""")]
    [InlineData("allowedFileExtensions", "Object", "[]")]
    [InlineData("blockedFileExtensions", "Object", """["doc"]""")]
    [InlineData("allowedMimeTypes", "Object", """["Application/PDF"]""")]
    public void What_lies_at_the_limit_is_taken(string input, string syntax, string value)
    {
        var world = new EngineWorld();
        var instance = Run(world, Endpoint((input, Wrapped(syntax, value))));

        world.Signal(Key, Upload("Case.PDF", "application/pdf; charset=x", 3), correlationId: null, only: instance);

        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Theory]
    [InlineData("requestSizeLimit", "Literal", "99", "exposeRequestTooLargeOutcome", "Request too large")]
    [InlineData("fileSizeLimit", "Literal", "2", "exposeFileTooLargeOutcome", "File too large")]
    [InlineData("blockedFileExtensions", "Object", """["pdf"]""", "exposeInvalidFileExtensionOutcome", "Invalid file extension")]
    [InlineData("allowedMimeTypes", "Object", """["text/plain"]""", "exposeInvalidFileMimeTypeOutcome", "Invalid file MIME type")]
    public void An_outcome_that_is_exposed_is_followed_instead(string input, string syntax, string value, string expose, string outcome)
    {
        var world = new EngineWorld();
        var flow = Flowchart(
            "f", [Endpoint((input, Wrapped(syntax, value)), (expose, true)), Line("refused", "refused"), Line("done", "done")], $"e.{outcome}>refused", "e.Done>done");
        Assert.Empty(world.Read(Definition("drawn", flow)).Warnings);
        var instance = Run(world, (JsonObject)flow.DeepClone());

        world.Signal(Key, Upload("Case.PDF", "application/pdf", 3), correlationId: null, only: instance);

        Assert.Equal(["refused"], world.Printed);
    }

    [Fact]
    public void An_outcome_that_is_not_exposed_is_warned_about()
    {
        var flow = Flowchart("f", [Endpoint(), Line("refused", "refused")], "e.File too large>refused");

        Assert.Contains(new EngineWorld().Read(Definition("drawn", flow)).Warnings, warning => warning is { Code: "outcome-unknown", Activity: "e" });
    }

    [Theory]
    [InlineData("requestTimeout", "Literal", "00:00:05", true)]
    [InlineData("requestTimeout", "Literal", "", false)]
    [InlineData("requestSizeLimit", "Literal", "65537", true)]
    [InlineData("requestSizeLimit", "Literal", "65536", false)]
    [InlineData("fileSizeLimit", "Literal", "46081", true)]
    [InlineData("fileSizeLimit", "Literal", "46080", false)]
    [InlineData("policy", "JavaScript", "'p'", true)]
    [InlineData("policy", "Literal", "", false)]
    public void An_input_that_has_no_effect_is_told(string input, string syntax, string value, bool isTold)
    {
        var warnings = new EngineWorld().Read(Definition("drawn", Endpoint((input, Wrapped(syntax, value))))).Warnings;

        Assert.Equal(isTold ? [($"$.root.{input}", "input-without-effect")] : [], warnings.Select(warning => (warning.Path, warning.Code)));
    }

    [Fact]
    public void A_policy_that_nobody_would_ask_for_is_refused()
    {
        var problem = Assert.Single(new EngineWorld().Publish(Definition("drawn", Endpoint(("policy", Literal("OnlyStaff"))))));

        Assert.Equal(("$.root.policy.expression.value", "policy-unknown", "e"), (problem.Path, problem.Code, problem.Activity));
    }

    [Theory]
    [InlineData("requestTimeout", "Literal", "1 minute", ".value", "literal-unreadable")]
    [InlineData("requestSizeLimit", "Literal", "10 MB", ".value", "literal-unreadable")]
    [InlineData("fileSizeLimit", "JavaScript", "10 MB", ".value", "script-unreadable")]
    [InlineData("allowedFileExtensions", "Object", "[.pdf", ".value", "json-unreadable")]
    [InlineData("policy", "CSharp", "Policies.Staff", ".type", "expression-type-unknown")]
    public void What_was_published_before_an_input_was_looked_at_goes_on_without_it_and_is_not_published_again(string input, string syntax, string value, string at, string code)
    {
        var json = Definition("drawn", Endpoint((input, Wrapped(syntax, value))));

        var problem = Assert.Single(new EngineWorld().Publish(json));
        var reading = new EngineWorld().Read(json);

        Assert.Equal(($"$.root.{input}.expression{at}", code, "e"), (problem.Path, problem.Code, problem.Activity));
        Assert.Empty(reading.Warnings);
        var waiting = Decided(WorkflowEngine.Decide(reading.Definition!, new InstanceState { Id = "i" }, Start(trigger: null), At(1)));
        var taken = Decided(WorkflowEngine.Decide(reading.Definition!, waiting, new InstanceInput.Signal(Key, Upload("Case.PDF", "application/pdf", 3)), At(2)));
        Assert.Equal(InstanceSubStatus.Finished, taken.SubStatus);
    }

    [Fact]
    public void A_request_that_was_kept_for_a_repair_and_is_not_taken_then_does_not_stand_in_its_way()
    {
        var world = new EngineWorld();
        var failing = Endpoint(("requestSizeLimit", Js("if (new Date().getUTCDate() === 2) { throw new Error('synthetic'); } 200")));
        var bounded = Endpoint(("path", Js("'in'")), ("requestSizeLimit", Literal("99")));
        bounded["id"] = "bounded";
        var instance = Run(world, Container("Elsa.Parallel", "both", failing, bounded));
        world.Advance(TimeSpan.FromDays(1));
        world.Signal(Key, Upload("Case.PDF", "application/pdf", 3), correlationId: null, only: instance);
        Assert.Equal(InstanceSubStatus.Faulted, instance.State.SubStatus);
        Assert.Single(instance.State.Deferred);

        world.Advance(TimeSpan.FromDays(1));

        Assert.Null(world.Retry(instance, instance.State.Incidents[0].Id));
        Assert.Equal([Key, Key], instance.State.Bookmarks.Values.Select(bookmark => bookmark.Key));
        Assert.Empty(instance.State.Deferred);
    }

    private static InstanceInput.Start Start(string? trigger) => new(
        "drawn", 1, "hash", new(StringComparer.Ordinal), CorrelationId: null, Trigger: trigger, TriggerPayload: trigger is null ? default : Upload("Case.PDF", "application/pdf", 3));

    private static Moment At(long version) => new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), version);

    private static InstanceState Decided(Decision<InstanceState, InstanceFact, InstanceEffect> decision) =>
        Assert.IsType<Decision<InstanceState, InstanceFact, InstanceEffect>.Accepted>(decision).State;

    private static void AssertRefused(Decision<InstanceState, InstanceFact, InstanceEffect> decision, string code) =>
        Assert.Equal(code, Assert.IsType<Decision<InstanceState, InstanceFact, InstanceEffect>.Refused>(decision).Refusal.Code);

    /// <summary>A form of 100 bytes with a title and a file.</summary>
    private static JsonElement Upload(string filename, string? contentType, int size) => JsonValues.Object(
        ("Method", JsonValues.Of("POST")),
        ("Path", JsonValues.Of("in")),
        ("ContentLength", JsonValues.Of(100)),
        ("Form", JsonValues.Object(("title", JsonValues.Of("Synthetic")))),
        ("Files", JsonValues.Array([HttpFiles.Uploaded("document", filename, contentType, Encoding.UTF8.GetBytes(new string('x', size)))])));

    private static JsonObject Endpoint(params (string Name, JsonNode? Value)[] members) =>
        Activity("Elsa.HttpEndpoint", "e", [("path", Literal("in")), ("supportedMethods", Json("""["POST"]""")), .. members]);
}
