using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What an author fixed is compared with the reference data that the installation has at that moment.</summary>
public sealed class ReferenceInputTests
{
    private const string Workflows = "/api/v1/workflow-definitions";
    private const string Regime = "/api/v1/regimes/synthetic";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_phase_is_compared_with_the_regime_at_the_import_and_again_at_the_publication()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Configuration = ["FirstStart:LoadSample=false"] });
        using var api = await RestClient.OfAsync(server);

        await SendAsync(api, "PUT", Regime, RegimeOf("B"));
        var refused = await SendAsync(api, "POST", Workflows, Entering("A"));
        await SendAsync(api, "PUT", Regime, RegimeOf("A"));
        var imported = await SendAsync(api, "POST", Workflows, Entering("A"));
        await SendAsync(api, "PUT", Regime, RegimeOf("B"));
        var unpublished = await SendAsync(api, "POST", $"{Workflows}/synthetic-phase/publish", new JsonObject { ["note"] = "Synthetic." });
        await SendAsync(api, "PUT", Regime, RegimeOf("A"));
        var published = await SendAsync(api, "POST", $"{Workflows}/synthetic-phase/publish", new JsonObject { ["note"] = "Synthetic." });

        Assert.Equal(
            [HttpStatusCode.UnprocessableEntity, HttpStatusCode.Created, HttpStatusCode.UnprocessableEntity, HttpStatusCode.OK],
            new[] { refused, imported, unpublished, published }.Select(answer => answer.Status));
        foreach (var answer in new[] { refused, unpublished })
        {
            var error = Assert.Single(answer.Json["errors"]!.AsArray())!;
            Assert.Equal(("$.root.activities[0].phase.expression.value", "phase-unknown"), ((string?)error["pointer"], (string?)error["code"]));
            Assert.Equal("enter: No regime of this workflow knows a phase 'A'; known are B.", (string?)error["detail"]);
        }
    }

    [Fact]
    public async Task A_shipped_workflow_that_does_not_fit_edited_reference_data_any_more_keeps_no_process_from_starting()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Configuration = ["FirstStart:LoadSample=false"] });
        using var api = await RestClient.OfAsync(server);
        var regime = (await api.GetAsync(Stage.Secretariat, "/api/v1/regimes/unscr-1373", Token))["value"]!.DeepClone().AsObject();
        regime["phases"] = new JsonArray("Proposed");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(api, "PUT", "/api/v1/regimes/unscr-1373", regime)).Status);
        await server.StopAsync();

        await server.StartAgainAsync();

        Assert.NotEmpty(await api.ListAsync(Stage.Secretariat, Workflows, Token));
        Assert.DoesNotContain("WorkflowUnsound", server.Output, StringComparison.Ordinal);
    }

    private static JsonObject RegimeOf(string phase) => new()
    {
        ["name"] = "Synthetic",
        ["phases"] = new JsonArray(phase),
        ["workflow"] = "synthetic-phase",
        ["decidingRoster"] = null,
        ["circulationRoster"] = null,
        ["source"] = null,
    };

    private static JsonObject Entering(string phase) =>
        Definitions.Of("synthetic-phase", Definitions.Activity("enter", "Assessment.EnterPhase", ("phase", "String", "Literal", phase)));

    private static Task<RestAnswer> SendAsync(RestClient api, string method, string path, JsonObject body) => api.SendAsync(
        new RestRequest(method, path) { Client = Stage.Secretariat, IdempotencyKey = Guid.NewGuid().ToString(), IfMatch = "*", Body = Encoding.UTF8.GetBytes(body.ToJsonString()) },
        Token);
}
