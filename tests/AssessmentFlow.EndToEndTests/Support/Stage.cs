using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>Brings fresh synthetic cases to where a test begins, through the API like anybody else.</summary>
public sealed class Stage(RestClient api)
{
    public const string Secretariat = "secretariat";
    public const string MissionLeader = "mission-leader";

    /// <summary>The agencies of every synthetic delegation; the API client of one is <c>agency-</c> and its name in lower case.</summary>
    public const string Agency = "IOM";
    public const string OtherAgency = "ADB";

    /// <summary>Seats of June 2008.</summary>
    public const string Seat = "Belgium";
    public const string OtherSeat = "Croatia";

    private const string Silences = "silences";

    private readonly Lazy<Task> _publishing = new(() => PublishAllAsync(api));
    private int _cases;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens a case with a delegation of two agencies.</summary>
    /// <returns>Its id. Its workflow waits at the task <c>endorse</c>.</returns>
    public async Task<string> OpenCaseAsync(string iso2 = "KH", string regime = "unscr-1373")
    {
        var id = $"synthetic-{Interlocked.Increment(ref _cases)}-{Guid.NewGuid():N}"[..30];
        await api.ChangeAsync(Secretariat, "POST", "/api/v1/assessments", new JsonObject
        {
            ["id"] = id,
            ["title"] = "Synthetic case",
            ["state"] = new JsonObject { ["name"] = "Synthetic State", ["iso2"] = iso2 },
            ["regime"] = regime,
            ["synthetic"] = "Opened by a test.",
        }, Token);
        await api.ChangeAsync(Secretariat, "PUT", $"/api/v1/assessments/{id}/delegation", Delegation(), Token);
        return id;
    }

    /// <summary>A delegation of two agencies.</summary>
    public static JsonObject Delegation() => new()
    {
        ["leader"] = null,
        ["members"] = new JsonArray(new JsonObject { ["agency"] = Agency }, new JsonObject { ["agency"] = OtherAgency }),
    };

    /// <summary>Moves a case into a phase.</summary>
    public async Task EnterPhaseAsync(string caseId, string phase, bool stateReads)
    {
        await StartAsync(Definitions.Phase, caseId, new JsonObject { ["Phase"] = phase, ["StateReads"] = stateReads });
        await Eventually.HoldsAsync(
            $"{caseId} enters the phase {phase}", async () => (string?)(await api.GetAsync(Secretariat, $"/api/v1/assessments/{caseId}", Token))["phase"] == phase, Token);
    }

    /// <summary>Asks the agencies of a case for their reviews.</summary>
    /// <returns>The id of the review of <see cref="Agency"/>.</returns>
    public async Task<string> OpenReviewAsync(string caseId)
    {
        await StartAsync(Definitions.Reviews, caseId);
        await Eventually.HoldsAsync(
            $"both agencies of {caseId} are asked for their reviews",
            async () => (await api.ListAsync(Secretariat, $"/api/v1/assessments/{caseId}/reviews", Token)).Count is 2,
            Token);
        return $"{caseId}.{Agency}";
    }

    /// <summary>Writes a chapter for an agency's review, so that it can be signed off.</summary>
    public async Task<string> WriteChapterAsync(string reviewId)
    {
        await api.ChangeAsync(ClientOf(reviewId), "PUT", $"/api/v1/reviews/{reviewId}/chapter", new JsonObject { ["text"] = "Synthetic chapter." }, Token);
        return reviewId;
    }

    /// <summary>Signs an agency's chapter off.</summary>
    public async Task<string> SignOffAsync(string reviewId)
    {
        await api.ChangeAsync(ClientOf(await WriteChapterAsync(reviewId)), "POST", $"/api/v1/reviews/{reviewId}/sign-off", null, Token);
        return reviewId;
    }

    /// <summary>Puts a text under silence before the seats of June 2008, for a day from now on.</summary>
    /// <returns>The path of the procedure.</returns>
    public async Task<string> OpenSilenceAsync(string caseId)
    {
        var path = $"/api/v1/assessments/{caseId}/{Silences}";
        var known = (await api.ListAsync(Secretariat, path, Token)).Count;
        var expiry = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O");
        await StartAsync(Definitions.Silence, caseId, new JsonObject { ["ExpiresAt"] = expiry });
        await Eventually.HoldsAsync(
            $"a silence procedure of {caseId} opens", async () => (await api.ListAsync(Secretariat, path, Token)).Count == known + 1, Token);
        return $"{path}/{known + 1}";
    }

    /// <summary>Holds a silence procedure for <see cref="Seat"/>.</summary>
    public Task HoldAsync(string silencePath) => api.ChangeAsync(SeatClient(Seat), "POST", $"{silencePath}/hold", null, Token);

