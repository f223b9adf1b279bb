using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>A request sent again under its Idempotency-Key is answered again and done once.</summary>
public abstract class RepeatedRequestSpec(Installation installation)
{
    private const int AtOnce = 3;

    public static TheoryData<string> Routes => [.. Posts.ByRoute.Keys];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_post_is_among_those_that_are_repeated_here()
    {
        var document = await OpenApi.ReadAsync(installation.Api);

        Assert.Equal(document.Operations.Where(operation => operation.Method is "POST").Select(operation => operation.Path).Order(StringComparer.Ordinal), Posts.ByRoute.Keys);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task The_same_post_three_times_at_once_has_one_effect_and_one_answer_and_the_key_takes_no_other_body(string route)
    {
        var post = Posts.ByRoute[route];
        var request = await post.Prepare(installation.Stage);
        var before = await ChangesAsync(request);

        var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => installation.Api.SendAsync(request, Token)));

        Assert.True(answers[0].Status is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted, answers[0].ToString());
        Assert.All(answers, answer => AssertSame(answers[0], answer));
        AssertSame(answers[0], await installation.Api.SendAsync(request, Token));
        var done = await ChangesAsync(request);
        Assert.Equal(before + 1, done);

        var other = await installation.Api.SendAsync(request.WithJson(post.OtherBody ?? new JsonObject { ["unexpected"] = true }), Token);

        var (status, problem) = post.OtherBody is null ? (HttpStatusCode.BadRequest, "body-unexpected") : (HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        Assert.True(other.Status == status, $"The key with another body was answered {other}");
        Assert.Equal($"urn:assessmentflow:problem:{problem}", (string?)other.Json["type"]);
        Assert.Equal(done, await ChangesAsync(request));
        AssertSame(answers[0], await installation.Api.SendAsync(request, Token));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_post_without_a_key_or_with_an_unprintable_or_endless_one_is_refused(string route)
    {
        var request = await Posts.ByRoute[route].Prepare(installation.Stage);
        var before = await ChangesAsync(request);

        foreach (var key in new[] { null, "", "a\tb", new string('k', 201) })
        {
            var answer = await installation.Api.SendAsync(request with { IdempotencyKey = key }, Token);
            Assert.True(answer.Status is HttpStatusCode.BadRequest, $"The key '{key}' was answered {answer}");
        }

        Assert.Equal(before, await ChangesAsync(request));
    }

    /// <summary>What a request can change: turns under its key, or the number of changes of its workflow.</summary>
    private async Task<long> ChangesAsync(RestRequest request)
    {
        if (!request.Path.StartsWith("/api/v1/workflow-definitions", StringComparison.Ordinal))
        {
            var input = $"api/{request.Client}/{request.IdempotencyKey}";
            return (await TurnChain.ReadAsync(installation)).Turns.Count(turn => turn.InputId == input);
        }

        var id = request.Path.EndsWith("/publish", StringComparison.Ordinal)
            ? request.Path.Split('/')[^2]
            : (string)System.Text.Json.Nodes.JsonNode.Parse(request.Body)!["definitionId"]!;
        var answer = await installation.Api.SendAsync(new RestRequest("GET", $"/api/v1/workflow-definitions/{id}/versions") { Client = "auditor" }, Token);
        return answer.Status is HttpStatusCode.NotFound ? 0 : (long)answer.Json["version"]!;
    }

    private static void AssertSame(RestAnswer expected, RestAnswer actual)
    {
        Assert.Equal((expected.Status, expected.ETag, expected.Location, expected.ContentType), (actual.Status, actual.ETag, actual.Location, actual.ContentType));
        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(Encoding.UTF8.GetByteCount(expected.Text), actual.Body.Length);
    }
}

public sealed class RepeatedRequestsOnSqlite(SqliteInstallation installation) : RepeatedRequestSpec(installation), IClassFixture<SqliteInstallation>;

public sealed class RepeatedRequestsOnPostgres(PostgresInstallation installation) : RepeatedRequestSpec(installation), IClassFixture<PostgresInstallation>;
