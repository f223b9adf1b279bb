using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>One request for every operation of the document that reaches something that is there.</summary>
internal sealed class SoundRequests(IReadOnlyList<(ApiOperation Operation, RestRequest Request)> all)
{
    /// <summary>Every operation with its request.</summary>
    public IReadOnlyList<(ApiOperation Operation, RestRequest Request)> All => all;

    public static async Task<SoundRequests> PrepareAsync(Installation installation)
    {
        var stage = installation.Stage;
        var document = await OpenApi.ReadAsync(installation.Api);
        var reads = await ReadsAsync(stage);
        var requests = new List<(ApiOperation, RestRequest)>();
        foreach (var operation in document.Operations)
        {
            var request = operation.Method is "GET"
                ? new RestRequest("GET", reads.Aggregate(operation.Path, (path, read) => path.Replace(read.Key, read.Value, StringComparison.Ordinal))) { Client = Stage.Secretariat }
                : await PrepareChangeAsync(operation, stage);
            Assert.DoesNotContain('{', request.Path);
            requests.Add((operation, request));
        }

        return new SoundRequests(requests);
    }

    /// <summary>A request of an operation that changes something, for something new.</summary>
    public static async Task<RestRequest> PrepareChangeAsync(ApiOperation operation, Stage stage) => operation.Method is "POST"
        ? await Posts.ByRoute[operation.Path].Prepare(stage)
        : (await Edits.ByOperation[operation.ToString()](stage)) with { IfMatch = "*" };

    /// <summary>Parts of routes that name something, with what is there. The longer ones come first.</summary>
    private static async Task<IReadOnlyList<KeyValuePair<string, string>>> ReadsAsync(Stage stage)
    {
        var caseId = await stage.OpenCaseAsync();
        var reviewId = await stage.WriteChapterAsync(await stage.OpenReviewAsync(caseId));
        await stage.AddAsync(Stage.Secretariat, $"/api/v1/assessments/{caseId}/report/portions", new JsonObject { ["id"] = "I", ["mark"] = null });
        await stage.OpenSilenceAsync(caseId); // From now on the portions are frozen.
        var copy = await stage.CirculateAsync(caseId);
        var finding = await stage.AddAsync(Stage.Secretariat, $"/api/v1/assessments/{caseId}/findings", new JsonObject { ["id"] = "I", ["type"] = "Context", ["area"] = "synthetic", ["summary"] = "Synthetic." });
        await stage.AddAsync(Stage.Secretariat, $"/api/v1/assessments/{caseId}/programmes", new JsonObject { ["id"] = "I", ["donor"] = "FR", ["title"] = "Synthetic" });
        Assert.EndsWith("/I", finding.Path, StringComparison.Ordinal);
        return
        [
            new("/circulations/{copyId}", copy["/api/v1".Length..]),
            new("/assessments/{id}", $"/assessments/{caseId}"),
            new("/reviews/{id}", $"/reviews/{reviewId}"),
            new("/tasks/{id}", $"/tasks/{(await stage.TaskAsync(caseId))["id"]}"),
            new("/instances/{id}", $"/instances/{await stage.StartAsync(Definitions.Waits)}"),
            new("/agencies/{id}", "/agencies/IOM"),
            new("/calendars/{id}", "/calendars/KH-2008"),
            new("/rosters/{id}", "/rosters/security-council"),
            new("/regimes/{id}", "/regimes/unscr-1373"),
            new("/marking-schemes/{id}", "/marking-schemes/UN"),
            new("{caseId}", caseId),
            new("{definitionId}", Definitions.Waits),
            new("{kind}", "commitment"),
            new("{itemId}", "I"),
            new("{round}", "1"),
        ];
    }
}