    /// <summary>Circulates a report to the seats of June 2008.</summary>
    /// <returns>The path of the copy of <see cref="Seat"/>.</returns>
    public async Task<string> CirculateAsync(string caseId)
    {
        await StartAsync(Definitions.Circulation, caseId);
        IReadOnlyList<JsonNode> copies = [];
        await Eventually.HoldsAsync(
            $"the report of {caseId} is circulated",
            async () => (copies = await api.ListAsync(Secretariat, $"/api/v1/circulations?assessment={caseId}&seat={Seat}", Token)).Count > 0,
            Token);
        return $"/api/v1/circulations/{copies[0]["id"]}";
    }

    /// <summary>The task of a case that waits at an activity, once it is there.</summary>
    public async Task<JsonNode> TaskAsync(string caseId, string activityId = "endorse")
    {
        JsonNode? task = null;
        await Eventually.HoldsAsync(
            $"{caseId} waits at {activityId}",
            async () => (task = (await api.ListAsync(Secretariat, $"/api/v1/tasks?assessment={caseId}", Token)).FirstOrDefault(each => (string?)each["activityId"] == activityId)) is not null,
            Token);
        return task!;
    }

    /// <summary>Claims a task for the secretariat.</summary>
    public Task ClaimAsync(string taskId) => api.ChangeAsync(Secretariat, "POST", $"/api/v1/tasks/{taskId}/claim", null, Token);

    /// <summary>Starts an instance of a synthetic workflow.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> StartAsync(string definitionId, string? correlationId = null, JsonObject? input = null)
    {
        await PublishAsync();
        var answer = await api.ChangeAsync(
            Secretariat, "POST", "/api/v1/instances", new JsonObject { ["definitionId"] = definitionId, ["correlationId"] = correlationId, ["input"] = input }, Token);
        return (string)answer.Json["id"]!;
    }

    /// <summary>Starts an instance that faults.</summary>
    /// <returns>The path of its incident.</returns>
    public async Task<string> FaultAsync()
    {
        var path = $"/api/v1/instances/{await StartAsync(Definitions.Faults)}";
        var instance = await api.GetAsync(Secretariat, path, Token);
        return $"{path}/incidents/{instance["incidents"]![0]!["id"]}";
    }

    /// <summary>Adds something to a list.</summary>
    /// <returns>Where it is, and its ETag.</returns>
    public async Task<(string Path, string Etag)> AddAsync(string client, string path, JsonObject body)
    {
        var answer = await api.ChangeAsync(client, "POST", path, body, Token);
        return (answer.Location!, answer.ETag!);
    }

    /// <summary>Writes something, whatever is there.</summary>
    public Task PutAsync(string path, JsonObject body) => api.ChangeAsync(Secretariat, "PUT", path, body, Token);

    /// <summary>The ETag of a thing as it stands.</summary>
    public async Task<string> EtagAsync(string path)
    {
        var answer = await api.SendAsync(new RestRequest("GET", path) { Client = Secretariat }, Token);
        return answer.ETag ?? throw new InvalidOperationException($"{path} was answered {answer} without an ETag.");
    }

    /// <summary>Imports a definition.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> ImportAsync(JsonObject definition)
    {
        await api.ChangeAsync(Secretariat, "POST", "/api/v1/workflow-definitions", definition, Token);
        return (string)definition["definitionId"]!;
    }

    /// <summary>Imports and publishes a definition.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> PublishAsync(JsonObject definition)
    {
        var id = await ImportAsync(definition);
        await api.ChangeAsync(Secretariat, "POST", $"/api/v1/workflow-definitions/{id}/publish", new JsonObject { ["note"] = "Synthetic." }, Token);
        return id;
    }

    /// <summary>An event for an instance, whatever its version, as it can be sent again and again.</summary>
    public static RestRequest Signal(string instanceId, string name = "go", JsonNode? payload = null) =>
        new RestRequest("POST", $"/api/v1/instances/{instanceId}/signals") { Client = Secretariat, IfMatch = "*", IdempotencyKey = Guid.NewGuid().ToString() }
            .WithJson(new JsonObject { ["name"] = name, ["payload"] = payload });

    /// <summary>Publishes the synthetic workflows, once.</summary>
    public Task PublishAsync() => _publishing.Value;

    /// <summary>The API client of the agency of a review.</summary>
    public static string ClientOf(string reviewId) => "agency-" + reviewId[(reviewId.LastIndexOf('.') + 1)..].ToLowerInvariant();

    /// <summary>The API client of a seat.</summary>
    public static string SeatClient(string seat) => "seat-" + seat.Replace(' ', '-').ToLowerInvariant();

    private static async Task PublishAllAsync(RestClient api)
    {
        foreach (var definition in Definitions.All)
        {
            await new Stage(api).PublishAsync(definition);
        }
    }
}
