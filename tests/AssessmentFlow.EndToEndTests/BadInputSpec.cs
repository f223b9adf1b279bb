using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>
/// Whatever is sent to whatever route by whomever: the server never fails, every refusal is a problem document that
/// says what is wrong, and what was refused was not written.
/// </summary>
public abstract partial class BadInputSpec(Installation installation)
{
    private const int AtOnce = 8;
    private const int FaultsShown = 25;

    private static readonly string[] OtherClients =
        [Stage.MissionLeader, "agency-iom", "agency-adb", "state-kh", Stage.SeatClient(Stage.Seat), "operator", "auditor"];

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECTED"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bodies_that_are_no_sound_object_are_refused_and_nothing_is_written()
    {
        var sound = await SoundRequests.PrepareAsync(installation);

        await SendAllAsync(
            from pair in sound.All
            where pair.Operation.TakesBody
            from junk in Junk.Bodies()
            select pair.Request with { Body = junk.Body, ContentType = junk.ContentType });
    }

    [Fact]
    public async Task Bodies_with_one_unsound_member_never_make_the_server_fail()
    {
        var sound = await SoundRequests.PrepareAsync(installation);

        await SendAllAsync(
            from pair in sound.All
            where pair.Request.Body is not null
            from junk in Junk.Spoilt(JsonNode.Parse(pair.Request.Body)!.AsObject())
            select pair.Request with { Body = junk });
    }

    [Fact]
    public async Task Strange_ids_in_paths_never_make_the_server_fail()
    {
        var sound = await SoundRequests.PrepareAsync(installation);

        await SendAllAsync(
            from pair in sound.All
            from path in Strange(pair.Operation.Path, pair.Request.Path)
            select pair.Request with { Path = path });
    }

    [Fact]
    public async Task Strange_queries_never_make_the_server_fail()
    {
        var sound = await SoundRequests.PrepareAsync(installation);

        await SendAllAsync(
            from pair in sound.All
            from parameter in pair.Operation.Parameters("query").Select(parameter => (string)parameter["name"]!).Append("unknown")
            from value in Junk.Values
            from query in new[] { $"{parameter}={value}", $"{parameter}={value}&{parameter}={value}" }
            select pair.Request with { Path = $"{pair.Request.Path}?{query}" });
    }

    [Fact]
    public async Task Junk_of_clients_of_every_other_kind_is_refused_like_that_of_the_secretariat()
    {
        var sound = await SoundRequests.PrepareAsync(installation);
        var bodies = Junk.Bodies().Where((_, index) => index % 5 is 0).ToList();

        await SendAllAsync(
            from pair in sound.All
            from client in OtherClients
            from junk in pair.Operation.TakesBody ? bodies : [([], "application/json")]
            select pair.Request with { Client = client, Body = junk.Body.Length > 0 ? junk.Body : null, ContentType = junk.ContentType });
    }

    [Fact]
    public async Task Without_a_key_everything_is_refused_before_it_is_read()
    {
        var sound = await SoundRequests.PrepareAsync(installation);
        var bodies = Junk.Bodies().Where((_, index) => index % 5 is 0).ToList();

        var answers = await SendAllAsync(
            from pair in sound.All
            from junk in pair.Operation.TakesBody ? bodies.Append((pair.Request.Body ?? [], "application/json")) : [([], "application/json")]
            select pair.Request with { Client = null, Body = junk.Item1.Length > 0 ? junk.Item1 : null, ContentType = junk.Item2 });

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
    }

