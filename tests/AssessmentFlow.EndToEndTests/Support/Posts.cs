using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>A kind of POST: how a request of it is made that will be done, and another body for the same.</summary>
/// <param name="Prepare">Brings the case to where the request can be done, and makes the request.</param>
/// <param name="OtherBody">A body that differs and could be done in its place; null where the route takes none.</param>
internal sealed record Post(Func<Stage, Task<RestRequest>> Prepare, JsonObject? OtherBody);

/// <summary>Every kind of POST of the API, by its route.</summary>
internal static class Posts
{
    private static readonly JsonObject Finding = new() { ["type"] = "Shortfall", ["area"] = "synthetic", ["summary"] = "Synthetic finding." };
    private static readonly JsonObject OtherFinding = new() { ["type"] = "Strength", ["area"] = "synthetic", ["summary"] = "Another synthetic finding." };
    private static readonly JsonObject Reason = new() { ["reason"] = "Synthetic reason." };
    private static readonly JsonObject OtherReason = new() { ["reason"] = "Another synthetic reason." };

    public static readonly IReadOnlyDictionary<string, Post> ByRoute = new SortedDictionary<string, Post>(StringComparer.Ordinal)
    {
        ["/api/v1/assessments"] = new(_ => Task.FromResult(Request(Stage.Secretariat, "/api/v1/assessments", Case("Synthetic case"))), Case("Another synthetic case")),
        ["/api/v1/assessments/{caseId}/findings"] = Item("findings", Finding, OtherFinding),
        ["/api/v1/assessments/{caseId}/programmes"] = Item(
            "programmes",
            new JsonObject { ["donor"] = "FR", ["title"] = "Synthetic programme", ["status"] = "NotStated" },
            new JsonObject { ["donor"] = "FR", ["title"] = "Synthetic programme", ["status"] = "Underway" }),
        ["/api/v1/assessments/{caseId}/report/portions"] = Item(
            "report/portions",
            new JsonObject { ["paragraph"] = 1, ["mark"] = new JsonObject { ["scheme"] = "US", ["level"] = "SBU" } },
            new JsonObject { ["paragraph"] = 2, ["mark"] = null }),
        ["/api/v1/assessments/{caseId}/record/{kind}"] = Item(
            "record/commitment", new JsonObject { ["summary"] = "Synthetic commitment." }, new JsonObject { ["summary"] = "Another synthetic commitment." }),
        ["/api/v1/assessments/{caseId}/silences/{round}/object"] = Silence("object", Stage.SeatClient(Stage.Seat), Text("text"), Text("text", "Another synthetic text.")),
        ["/api/v1/assessments/{caseId}/silences/{round}/hold"] = Silence("hold", Stage.SeatClient(Stage.Seat), Reason, OtherReason),
        ["/api/v1/assessments/{caseId}/silences/{round}/lift"] = new(
            async stage =>
            {
                var silence = await stage.OpenSilenceAsync(await stage.OpenCaseAsync());
                await stage.HoldAsync(silence);
                return Request(Stage.Secretariat, $"{silence}/lift", body: null);
            },
            new JsonObject { ["seat"] = null }),
        ["/api/v1/assessments/{caseId}/silences/{round}/extend"] = Silence("extend", Stage.Secretariat, Extension(2), Extension(3)),
        ["/api/v1/assessments/{caseId}/silences/{round}/withdraw"] = Silence("withdraw", Stage.Secretariat, Reason, OtherReason),
        ["/api/v1/circulations/{copyId}/acknowledge"] = new(
            async stage => Request(Stage.SeatClient(Stage.Seat), $"{await stage.CirculateAsync(await stage.OpenCaseAsync())}/acknowledge", body: null), []),
        ["/api/v1/instances"] = new(
            async stage =>
            {
                await stage.PublishAsync();
                return Request(Stage.Secretariat, "/api/v1/instances", new JsonObject { ["definitionId"] = Definitions.Waits, ["correlationId"] = "synthetic", ["name"] = "Synthetic", ["input"] = new JsonObject { ["A"] = "a" } });
            },
            new JsonObject { ["definitionId"] = Definitions.TenSteps }),
        ["/api/v1/instances/{id}/cancel"] = new(
            async stage => Request(Stage.Secretariat, $"/api/v1/instances/{await stage.StartAsync(Definitions.Waits)}/cancel", Reason), OtherReason),
        ["/api/v1/instances/{id}/incidents/{incident}/retry"] = new(
            async stage => Request(Stage.Secretariat, $"{await stage.FaultAsync()}/retry", body: null), []),
        ["/api/v1/instances/{id}/signals"] = new(
            async stage => Request(Stage.Secretariat, $"/api/v1/instances/{await stage.StartAsync(Definitions.Waits)}/signals", Signal("go")),
            new JsonObject { ["name"] = "go", ["payload"] = 1 }),
        ["/api/v1/reviews/{id}/accept"] = Review("accept", Stage.MissionLeader, (stage, id) => stage.SignOffAsync(id)),
        ["/api/v1/reviews/{id}/findings"] = new(
            async stage =>
            {
                var id = await stage.OpenReviewAsync(await stage.OpenCaseAsync());
                return Request(Stage.ClientOf(id), $"/api/v1/reviews/{id}/findings", Finding);
            },
            OtherFinding),
        ["/api/v1/reviews/{id}/return"] = Review("return", Stage.MissionLeader, (stage, id) => stage.SignOffAsync(id)),
        ["/api/v1/reviews/{id}/sign-off"] = Review("sign-off", client: null, (stage, id) => stage.WriteChapterAsync(id)),
        ["/api/v1/signals"] = new(_ => Task.FromResult(Request(Stage.Secretariat, "/api/v1/signals", Signal("nobody waits"))), Signal("still nobody waits")),
        ["/api/v1/tasks/{id}/claim"] = OnTask("claim", []) with { OtherBody = null },
        ["/api/v1/tasks/{id}/complete"] = OnTask("complete", new JsonObject { ["outcome"] = "Rejected" }, new JsonObject { ["outcome"] = "Endorsed" }),
        ["/api/v1/tasks/{id}/delegate"] = OnTask("delegate", new JsonObject { ["to"] = Stage.MissionLeader }, new JsonObject { ["to"] = "user:secretariat" }),
        ["/api/v1/tasks/{id}/release"] = new(
            async stage =>
            {
                var id = (string)(await stage.TaskAsync(await stage.OpenCaseAsync()))["id"]!;
                await stage.ClaimAsync(id);
                return Request(Stage.Secretariat, $"/api/v1/tasks/{id}/release", body: null);
            },
            []),
        ["/api/v1/workflow-definitions"] = new(
            _ => Task.FromResult(Request(Stage.Secretariat, "/api/v1/workflow-definitions", NewDefinition())), Definitions.Of("synthetic-other-body")),
        ["/api/v1/workflow-definitions/{definitionId}/publish"] = new(
            async stage => Request(Stage.Secretariat, $"/api/v1/workflow-definitions/{await stage.ImportAsync(NewDefinition())}/publish", new JsonObject { ["note"] = "Synthetic." }),
            new JsonObject { ["note"] = "Another synthetic note." }),
    };

