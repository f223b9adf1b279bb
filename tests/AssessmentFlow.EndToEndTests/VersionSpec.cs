using System.Net;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Nobody overwrites what he has not seen.</summary>
public abstract class VersionSpec(Installation installation)
{
    private static readonly string[] Malformed = ["17", "W/\"1\"", "\"seventeen\"", "\"1\", \"2\"", "\"\"", "\"9223372036854775808\"", "\"-\"", "\""];

    /// <summary>Everything that changes something with a version.</summary>
    public static TheoryData<string> Operations =>
        [.. Edits.ByOperation.Keys, .. Posts.NeedIfMatch.Select(route => $"POST {route}")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_that_asks_for_a_version_is_among_what_is_tried_here()
    {
        var document = await OpenApi.ReadAsync(installation.Api);

        Assert.Equal(
            document.Operations.Where(operation => operation.NeedsIfMatch).Select(operation => operation.ToString()).Order(StringComparer.Ordinal),
            Operations.Select(row => row.Data).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Of_two_writers_with_one_ETag_one_wins_and_the_other_is_told_that_the_version_is_stale(string operation)
    {
        var request = await PrepareAsync(operation);

        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => SendAsNewAsync(request)));

        var won = Assert.Single(answers, answer => answer.Status is HttpStatusCode.OK);
        var lost = Assert.Single(answers, answer => answer != won);
        Assert.True(lost.Status is HttpStatusCode.PreconditionFailed, $"The other was answered {lost}");
        Assert.Equal("urn:assessmentflow:problem:version-stale", (string?)lost.Json["type"]);
        Assert.NotEqual(request.IfMatch, won.ETag);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Without_a_version_or_with_one_that_this_server_never_gave_nothing_is_changed(string operation)
    {
        var request = await PrepareAsync(operation);

        var missing = await SendAsNewAsync(request with { IfMatch = null });

        Assert.True(missing.Status is HttpStatusCode.PreconditionRequired, $"Without If-Match the answer is {missing}");
        Assert.Equal("application/problem+json", missing.ContentType);
        foreach (var header in Malformed)
        {
            var answer = await SendAsNewAsync(request with { IfMatch = header });
            Assert.True(
                answer.Status is HttpStatusCode.PreconditionFailed or HttpStatusCode.BadRequest && answer.ContentType is "application/problem+json",
                $"If-Match: {header} is answered {answer}");
        }

        var done = await SendAsNewAsync(request);
        Assert.True(done.Status is HttpStatusCode.OK, $"With the version as it was, the answer is {done}");
    }

    private async Task<RestRequest> PrepareAsync(string operation)
    {
        if (Edits.ByOperation.TryGetValue(operation, out var edit))
        {
            return await edit(installation.Stage);
        }

        var request = await Posts.ByRoute[operation["POST ".Length..]].Prepare(installation.Stage);
        return request with { IfMatch = await installation.Stage.EtagAsync(Posts.Versioned(request.Path)) };
    }

    private Task<RestAnswer> SendAsNewAsync(RestRequest request) =>
        installation.Api.SendAsync(request with { IdempotencyKey = Guid.NewGuid().ToString() }, Token);
}

public sealed class VersionsOnSqlite(SqliteInstallation installation) : VersionSpec(installation), IClassFixture<SqliteInstallation>;

public sealed class VersionsOnPostgres(PostgresInstallation installation) : VersionSpec(installation), IClassFixture<PostgresInstallation>;
