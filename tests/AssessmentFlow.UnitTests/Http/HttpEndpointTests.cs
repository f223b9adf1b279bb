using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Http;

/// <summary>HTTP requests that start or resume workflows, and what they are answered.</summary>
public sealed class HttpEndpointTests
{
    private static readonly JsonElement Request = JsonValues.Object(
        ("Method", JsonValues.Of("POST")),
        ("Headers", JsonValues.Object(("Content-Type", JsonValues.Of("application/json; charset=utf-8")))),
        ("QueryString", JsonValues.Object(("q", JsonValues.Of("7")))),
        ("Content", JsonValues.Of("""{"n":5}""")));

    [Fact]
    public void Inside_a_workflow_it_waits_for_each_of_its_methods_and_goes_on_with_the_first_request()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Sequence("s", Endpoint("e", "/Orders/Received/", "POST", "PUT", ("parsedContent", Into("C")), ("queryStringData", Into("Q"))), LineJs("p", "getC().n + ' ' + getQ().q")),
            ("variables", new JsonArray(Variable("C"), Variable("Q"))));

        Assert.Equal(["http POST /orders/received", "http PUT /orders/received"], instance.State.Bookmarks.Values.Select(bookmark => bookmark.Key));
        world.Signal(HttpRoutes.KeyOf("PUT", "orders/received", isAuthorized: true), Request, correlationId: null, only: instance);

        Assert.Equal(["5 7"], world.Printed);
        Assert.Empty(instance.State.Bookmarks);
    }

    [Fact]
    public void As_a_trigger_it_starts_the_workflow_by_each_of_its_methods_with_the_request_as_result()
    {
        var world = new EngineWorld();
        Assert.Empty(world.Publish(Definition("drawn", Sequence("s", Starting(Endpoint("e", "in", "POST", "PUT")), LineJs("p", "getResultFromE().QueryString.q")))));

        world.Signal(HttpRoutes.KeyOf("PUT", "in", isAuthorized: true), Request, correlationId: null, only: null);

        Assert.Single(world.Instances);
        Assert.Equal(["7"], world.Printed);
    }

    [Fact]
    public void Who_has_no_key_cannot_find_an_endpoint_that_needs_one()
    {
        var open = Endpoint("e", "in", "GET", "GET", ("authorize", Literal("False")));

        Assert.Equal("http-open GET /in", Assert.Single(Run(new EngineWorld(), open).State.Bookmarks.Values).Key);
    }

    [Theory]
    [InlineData("Literal", "")]
    [InlineData("Literal", " ")]
    [InlineData("Literal", null)]
    [InlineData("JavaScript", "null")]
    public void An_endpoint_is_open_only_to_who_says_so(string type, string? authorize)
    {
        var endpoint = Endpoint("e", "in", "GET", "GET", ("authorize", Wrapped(type, authorize)));

        Assert.Equal("http GET /in", Assert.Single(Run(new EngineWorld(), endpoint).State.Bookmarks.Values).Key);
    }

    [Fact]
    public void What_the_request_is_answered_is_a_fact_of_the_turn()
    {
        var world = new EngineWorld();
        var instance = Run(world, Activity(
            "Elsa.WriteHttpResponse",
            "a",
            ("statusCode", Literal("Created")),
            ("content", Js("({ id: 7 })")),
            ("responseHeaders", Literal("""{"X-One":"1"}"""))));

        var answered = Assert.Single(instance.Facts.OfType<InstanceFact.HttpAnswered>());
        Assert.Equal((201, """{"id":7}""", "application/json"), (answered.StatusCode, answered.Body, answered.ContentType));
        Assert.Equal("1", answered.Headers!["X-One"].Single());
    }

    [Theory]
    [InlineData("Teapot")]
    [InlineData("99")]
    [InlineData("101")]
    public void A_status_code_that_is_none_is_an_incident(string status) => Assert.Equal(
        "status-code-malformed", Assert.Single(Run(new EngineWorld(), Activity("Elsa.WriteHttpResponse", "a", ("statusCode", Literal(status)))).State.Incidents).Code);

    [Theory]
    [InlineData("responseHeaders", """{"X-Title":"Über"}""")]
    [InlineData("responseHeaders", """{"X-Title":["a","Über"]}""")]
    [InlineData("contentType", "text/plain; title=Über")]
    public void A_letter_that_no_header_can_carry_is_an_incident_before_anything_is_answered(string input, string text)
    {
        var instance = Run(new EngineWorld(), Activity("Elsa.WriteHttpResponse", "a", ("content", Literal("hi")), (input, Literal(text))));

        Assert.Equal("http-header-malformed", Assert.Single(instance.State.Incidents).Code);
        Assert.Empty(instance.Facts.OfType<InstanceFact.HttpAnswered>());
    }

    [Fact]
    public void Two_endpoints_with_the_same_path_and_method_are_refused()
    {
        var problem = Assert.Single(Problems(Sequence("s", Endpoint("one", "in", "GET", "POST"), Endpoint("two", "/IN/", "POST", "PUT"))));

        Assert.Equal(("$.root.activities[1].path.expression.value", "http-path-repeated", "two"), (problem.Path, problem.Code, problem.Activity));
        Assert.Contains("'one' takes POST /in", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_endpoints_that_differ_in_the_names_of_placeholders_only_take_the_same_requests_and_are_refused() =>
        Assert.Equal("http-path-repeated", Assert.Single(Problems(Sequence("s", Endpoint("one", "in/{a}", "GET", "POST"), Endpoint("two", "in/{b}", "POST", "PUT")))).Code);

    [Fact]
    public void Endpoints_that_differ_in_path_or_method_are_sound() =>
        Assert.Empty(Problems(Sequence("s", Endpoint("one", "in", "GET", "POST"), Endpoint("two", "in", "PUT", "DELETE"), Endpoint("three", "in/deeper", "GET", "POST"), Endpoint("four", "in/{name}", "GET", "POST"))));

    [Fact]
    public void The_requests_that_start_a_workflow_are_known_with_their_endpoints_whether_or_not_a_key_is_needed()
    {
        var open = Starting(Endpoint("one", "/In here/", "post", "PUT", ("authorize", Literal("False"))));
        var definition = new EngineWorld().Read(Definition("drawn", Sequence("s", open, Endpoint("two", "waits", "GET", "GET"), Starting(Event("e", "E"))))).Definition!;

        var routes = StartRoutes.Of(definition, DateTimeOffset.UnixEpoch);

        Assert.Equal(
            [("POST", "in here", "$.root.activities[0].path.expression.value", "one"), ("PUT", "in here", "$.root.activities[0].path.expression.value", "one")],
            routes.Select(route => (route.Method, route.Path, route.At, route.Activity)));
        Assert.Equal(["http-open POST /in here", "http POST /in here"], routes[0].Keys);
    }

    [Theory]
    [InlineData("{id}", "GET", "http-path-malformed")]
    [InlineData("orders/{id:int}", "GET", "http-path-malformed")]
    [InlineData("orders/{id?}", "GET", "http-path-malformed")]
    [InlineData("orders/{*rest}", "GET", "http-path-malformed")]
    [InlineData("orders/a{id}", "GET", "http-path-malformed")]
    [InlineData("orders/{}", "GET", "http-path-malformed")]
    [InlineData("orders/{1a}", "GET", "http-path-malformed")]
    [InlineData("orders/{a}/{b}/{c}", "GET", "http-path-malformed")]
    [InlineData("orders/{a}/{A}", "GET", "http-path-malformed")]
    [InlineData("1/2/3/4/5/6/7/8/{a}", "GET", "http-path-malformed")]
    [InlineData("orders?x=1", "GET", "http-path-malformed")]
    [InlineData("orders", "FETCH", "http-method-unknown")]
    public void A_path_or_method_that_cannot_be_served_is_an_incident(string path, string method, string code) => Assert.Equal(
        code,
        Assert.Single(Run(new EngineWorld(), Endpoint("e", path, method, method, ("path", Js($"'{path}'")), ("supportedMethods", Js($"['{method}']")))).State.Incidents).Code);

    [Theory]
    [InlineData("orders/{id", "GET", "path.expression.value", "http-path-malformed")]
    [InlineData("orders?x=1", "GET", "path.expression.value", "http-path-malformed")]
    [InlineData("/", "GET", "path.expression.value", "http-path-malformed")]
    [InlineData("orders", "FETCH", "supportedMethods.expression.value", "http-method-unknown")]
    public void A_fixed_path_or_method_that_cannot_be_served_is_refused_wherever_the_endpoint_stands(string path, string method, string place, string code)
    {
        Assert.All([Endpoint("e", path, "GET", method), Starting(Endpoint("e", path, "GET", method))], endpoint =>
        {
            var problem = Assert.Single(Problems(endpoint));
            Assert.Equal(($"$.root.{place}", code, "e"), (problem.Path, problem.Code, problem.Activity));
        });
    }

    private static IReadOnlyList<DefinitionProblem> Problems(JsonObject root) => new EngineWorld().Publish(Definition("drawn", root));

    private static JsonObject Endpoint(string id, string path, string method, string other, params (string Name, JsonNode? Value)[] members) =>
        Activity("Elsa.HttpEndpoint", id, [("path", Literal(path)), ("supportedMethods", Json($"""["{method}","{other}"]""")), .. members]);
}