    /// <summary>Routes whose last segment is an act on the thing before it: they need the version of that thing.</summary>
    public static IEnumerable<string> NeedIfMatch => ByRoute.Keys.Where(route => route[(route.LastIndexOf('/') + 1)..] is
        "accept" or "acknowledge" or "cancel" or "claim" or "complete" or "delegate" or "extend" or "hold" or "lift" or "object" or "publish" or "release"
        or "retry" or "return" or "sign-off" or "withdraw" || route is "/api/v1/instances/{id}/signals");

    /// <summary>The path of the thing whose version an act needs: what the act is done on, and for an incident its instance.</summary>
    public static string Versioned(string path) =>
        path[..(path.IndexOf("/incidents/", StringComparison.Ordinal) is var incident and > 0 ? incident : path.LastIndexOf('/'))];

    private static JsonObject NewDefinition() => Definitions.Of($"synthetic-{Guid.NewGuid():N}");

    private static JsonObject Case(string title) => new()
    {
        ["title"] = title,
        ["state"] = new JsonObject { ["name"] = "Synthetic State", ["iso2"] = "KH" },
        ["regime"] = "unscr-1373",
        ["synthetic"] = "Opened by a test.",
    };

    private static JsonObject Text(string name, string text = "Synthetic text.") => new() { [name] = text };

    private static JsonObject Signal(string name) => new() { ["name"] = name };

    private static JsonObject Extension(int days) =>
        new() { ["expiresAt"] = TimeProvider.System.GetUtcNow().AddDays(days).ToString("O"), ["reason"] = "Synthetic reason." };

    private static Post Item(string kind, JsonObject body, JsonObject other) =>
        new(async stage => Request(Stage.Secretariat, $"/api/v1/assessments/{await stage.OpenCaseAsync()}/{kind}", body), other);

    private static Post Silence(string act, string client, JsonObject body, JsonObject other) =>
        new(async stage => Request(client, $"{await stage.OpenSilenceAsync(await stage.OpenCaseAsync())}/{act}", body), other);

    private static Post Review(string move, string? client, Func<Stage, string, Task<string>> prepare) => new(
        async stage =>
        {
            var id = await prepare(stage, await stage.OpenReviewAsync(await stage.OpenCaseAsync()));
            return Request(client ?? Stage.ClientOf(id), $"/api/v1/reviews/{id}/{move}", Reason);
        },
        OtherReason);

    private static Post OnTask(string act, JsonObject body, JsonObject? other = null) => new(
        async stage => Request(Stage.Secretariat, $"/api/v1/tasks/{(await stage.TaskAsync(await stage.OpenCaseAsync()))["id"]}/{act}", body), other ?? new JsonObject { ["outcome"] = "Endorsed" });

    private static RestRequest Request(string client, string path, JsonNode? body) =>
        new RestRequest("POST", path) { Client = client, IfMatch = "*", IdempotencyKey = Guid.NewGuid().ToString() }.WithJson(body);
}
