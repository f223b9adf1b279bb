using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>What is under way in the database of a release, and how it has to go on. All of it is synthetic but the record's case.</summary>
/// <param name="Waits">An instance that waits for an event.</param>
/// <param name="Parent">An instance that starts a child once it gets its event, and ends when the child has.</param>
/// <param name="Late">An instance whose delay was not over when the dump was made.</param>
/// <param name="Far">An instance with a delay of four years.</param>
/// <param name="Assigned">An instance with an open task of the secretariat.</param>
/// <param name="Started">A workflow that an event starts.</param>
/// <param name="Repeated">A request that was answered, as it is sent again.</param>
/// <param name="Answer">What it was answered.</param>
internal sealed record Capsule(string Waits, string Parent, string Late, string Far, string Assigned, string Started, RestRequest Repeated, JsonNode Answer)
{
    /// <summary>The record's case: it waits to be consolidated, with all its reviews in.</summary>
    private const string Reviewed = "KH-2008-05";

    /// <summary>A case whose State has not answered yet.</summary>
    private const string Unanswered = "synthetic-unanswered";

    private const string Sleeps = "capsule-sleeps";
    private const string ParentWorkflow = "capsule-parent";
    private const string ChildWorkflow = "capsule-child";
    private const string Opened = "capsule-opened";

    private static readonly JsonObject[] Workflows =
    [
        Definitions.Of(Sleeps, Definitions.Activity("sleep", "Elsa.Delay", ("timeSpan", "TimeSpan", "JavaScript", "getInput('Span')"))),
        Definitions.Of(ChildWorkflow, Definitions.Activity("rest", "Elsa.Delay", ("timeSpan", "TimeSpan", "Literal", "00:00:00.300"))),
        Definitions.Of(
            ParentWorkflow,
            Definitions.Wait("wait"),
            Definitions.Activity(
                "child", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "String", "Literal", ChildWorkflow), ("waitForCompletion", "Boolean", "Literal", "true"))),
    ];

    /// <summary>Brings everything under way.</summary>
    public static async Task<Capsule> FillAsync(ServerProcess server, RestClient api, CancellationToken cancellationToken)
    {
        var stage = new Stage(api);
        foreach (var workflow in Workflows)
        {
            await stage.PublishAsync(workflow);
        }

        var triggered = await stage.PublishAsync(Definitions.Of("capsule-triggered", Triggered.OnEvent(Opened)));
        await CaseDrive.UntilAsync(server, api, Reviewed, "Consolidated", cancellationToken);
        await CaseDrive.UntilAsync(server, api, Unanswered, "Consented", cancellationToken);
        var waits = await stage.StartAsync(Definitions.Waits);
        var parent = await stage.StartAsync(ParentWorkflow);
        var far = await stage.StartAsync(Sleeps, input: new JsonObject { ["Span"] = "1461.00:00:00" });
        var assigned = await stage.StartAsync(Definitions.Assigned, input: new JsonObject { ["Role"] = Stage.Secretariat });
        var request = Stage.Signal(waits);
        var answer = await api.SendAsync(request, cancellationToken);
        var late = await stage.StartAsync(Sleeps, input: new JsonObject { ["Span"] = "00:01:00" });
        return new Capsule(waits, parent, late, far, assigned, triggered, request, answer.Json);
    }

    /// <summary>Takes everything to its end, as far as it has one.</summary>
    public async Task ResumeAsync(ServerProcess server, RestClient api, CancellationToken cancellationToken)
    {
        var stage = new Stage(api);
        var again = await api.SendAsync(Repeated, cancellationToken);
        Assert.Equal(Answer.ToJsonString(), again.Json.ToJsonString());
        var next = await api.SendAsync(Stage.Signal(Waits), cancellationToken);
        Assert.Equal((long)Answer["version"]! + 1, (long)next.Json["version"]!);

        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync(Stage.Signal(Parent), cancellationToken)).Status);
        await EndsAsync(api, Parent, cancellationToken);
        await EndsAsync(api, Late, cancellationToken);
        Assert.Equal("Running", await StatusAsync(api, Far, cancellationToken));
        var task = Assert.Single(await api.ListAsync(Stage.Secretariat, "/api/v1/tasks?status=open", cancellationToken), each => (string?)each["instanceId"] == Assigned);
        await api.ChangeAsync(Stage.Secretariat, "POST", $"/api/v1/tasks/{task["id"]}/complete", new JsonObject { ["outcome"] = "Done" }, cancellationToken);
        await EndsAsync(api, Assigned, cancellationToken);

        await api.SendAsync(Triggered.Signal(Opened), cancellationToken);
        await Eventually.HoldsAsync(
            "the event starts an instance",
            async () => (await api.ListAsync(Stage.Secretariat, $"/api/v1/instances?definitionId={Started}", cancellationToken)).Count is 1,
            cancellationToken);
        await CaseDrive.ToCirculationAsync(server, api, Reviewed, cancellationToken);
        await CaseDrive.ToCirculationAsync(server, api, Unanswered, cancellationToken);
        await stage.PublishAsync(Workflows[0]); // And what was published before can be published anew.
    }

    private static Task EndsAsync(RestClient api, string instance, CancellationToken cancellationToken) => Eventually.HoldsAsync(
        $"{instance} ends", async () => await StatusAsync(api, instance, cancellationToken) is "Finished", cancellationToken);

    private static async Task<string> StatusAsync(RestClient api, string instance, CancellationToken cancellationToken) =>
        (string)(await api.GetAsync(Stage.Secretariat, $"/api/v1/instances/{instance}", cancellationToken))["status"]!;
}
