using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What the OpenAPI document says of answers is what the server answers.</summary>
public sealed class AnswerFormTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    /// <summary>What this operation gives is Elsa's: it is as it was imported.</summary>
    private const string Definition = "GET /api/v1/workflow-definitions/{definitionId}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_has_a_form_down_to_the_items_of_lists()
    {
        var document = await OpenApi.ReadAsync(installation.Api);

        Assert.All(document.Operations, operation =>
        {
            var form = SchemaCheck.Resolve(document.Json, Success(operation).Schema);
            var items = form["properties"]?["items"]?["items"];
            Assert.True(form["properties"] is not null || operation.ToString() is Definition, $"{operation} says nothing of the members of its answer.");
            Assert.True(
                form["properties"]?["items"] is null || (items is not null && SchemaCheck.Resolve(document.Json, items)["properties"] is not null),
                $"{operation} says nothing of the members of its items.");
        });
    }

    [Fact]
    public async Task Every_answer_is_of_the_form_that_is_described_and_has_the_headers_that_are_described()
    {
        var document = await OpenApi.ReadAsync(installation.Api);
        var sound = await SoundRequests.PrepareAsync(installation);
        var faults = new List<string>();

        foreach (var (operation, request) in sound.All)
        {
            var answer = await installation.Api.SendAsync(request, Token);
            var (status, schema, headers) = Success(operation);
            if (((int)answer.Status).ToString(CultureInfo.InvariantCulture) != status)
            {
                faults.Add($"{operation} is answered {answer.Status}: {answer.Text}");
                continue;
            }

            faults.AddRange(SchemaCheck.Faults(document.Json, schema, JsonElement.Parse(answer.Text)).Select(fault => $"{operation}: {fault}"));
            if ((answer.ETag is not null) != headers.Contains("ETag", StringComparer.Ordinal))
            {
                faults.Add($"{operation} {(answer.ETag is null ? "has no ETag, which is" : "has an ETag, which is not")} described");
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task Every_problem_is_of_the_form_that_is_described()
    {
        var document = await OpenApi.ReadAsync(installation.Api);
        var schema = document.Json["components"]!["schemas"]!["Problem"]!;
        RestRequest[] requests =
        [
            new("GET", "/api/v1/assessments"),
            new("GET", "/api/v1/assessments/none") { Client = Stage.Secretariat },
            new("GET", "/api/v1/assessments?limit=x") { Client = Stage.Secretariat },
            new("POST", "/api/v1/assessments") { Client = Stage.Secretariat, IdempotencyKey = "p", Body = "{}"u8.ToArray() },
            new("PUT", "/api/v1/calendars/KH-2008") { Client = Stage.Secretariat, Body = "{}"u8.ToArray() },
            new("PATCH", "/api/v1/assessments") { Client = Stage.Secretariat },
        ];

        foreach (var request in requests)
        {
            var answer = await installation.Api.SendAsync(request, Token);
            Assert.True(answer.Status >= HttpStatusCode.BadRequest, $"{request} is answered {answer.Status}.");
            Assert.Empty(SchemaCheck.Faults(document.Json, schema, JsonElement.Parse(answer.Text)));
        }

        var required = schema["required"]!.AsArray().Select(name => (string?)name).ToList();
        Assert.Equal(["detail", "instance", "status", "title", "type"], required.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Problems_that_pass_say_when_to_come_again_and_refused_keys_what_is_asked_for()
    {
        var document = await OpenApi.ReadAsync(installation.Api);

        Assert.All(document.Operations, operation =>
        {
            Assert.Contains("Retry-After", HeadersOf(operation, "503"));
            Assert.Contains("WWW-Authenticate", HeadersOf(operation, "401"));
            if (operation.Method is not "GET")
            {
                Assert.Contains("Retry-After", HeadersOf(operation, "429"));
            }
        });
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        var document = await OpenApi.ReadAsync(installation.Api);
        var operation = document.Operations.Single(each => each.ToString() is "GET /api/v1/calendars/{id}");
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(installation.Server.Address, "/api/v1/calendars/KH-2008"));
        var first = await installation.Api.SendAsync(new RestRequest("GET", "/api/v1/calendars/KH-2008") { Client = Stage.Secretariat }, Token);
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {installation.Api.Keys[Stage.Secretariat]}");
        request.Headers.TryAddWithoutValidation("If-None-Match", first.ETag);

        using var again = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.NotNull(operation.Json["responses"]!["304"]);
        Assert.Contains(operation.Parameters("header"), header => (string?)header["name"] is "If-None-Match");
    }

    private static (string Status, JsonNode Schema, IReadOnlyList<string> Headers) Success(ApiOperation operation)
    {
        var (status, answer) = operation.Json["responses"]!.AsObject().Single(answer => answer.Key[0] is '2');
        var schema = answer!["content"]?["application/json"]?["schema"];
        Assert.True(schema is not null, $"{operation} says nothing of the form of its answer {status}.");
        return (status, schema, HeadersOf(operation, status));
    }

    private static List<string> HeadersOf(ApiOperation operation, string status) =>
        [.. (operation.Json["responses"]![status]!["headers"]?.AsObject() ?? []).Select(header => header.Key)];
}