    [Fact]
    public async Task Methods_that_a_route_does_not_take_and_paths_that_are_none_are_refused()
    {
        var sound = await SoundRequests.PrepareAsync(installation);

        var answers = await SendAllAsync(
            from route in sound.All.GroupBy(pair => pair.Operation.Path, StringComparer.Ordinal)
            let path = route.First().Request.Path
            from sent in Methods.Except(route.Select(pair => pair.Operation.Method), StringComparer.Ordinal).Select(method => (Method: method, Path: path))
                .Concat(Methods.Select(method => (Method: method, Path: path + "/no/where/at/all")))
                .Concat(Methods.Select(method => (Method: method, Path: "/api/v2" + path)))
            select new RestRequest(sent.Method, sent.Path) { Client = Stage.Secretariat, IdempotencyKey = "k", IfMatch = "*" });

        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed }));
    }

    /// <summary>What the framework says and the products of others have written into messages: types, members and settings of .NET.</summary>
    [GeneratedRegex(
        @"System\.[A-Z]|AssessmentFlow\.\w+\.|NodaTime|\.NET|Nullable<|\b(Int32|Int64|Boolean|LocalDate|DateTimeOffset|ImmutableArray|JsonElement)\b|BytePositionInLine|[Cc]onstructor|[Dd]eserializ|Exception",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex TypeName();

    /// <summary>A route with each of its parameters in turn replaced by junk; the others stay what they are.</summary>
    private static IEnumerable<string> Strange(string route, string path)
    {
        var names = route.Split('/');
        var parts = path.Split('/');
        return
            from index in Enumerable.Range(0, names.Length)
            where names[index].StartsWith('{')
            from junk in Junk.Segments
            select string.Join('/', parts.Select((part, at) => at == index ? junk : part));
    }

    private async Task<IReadOnlyCollection<RestAnswer>> SendAllAsync(IEnumerable<RestRequest> requests)
    {
        var before = await TurnChain.ReadAsync(installation);
        var entries = await ReferenceAsync();
        var faults = new ConcurrentQueue<string>();
        var answers = new ConcurrentQueue<RestAnswer>();
        var accepted = new ConcurrentDictionary<string, RestRequest>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Token }, async (request, token) =>
        {
            var sent = request.IdempotencyKey is null ? request : request with { IdempotencyKey = Guid.NewGuid().ToString() };
            var answer = await installation.Api.SendAsync(sent, token);
            answers.Enqueue(answer);
            if (answer.Status < HttpStatusCode.MultipleChoices && sent.Method is not "GET")
            {
                accepted[$"api/{sent.Client}/{sent.IdempotencyKey}"] = sent;
            }

            if (FaultOf(sent, answer) is { } fault)
            {
                faults.Enqueue($"{fault}: {sent} was answered {(answer.Text.Length > 300 ? answer.Text[..300] : answer.ToString())}");
            }
        });

        Assert.NotEmpty(answers);
        Assert.True(faults.IsEmpty, $"{faults.Count} of {answers.Count} answers are wrong:\n{string.Join('\n', faults.Take(FaultsShown))}\n{installation.Server.Output}");
        await AssertOnlyAcceptedIsWrittenAsync(before, entries, accepted);
        TestContext.Current.TestOutputHelper?.WriteLine($"{answers.Count} requests, {accepted.Count} accepted changes");
        return answers;
    }

    private static string? FaultOf(RestRequest request, RestAnswer answer)
    {
        if ((int)answer.Status >= 500)
        {
            return "the server failed";
        }

        if ((int)answer.Status < 400)
        {
            return null;
        }

        if (request.Method is "HEAD")
        {
            return answer.ContentType is "application/problem+json" ? null : "it is no problem document";
        }

        try
        {
            var problem = answer.Json;
            var type = (string?)problem["type"] ?? "";
            return answer.ContentType is not "application/problem+json" ? $"its type is {answer.ContentType}"
                : !type.StartsWith("urn:assessmentflow:problem:", StringComparison.Ordinal) || type.EndsWith($":status-{(int)answer.Status}", StringComparison.Ordinal) ? $"the problem has the type '{type}'"
                : (int?)problem["status"] != (int)answer.Status ? "the problem has another status"
                : TypeName().Match(answer.Text) is { Success: true } named ? $"the problem names '{named.Value}', which only this program knows"
                : string.IsNullOrWhiteSpace((string?)problem["detail"]) || string.IsNullOrWhiteSpace((string?)problem["title"]) ? "the problem says nothing"
                : null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    /// <summary>New turns are those of accepted requests and what these set going; so are new entries of reference data.</summary>
    private async Task AssertOnlyAcceptedIsWrittenAsync(TurnChain before, IReadOnlySet<string> entries, ConcurrentDictionary<string, RestRequest> accepted)
    {
        var after = await TurnChain.ReadAsync(installation);
        var known = before.Turns.Select(turn => turn.InputId).ToHashSet(StringComparer.Ordinal);
        var written = after.Turns.Where(turn => !known.Contains(turn.InputId)).ToList();
        Assert.All(written.Where(turn => turn.InputId.StartsWith("api/", StringComparison.Ordinal)), turn => Assert.Contains(turn.InputId, accepted.Keys));
        if (accepted.IsEmpty)
        {
            Assert.Empty(written);
        }

        var changed = (await ReferenceAsync()).Except(entries, StringComparer.Ordinal).ToList();
        var changes = accepted.Values.Count(request => !request.Path.Contains("/assessments/", StringComparison.Ordinal));
        Assert.True(changed.Count <= changes, $"{changed.Count} entries changed, of which {changes} were accepted: {string.Join(", ", changed)}");
    }

    /// <summary>Every workflow and every entry of reference data with its version.</summary>
    private async Task<IReadOnlySet<string>> ReferenceAsync()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var set in new[] { "workflow-definitions", "calendars", "rosters", "regimes", "marking-schemes", "agencies" })
        {
            var items = await installation.Api.ListAsync("auditor", $"/api/v1/{set}", Token);
            found.UnionWith(items.Select(item => $"{set}/{item["id"] ?? item["definitionId"]}@{item["version"]}"));
        }

        return found;
    }
}

public sealed class BadInputOnSqlite(SqliteInstallation installation) : BadInputSpec(installation), IClassFixture<SqliteInstallation>;

public sealed class BadInputOnPostgres(PostgresInstallation installation) : BadInputSpec(installation), IClassFixture<PostgresInstallation>;
