using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using static AssessmentFlow.EndToEndTests.Support.HttpWorkflows;

namespace AssessmentFlow.EndToEndTests;

/// <summary>HTTP requests start workflows and resume them, and are answered by what the workflow says.</summary>
public sealed class WorkflowEndpointTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    private readonly Triggered _triggered = new(installation);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_starts_a_workflow_and_is_answered_by_it_the_same_at_every_repeat_also_after_a_kill()
    {
        var path = Triggered.Unique("start");
        var id = await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("answers"), Starts(path), Answer("201", "({ received: getParsedContentFromIn().n })")));
        var request = Request("POST", path).WithJson(new JsonObject { ["n"] = 7 });

        var first = await installation.Api.SendAsync(request, Token);
        await installation.Server.KillAsync();
        await installation.Server.StartAgainAsync();
        var again = await installation.Api.SendAsync(request, Token);
        var other = await installation.Api.SendAsync(request.WithJson(new JsonObject { ["n"] = 8 }), Token);

        Assert.Equal((HttpStatusCode.Created, """{"received":7}""", "application/json"), (first.Status, Encoding.UTF8.GetString(first.Body), first.ContentType));
        Assert.Equal(first.Status, again.Status);
        Assert.Equal(first.Body, again.Body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Single(await _triggered.InstancesAsync(id));
    }

    [Fact]
    public async Task An_endpoint_needs_a_key_unless_its_author_says_otherwise()
    {
        var (closed, open) = (Triggered.Unique("closed"), Triggered.Unique("open"));
        await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("closed"), Starts(closed), Answer("200", "'closed'")));
        await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("open"), Starts(open, ("authorize", "Boolean", "Literal", "False")), Answer("200", "'open'")));

        Assert.Equal(HttpStatusCode.Unauthorized, (await installation.Api.SendAsync(Request("POST", closed) with { Client = null }, Token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await installation.Api.SendAsync(Request("POST", closed), Token)).Status);
        Assert.Equal("open", Encoding.UTF8.GetString((await installation.Api.SendAsync(Request("POST", open) with { Client = null }, Token)).Body));
    }

    [Fact]
    public async Task A_request_resumes_the_one_instance_that_waits_for_it()
    {
        var (start, go) = (Triggered.Unique("start"), Triggered.Unique("go"));
        await _triggered.PublishAsync(Definitions.Of(
            Triggered.Unique("waits"), Starts(start), Endpoint("wait", go), Answer("200", "getResultFromWait().QueryString.x")));

        var early = await installation.Api.SendAsync(Request("POST", go), Token);
        var begun = await installation.Api.SendAsync(Request("POST", start), Token);
        var second = await installation.Api.SendAsync(Request("POST", start), Token);
        var ambiguous = await installation.Api.SendAsync(Request("POST", go), Token);
        var wrong = await installation.Api.SendAsync(Request("GET", go), Token);
        var resume = Request("POST", $"{go}?x=seven&workflowInstanceId={begun.Json["workflowInstanceId"]}");
        var meant = await installation.Api.SendAsync(resume, Token);
        var repeated = await installation.Api.SendAsync(resume, Token);
        var rest = await installation.Api.SendAsync(Request("POST", $"{go}?x=eight"), Token);
        var late = await installation.Api.SendAsync(Request("POST", go), Token);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Accepted, HttpStatusCode.Accepted), (early.Status, begun.Status, second.Status));
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.NotFound), (ambiguous.Status, wrong.Status));
        Assert.Equal(("seven", "eight"), (Encoding.UTF8.GetString(meant.Body), Encoding.UTF8.GetString(rest.Body)));
        Assert.Equal(meant.Body, repeated.Body);
        Assert.Equal(HttpStatusCode.NotFound, late.Status);
    }

    [Theory]
    [InlineData("204")]
    [InlineData("205")]
    [InlineData("304")]
    public async Task A_status_that_has_no_body_is_answered_without_the_content_that_its_author_wrote(string status)
    {
        var path = Triggered.Unique("bare");
        await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("bare"), Starts(path), Answer(status, "({ n: 7 })")));
        var request = Request("POST", path);

        var answers = new[] { await installation.Api.SendAsync(request, Token), await installation.Api.SendAsync(request, Token) };

        Assert.All(answers, answer => Assert.Equal((status, null, 0), ($"{(int)answer.Status}", answer.ContentType, answer.Body.Length)));
    }

    [Fact]
    public async Task A_case_that_no_case_can_be_called_is_refused_and_starts_nothing()
    {
        var path = Triggered.Unique("case");
        var id = await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("case"), Starts(path)));

        var refused = new List<RestAnswer>();
        foreach (var correlationId in new[] { new string('x', 201), "a%01b" })
        {
            refused.Add(await installation.Api.SendAsync(Request("POST", $"{path}?correlationId={correlationId}"), Token));
        }

        Assert.All(refused, answer => Assert.Equal((HttpStatusCode.BadRequest, "key-malformed"), (answer.Status, CodeOf(answer))));
        Assert.Empty(await _triggered.InstancesAsync(id));
        Assert.Equal(HttpStatusCode.Accepted, (await installation.Api.SendAsync(Request("POST", $"{path}?correlationId={new string('x', 200)}"), Token)).Status);
    }

    [Fact]
    public async Task A_file_is_answered_with_name_type_and_tag_the_same_at_every_repeat_and_in_parts()
    {
        var path = Triggered.Unique("file");
        await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("file"), Starts(path, ("supportedMethods", "List<String>", "Object", """["GET"]""")), Definitions.Activity(
            "answer",
            "Elsa.WriteFileHttpResponse",
            ("content", "Object", "JavaScript", "({ Filename: 'case.pdf', Content: 'AP+AQQ==' })"),
            ("enableResumableDownloads", "Boolean", "Literal", "True"))));
        var request = Request("GET", path);

        var first = await installation.Api.SendAsync(request, Token);
        await installation.Server.KillAsync();
        await installation.Server.StartAgainAsync();
        var again = await installation.Api.SendAsync(request, Token);
        var part = await installation.Api.SendAsync(request with { Range = "bytes=2-" }, Token);

        Assert.Equal((HttpStatusCode.OK, "application/pdf", "AP+AQQ=="), (first.Status, first.ContentType, Convert.ToBase64String(first.Body)));
        Assert.Equal("attachment; filename=\"case.pdf\"; filename*=UTF-8''case.pdf", first.ContentDisposition);
        Assert.NotNull(first.ETag);
        Assert.Equal((first.Status, first.ETag, first.ContentDisposition), (again.Status, again.ETag, again.ContentDisposition));
        Assert.Equal(first.Body, again.Body);
        Assert.Equal((HttpStatusCode.PartialContent, first.ETag, first.ContentDisposition), (part.Status, part.ETag, part.ContentDisposition));
        Assert.Equal(first.Body[2..], part.Body);
    }

    [Fact]
    public async Task Neither_a_key_nor_more_than_a_workflow_can_take_reaches_the_journal()
    {
        var path = Triggered.Unique("secret");
        var id = await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("secret"), Starts(path)));

        await installation.Api.SendAsync(Request("POST", path), Token);
        var large = await installation.Api.SendAsync(Request("POST", path) with { Body = new byte[70_000] }, Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.Status);
        var instance = Assert.Single(await _triggered.InstancesAsync(id));
        var journal = await installation.Api.ListAsync("auditor", $"/api/v1/instances/{instance["id"]}/journal", Token, next: "after");
        Assert.All(journal, turn => Assert.DoesNotContain(installation.Api.Keys[Stage.Secretariat], turn.ToJsonString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("True")]
    [InlineData("False")]
    public async Task A_workflow_that_would_start_by_the_requests_of_another_one_in_force_is_not_published(string authorize)
    {
        var path = Triggered.Unique("taken");
        var (first, second) = (Triggered.Unique("first"), Triggered.Unique("second"));
        await _triggered.PublishAsync(Definitions.Of(first, Starts(path)));
        await installation.Stage.ImportAsync(Definitions.Of(second, Starts($"/{path.ToUpperInvariant()}/", ("authorize", "Boolean", "Literal", authorize))));

        var refused = await PublishAsync(second);
        await _triggered.PublishAsync(Definitions.Of(first, Starts(path), Answer("200", "'again'")));
        await _triggered.StopAsync(first);
        var free = await PublishAsync(second);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.OK), (refused.Status, free.Status));
        var problem = Assert.Single(refused.Json["errors"]!.AsArray())!;
        Assert.Equal(("$.root.activities[0].path.expression.value", "http-path-taken", "in"), ((string?)problem["pointer"], (string?)problem["code"], (string?)problem["activity"]));
        Assert.Contains($"'{first}'", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_that_waits_inside_for_the_requests_of_another_one_is_published()
    {
        var path = Triggered.Unique("shared");
        await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("first"), Starts(path)));

        Assert.NotNull(await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("second"), Endpoint("wait", path))));
    }

    private Task<RestAnswer> PublishAsync(string definitionId) => installation.Api.SendAsync(
        new RestRequest("POST", $"/api/v1/workflow-definitions/{definitionId}/publish") { Client = Stage.Secretariat, IfMatch = "*", IdempotencyKey = Guid.NewGuid().ToString() }
            .WithJson(new JsonObject { ["note"] = "Synthetic." }),
        Token);
}
