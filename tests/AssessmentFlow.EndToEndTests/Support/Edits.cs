using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>Every PUT and DELETE of the API by its route, as a request that will be done against the version as it stands.</summary>
internal static class Edits
{
    private static readonly JsonObject Finding = new() { ["type"] = "Shortfall", ["area"] = "synthetic", ["summary"] = "Synthetic finding." };
    private static readonly JsonObject Programme = new() { ["donor"] = "FR", ["title"] = "Synthetic programme", ["status"] = "NotStated" };
    private static readonly JsonObject Portion = new() { ["paragraph"] = 1, ["mark"] = new JsonObject { ["scheme"] = "US", ["level"] = "SBU" } };
    private static readonly JsonObject Commitment = new() { ["summary"] = "Synthetic commitment." };

    private static readonly JsonObject Calendar = new()
    {
        ["weekend"] = new JsonArray("Saturday", "Sunday"),
        ["holidays"] = new JsonArray("2031-01-01"),
        ["coversFrom"] = "2031-01-01",
        ["coversTo"] = "2031-12-31",
        ["source"] = "Synthetic.",
    };

    private static readonly JsonObject Roster = new()
    {
        ["name"] = "Synthetic roster",
        ["terms"] = new JsonArray(new JsonObject { ["seat"] = "Synthetic seat", ["from"] = "2031-01-01", ["to"] = "2031-12-31" }),
    };

    private static readonly JsonObject Regime = new()
    {
        ["name"] = "Synthetic regime",
        ["phases"] = new JsonArray("Proposed"),
        ["workflow"] = "visit-lifecycle",
        ["decidingRoster"] = null,
        ["circulationRoster"] = null,
        ["source"] = "Synthetic.",
    };

    private static readonly JsonObject AgencyEntry = new() { ["name"] = "Synthetic agency", ["source"] = "Synthetic." };

    private static readonly JsonObject Scheme = new() { ["levels"] = new JsonArray("low", "high"), ["source"] = "Synthetic." };

    public static readonly IReadOnlyDictionary<string, Func<Stage, Task<RestRequest>>> ByOperation = new SortedDictionary<string, Func<Stage, Task<RestRequest>>>(StringComparer.Ordinal)
    {
        ["DELETE /api/v1/assessments/{caseId}/findings/{itemId}"] = stage => DeleteItemAsync(stage, "findings", Finding),
        ["DELETE /api/v1/assessments/{caseId}/programmes/{itemId}"] = stage => DeleteItemAsync(stage, "programmes", Programme),
        ["DELETE /api/v1/assessments/{caseId}/report/portions/{itemId}"] = stage => DeleteItemAsync(stage, "report/portions", Portion),
        ["DELETE /api/v1/reviews/{id}/findings/{findingId}"] = async stage => (await ReviewFindingAsync(stage, "DELETE")) with { Body = null },
        ["PUT /api/v1/agencies/{id}"] = stage => PutReferenceAsync(stage, "agencies", AgencyEntry),
        ["PUT /api/v1/assessments/{caseId}/findings/{itemId}"] = stage => PutItemAsync(stage, "findings", Finding),
        ["PUT /api/v1/assessments/{caseId}/programmes/{itemId}"] = stage => PutItemAsync(stage, "programmes", Programme),
        ["PUT /api/v1/assessments/{caseId}/record/{kind}/{itemId}"] = stage => PutItemAsync(stage, "record/commitment", Commitment),
        ["PUT /api/v1/assessments/{caseId}/report/portions/{itemId}"] = stage => PutItemAsync(stage, "report/portions", Portion),
        ["PUT /api/v1/assessments/{id}/delegation"] = async stage =>
        {
            var path = $"/api/v1/assessments/{await stage.OpenCaseAsync()}/delegation";
            return Request("PUT", Stage.Secretariat, path, await stage.EtagAsync(path), Stage.Delegation());
        },
        ["PUT /api/v1/calendars/{id}"] = stage => PutReferenceAsync(stage, "calendars", Calendar),
        ["PUT /api/v1/marking-schemes/{id}"] = stage => PutReferenceAsync(stage, "marking-schemes", Scheme),
        ["PUT /api/v1/regimes/{id}"] = stage => PutReferenceAsync(stage, "regimes", Regime),
        ["PUT /api/v1/reviews/{id}/chapter"] = async stage =>
        {
            var id = await stage.WriteChapterAsync(await stage.OpenReviewAsync(await stage.OpenCaseAsync()));
            var path = $"/api/v1/reviews/{id}/chapter";
            return Request("PUT", Stage.ClientOf(id), path, await stage.EtagAsync(path), new JsonObject { ["text"] = "Synthetic chapter, again.", ["mark"] = null });
        },
        ["PUT /api/v1/reviews/{id}/findings/{findingId}"] = stage => ReviewFindingAsync(stage, "PUT"),
        ["PUT /api/v1/rosters/{id}"] = stage => PutReferenceAsync(stage, "rosters", Roster),
    };

    private static async Task<RestRequest> PutItemAsync(Stage stage, string kind, JsonObject body)
    {
        var (path, etag) = await stage.AddAsync(Stage.Secretariat, $"/api/v1/assessments/{await stage.OpenCaseAsync()}/{kind}", body);
        return Request("PUT", Stage.Secretariat, path, etag, body);
    }

    private static async Task<RestRequest> DeleteItemAsync(Stage stage, string kind, JsonObject body) =>
        (await PutItemAsync(stage, kind, body)) with { Method = "DELETE", Body = null };

    private static async Task<RestRequest> ReviewFindingAsync(Stage stage, string method)
    {
        var id = await stage.OpenReviewAsync(await stage.OpenCaseAsync());
        var (path, etag) = await stage.AddAsync(Stage.ClientOf(id), $"/api/v1/reviews/{id}/findings", Finding);
        return Request(method, Stage.ClientOf(id), path, etag, Finding);
    }

    private static async Task<RestRequest> PutReferenceAsync(Stage stage, string set, JsonObject body)
    {
        var path = $"/api/v1/{set}/synthetic-{Guid.NewGuid():N}";
        await stage.PutAsync(path, body);
        return Request("PUT", Stage.Secretariat, path, await stage.EtagAsync(path), body);
    }

    /// <summary>A change under a key of its own.</summary>
    public static RestRequest Request(string method, string client, string path, string etag, JsonNode body) =>
        new RestRequest(method, path) { Client = client, IfMatch = etag, IdempotencyKey = Guid.NewGuid().ToString() }.WithJson(body);
}
