using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using static AssessmentFlow.EndToEndTests.Support.HttpWorkflows;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Requests with placeholders in the path, forms and files reach workflows, and those that an endpoint does not take reach none.</summary>
public sealed class WorkflowEndpointFormTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    private readonly Triggered _triggered = new(installation);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_most_exact_path_takes_a_request_and_placeholders_keep_what_was_asked_for()
    {
        var path = Triggered.Unique("cases");
        await PublishAsync(Starts($"{path}/{{id}}"), Answer("200", "'any ' + getRouteDataFromIn().id"));
        await PublishAsync(Starts($"{path}/New"), Answer("200", "'new'"));
        await PublishAsync(Starts($"{path}/{{id}}/items/{{no}}"), Answer("200", "getRouteDataFromIn().id + ' ' + getRouteDataFromIn().no + ' ' + getResultFromIn().Path.slice(-8)"));

        Assert.Equal("any AB-7 ä", (await SendAsync($"{path}/AB-7%20%C3%A4")).Text);
        Assert.Equal("new", (await SendAsync($"{path}/new")).Text);
        Assert.Equal("AB 3x Items/3x", (await SendAsync($"{path}/AB/Items/3x")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync($"{path}/AB/other/3")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(path)).Status);
    }

    [Fact]
    public async Task Fields_and_files_of_a_form_reach_the_workflow_and_a_file_goes_back_as_it_came()
    {
        var path = Triggered.Unique("upload");
        await PublishAsync(Starts(path), Definitions.Activity(
            "answer",
            "Elsa.WriteFileHttpResponse",
            ("content", "Object", "JavaScript", "getFileFromIn()"),
            ("filename", "String", "JavaScript", "getParsedContentFromIn().title + getParsedContentFromIn().tag.length + '.pdf'")));

        var answer = await SendAsync(path, Form([0x00, 0xff, 0x80], "application/pdf"));

        Assert.Equal((HttpStatusCode.OK, "application/pdf", "AP+A"), (answer.Status, answer.ContentType, Convert.ToBase64String(answer.Body)));
        Assert.Contains("filename=\"Synthetic2.pdf\"", answer.ContentDisposition, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_of_a_form_without_files_are_values_too()
    {
        var path = Triggered.Unique("fields");
        await PublishAsync(Starts(path), Answer("200", "getParsedContentFromIn()['first name'] + '|' + getResultFromIn().Content"));

        var answer = await SendAsync(path, request => request with { Body = "first+name=A%26B"u8.ToArray(), ContentType = "application/x-www-form-urlencoded" });

        Assert.Equal("A&B|first+name=A%26B", answer.Text);
    }

    [Fact]
    public async Task What_an_endpoint_does_not_take_starts_nothing_and_resumes_nothing()
    {
        var path = Triggered.Unique("bounded");
        var id = await PublishAsync(
            Starts(path, ("requestSizeLimit", "Int64", "Literal", "2000"), ("allowedFileExtensions", "List<String>", "Object", """[".pdf"]"""), ("allowedMimeTypes", "List<String>", "Object", """["application/pdf"]""")));

        var large = await SendAsync(path, Form(new byte[3_000], "application/pdf"));
        var other = await SendAsync(path, Form([1], "text/plain"));
        var huge = await SendAsync(path, Form(new byte[50_000], "application/pdf"));
        var broken = await SendAsync(path, request => request with { Body = "--nothing"u8.ToArray(), ContentType = "multipart/form-data; boundary=x" });
        var nul = await SendAsync(path, request => request with { Body = "a=%00"u8.ToArray(), ContentType = "application/x-www-form-urlencoded" });
        var hidden = await SendAsync(path, Form([1], "application/pdf", title: "a\0b"));

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "request-too-large"), (large.Status, CodeOf(large)));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "file-type-refused"), (other.Status, CodeOf(other)));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "body-too-large"), (huge.Status, CodeOf(huge)));
        Assert.Equal((HttpStatusCode.BadRequest, "form-malformed"), (broken.Status, CodeOf(broken)));
        Assert.Equal((HttpStatusCode.BadRequest, "form-malformed"), (nul.Status, CodeOf(nul)));
        Assert.Equal((HttpStatusCode.BadRequest, "text-malformed"), (hidden.Status, CodeOf(hidden)));
        Assert.Empty(await _triggered.InstancesAsync(id));
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(path, Form([1], "application/pdf"))).Status);
    }

    private static Func<RestRequest, RestRequest> Form(byte[] file, string contentType, string title = "Synthetic")
    {
        const string Boundary = "synthetic-boundary";
        var head = $"""
            --{Boundary}
            Content-Disposition: form-data; name="title"

            {title}
            --{Boundary}
            Content-Disposition: form-data; name="tag"

            one
            --{Boundary}
            Content-Disposition: form-data; name="tag"

            two
            --{Boundary}
            Content-Disposition: form-data; name="document"; filename="case.pdf"
            Content-Type: {contentType}


            """.ReplaceLineEndings("\r\n");
        byte[] body = [.. Encoding.UTF8.GetBytes(head), .. file, .. Encoding.UTF8.GetBytes($"\r\n--{Boundary}--\r\n")];
        return request => request with { Body = body, ContentType = $"multipart/form-data; boundary={Boundary}" };
    }

    private Task<RestAnswer> SendAsync(string path, Func<RestRequest, RestRequest>? with = null)
    {
        var request = Request("POST", path);
        return installation.Api.SendAsync(with?.Invoke(request) ?? request, Token);
    }

    private Task<string> PublishAsync(params JsonObject[] steps) => _triggered.PublishAsync(Definitions.Of(Triggered.Unique("form"), steps));
}
