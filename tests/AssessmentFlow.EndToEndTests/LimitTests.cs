using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Beyond each limit of a request the answer is a problem that says the limit; the operations page says the same number.</summary>
public sealed class LimitTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    private const string Assessments = "/api/v1/assessments";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beyond_a_limit_of_a_request_the_problem_says_the_limit()
    {
        var stage = installation.Stage;
        var caseId = await stage.OpenCaseAsync();
        var reviewId = await stage.OpenReviewAsync(caseId);
        var silence = await stage.OpenSilenceAsync(await stage.OpenCaseAsync());
        var task = (string)(await stage.TaskAsync(await stage.OpenCaseAsync()))["id"]!;
        var instance = await stage.StartAsync(Definitions.Waits);
        (string Says, RestRequest Request)[] beyond =
        [
            ("1048576 bytes", Post("/api/v1/workflow-definitions", Definition(1024 * 1024))),
            ("128 levels", Post("/api/v1/workflow-definitions", "{\"a\":" + Nested(128) + "}")),
            ("2097152 bytes", Put($"/api/v1/reviews/{reviewId}/chapter", $"{{\"text\":\"{Long(2 * 1024 * 1024)}\"}}", Stage.ClientOf(reviewId))),
            ("500000 characters", Put($"/api/v1/reviews/{reviewId}/chapter", $"{{\"text\":\"{Long(500_001)}\"}}", Stage.ClientOf(reviewId))),
            ("262144 bytes", Post(Assessments, Case(title: Long(256 * 1024)))),
            ("32 levels", Post("/api/v1/signals", "{\"name\":\"a\",\"payload\":" + Nested(32) + "}")),
            ("1 to 200 printable characters", new RestRequest("GET", $"{Assessments}/{Long(201)}") { Client = Stage.Secretariat }),
            ("1 to 200 printable characters", Post(Assessments, Case()) with { IdempotencyKey = Long(201) }),
            ("1 to 200 items", new RestRequest("GET", $"{Assessments}?limit=201") { Client = Stage.Secretariat }),
            ("1 to 64 letters", Post(Assessments, Case(id: Long(65)))),
            ("1 to 64 letters", Post($"{Assessments}/{caseId}/programmes", $$"""{"id":"{{Long(65)}}","donor":"FR","title":"Synthetic"}""")),
            ("1 to 64 characters", Put($"/api/v1/marking-schemes/{Long(65)}", """{"levels":["A"],"source":null}""")),
            ("1 to 200 characters", Post(Assessments, Case(title: Long(201)))),
            ("1 to 100 characters", Post(Assessments, Case(state: Long(101)))),
            ("1 to 100 characters", Post(Assessments, Case(more: $",\"visitType\":\"{Long(101)}\""))),
            ("1 to 500 characters", Post(Assessments, Case(more: $",\"synthetic\":\"{Long(501)}\""))),
            ("32768 bytes", Post($"{Assessments}/{caseId}/programmes", $$"""{"donor":"FR","title":"{{Long(32 * 1024)}}"}""")),
            ("100 organisations", Put($"{Assessments}/{caseId}/delegation", $$"""{"members":[{{string.Join(',', Enumerable.Range(0, 101).Select(number => $"{{\"agency\":\"A{number}\"}}"))}}]}""")),
            ("1 to 64 characters", Put($"{Assessments}/{caseId}/delegation", $$"""{"members":[{"agency":"{{Long(65)}}"}]}""")),
            ("1 to 200 characters", Put($"{Assessments}/{caseId}/delegation", $$"""{"leader":"{{Long(201)}}","members":[]}""")),
            ("10000 characters", Change("POST", $"{silence}/object", $$"""{"text":"{{Long(10_001)}}"}""", Stage.SeatClient(Stage.Seat))),
            ("3653 days", Post($"{silence}/extend", $$"""{"expiresAt":"{{DateTimeOffset.UtcNow.AddDays(3_655):O}}","reason":"Synthetic"}""")),
            ("1 to 64 letters and digits", Put("/api/v1/regimes/synthetic", $$$$"""{"name":"S","phases":["P"],"workflow":"w","decidingRoster":null,"circulationRoster":null,"source":null,"settings":{"{{{{Long(65)}}}}":{"value":1,"basis":"Synthetic"}}}""")),
            ("1 to 200 characters", Post("/api/v1/signals", $$"""{"name":"{{Long(201)}}"}""")),
            ("1 to 500 characters", Post($"/api/v1/instances/{instance}/cancel", $$"""{"reason":"{{Long(501)}}"}""")),
            ("1 to 1000 characters", Post($"/api/v1/workflow-definitions/{Definitions.Waits}/publish", $$"""{"note":"{{Long(1_001)}}"}""")),
            ("1 to 200 characters", Post($"/api/v1/tasks/{task}/delegate", $$"""{"to":"user:{{Long(200)}}"}""")),
            ("1 to 1000 characters", Post($"/api/v1/tasks/{task}/delegate", $$"""{"to":"secretariat","reason":"{{Long(1_001)}}"}""")),
            ("1 to 10000 characters", Post($"/api/v1/reviews/{reviewId}/return", $$"""{"reason":"{{Long(10_001)}}"}""")),
            ("at most 10000", Post("/api/v1/workflow-definitions", Definition(due: "10001 hours"))),
        ];

        var faults = new List<string>();
        foreach (var (says, request) in beyond)
        {
            var answer = await installation.Api.SendAsync(request, Token);
            if (answer.Status is < HttpStatusCode.BadRequest or >= HttpStatusCode.InternalServerError || !answer.Text.Contains(says, StringComparison.Ordinal))
            {
                faults.Add($"{request.Method} {(request.Path.Length > 80 ? request.Path[..80] : request.Path)} should say '{says}' and is answered {(answer.Text.Length > 300 ? answer.Text[..300] : answer.ToString())}");
            }
        }

        Assert.True(faults.Count is 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task A_task_is_delegated_as_often_as_the_limit_says_and_the_problem_then_says_it()
    {
        var task = (string)(await installation.Stage.TaskAsync(await installation.Stage.OpenCaseAsync()))["id"]!;

        var answers = new List<RestAnswer>();
        for (var i = 0; i <= 20; i++)
        {
            answers.Add(await installation.Api.SendAsync(Post($"/api/v1/tasks/{task}/delegate", """{"to":"secretariat"}"""), Token));
        }

        Assert.All(answers[..20], answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(HttpStatusCode.Conflict, answers[20].Status);
        Assert.Contains("20 times", (string?)answers[20].Json["detail"], StringComparison.Ordinal);
    }

    private static RestRequest Post(string path, string body) => Change("POST", path, body, Stage.Secretariat);

    private static RestRequest Put(string path, string body, string client = Stage.Secretariat) => Change("PUT", path, body, client);

    private static RestRequest Change(string method, string path, string body, string client) =>
        new(method, path) { Client = client, IdempotencyKey = Guid.NewGuid().ToString(), IfMatch = "*", Body = Encoding.UTF8.GetBytes(body) };

    private static string Case(string title = "Synthetic", string state = "Cambodia", string? id = null, string more = "") =>
        $$"""{"title":"{{title}}","state":{"name":"{{state}}","iso2":"KH"},"regime":"unscr-1373"{{(id is null ? "" : $",\"id\":\"{id}\"")}}{{more}}}""";

    private static string Definition(int size = 0, string due = "1 hour") => Definitions.Of(
        "synthetic-limits",
        Definitions.Activity(
            "task",
            "Assessment.HumanTask",
            ("title", "String", "Literal", "T" + Long(size)),
            ("assignedTo", "String", "Literal", "secretariat"),
            ("due", "String", "Literal", due))).ToJsonString();

    private static string Long(int length) => new('x', length);

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
