using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>What is under way in the database of a release, and how it has to go on. All of it is synthetic but the record's case.</summary>
internal sealed record Capsule
{
    /// <summary>The record's case: the quorum is reached, two reviews are still out, and it waits to be consolidated.</summary>
    private const string Reviewed = "KH-2008-05";

    /// <summary>A case whose State has not answered yet.</summary>
    private const string Unanswered = "synthetic-unanswered";

    private const string Sleeps = "capsule-sleeps";
    private const string Opened = "capsule-opened";

    /// <summary>An instance that waits for an event, and was sent one before.</summary>
    public required string Waits { get; init; }

    /// <summary>The request by which it was sent.</summary>
    public required RestRequest Sent { get; init; }

    /// <summary>What that was answered.</summary>
    public required JsonNode Answer { get; init; }

    /// <summary>An instance that starts a child once it gets its event, and ends when the child has.</summary>
    public required string Parent { get; init; }

    /// <summary>An instance whose child was still at work.</summary>
    public required string Nested { get; init; }

    /// <summary>An instance with a delay of four years.</summary>
    public required string Far { get; init; }

    /// <summary>When that is over.</summary>
    public required DateTimeOffset FarUntil { get; init; }

    /// <summary>An instance with an open task of the secretariat.</summary>
    public required string Assigned { get; init; }

    /// <summary>A workflow that an event starts.</summary>
    public required string Triggered { get; init; }

    /// <summary>A workflow of which one instance runs, and no second may.</summary>
    public required string Alone { get; init; }

    /// <summary>The path of an open silence procedure, which ends a day after the dump.</summary>
    public required string Silence { get; init; }

    /// <summary>The path of a copy that nobody has acknowledged.</summary>
    public required string Copy { get; init; }

    /// <summary>Brings everything under way.</summary>
    public static async Task<Capsule> FillAsync(ServerProcess server, RestClient api, CancellationToken cancellationToken)
    {
        var stage = new Stage(api);
        await stage.PublishAsync(Definitions.Of(Sleeps, Definitions.Activity("sleep", "Elsa.Delay", ("timeSpan", "TimeSpan", "JavaScript", "getInput('Span')"))));
        var triggered = await stage.PublishAsync(Definitions.Of("capsule-triggered", Support.Triggered.OnEvent(Opened)));
        var alone = await stage.PublishAsync(ActivationSpec.Waiting(ActivationSpec.Singleton));
        await ActivationSpec.StartAsync(api, alone, correlationId: null);
        await CaseDrive.UntilAsync(server, api, Reviewed, "Consolidated", cancellationToken);
        await CaseDrive.UntilAsync(server, api, Unanswered, "Consented", cancellationToken);
        var caseId = await stage.OpenCaseAsync();
        var silence = await stage.OpenSilenceAsync(caseId);
        var copy = await stage.CirculateAsync(caseId);
        var waits = await stage.StartAsync(Definitions.Waits);
        var sent = Stage.Signal(waits);
        var answer = await api.SendAsync(sent, cancellationToken);
        var parent = await stage.StartAsync(await ParentAsync(stage, "capsule-parent", "00:00:00.300"));
        var far = await stage.StartAsync(Sleeps, input: new JsonObject { ["Span"] = "1461.00:00:00" });
        var farUntil = TimeProvider.System.GetUtcNow().AddDays(1461);
        var assigned = await stage.StartAsync(Definitions.Assigned, input: new JsonObject { ["Role"] = Stage.Secretariat });
        await api.SendAsync(Support.Triggered.Signal("capsule-nobody-waits"), cancellationToken); // It is kept for a while, as a message.
        var nested = await stage.StartAsync(await ParentAsync(stage, "capsule-nested", "00:01:00"));
        await api.SendAsync(Stage.Signal(nested), cancellationToken);
        return new Capsule
        {
            Waits = waits,
            Sent = sent,
            Answer = answer.Json,
            Parent = parent,
            Nested = nested,
            Far = far,
            FarUntil = farUntil,
            Assigned = assigned,
            Triggered = triggered,
            Alone = alone,
            Silence = silence,
            Copy = copy,
        };
    }

    /// <summary>Takes everything as far as it goes.</summary>
    public async Task ResumeAsync(ServerProcess server, RestClient api, CancellationToken cancellationToken)
    {
        Assert.Equal(Answer.ToJsonString(), (await api.SendAsync(Sent, cancellationToken)).Json.ToJsonString());
        var next = await api.SendAsync(Stage.Signal(Waits), cancellationToken);
        Assert.Equal((long)Answer["version"]! + 1, (long)next.Json["version"]!);

        ActivationSpec.AssertRefused(await ActivationSpec.StartAsync(api, Alone, correlationId: null));
        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync(Stage.Signal(Parent), cancellationToken)).Status);
        await EndsAsync(api, Parent, cancellationToken);
        await EndsAsync(api, Nested, cancellationToken);
        if (TimeProvider.System.GetUtcNow() < FarUntil)
        {
            Assert.Equal("Running", await StatusAsync(api, Far, cancellationToken));
        }
        else
        {
            await EndsAsync(api, Far, cancellationToken);
        }

        await CompleteAsync(api, cancellationToken);
        await api.SendAsync(Support.Triggered.Signal(Opened), cancellationToken);
        await Eventually.HoldsAsync(
            "the event starts an instance",
            async () => (await api.ListAsync(Stage.Secretariat, $"/api/v1/instances?definitionId={Triggered}", cancellationToken)).Count is 1,
            cancellationToken);
        await CaseDrive.ToCirculationAsync(server, api, Reviewed, cancellationToken);
        await CaseDrive.ToCirculationAsync(server, api, Unanswered, cancellationToken);
    }

    private static async Task<string> ParentAsync(Stage stage, string id, string childTakes)
    {
        var child = await stage.PublishAsync(Definitions.Of($"{id}-child", Definitions.Activity("rest", "Elsa.Delay", ("timeSpan", "TimeSpan", "Literal", childTakes))));
        return await stage.PublishAsync(Definitions.Of(
            id,
            Definitions.Wait("wait"),
            Definitions.Activity("child", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "String", "Literal", child), ("waitForCompletion", "Boolean", "Literal", "true"))));
    }

    /// <summary>A task, a copy and a silence procedure, each by whom it is for.</summary>
    private async Task CompleteAsync(RestClient api, CancellationToken cancellationToken)
    {
        var task = Assert.Single(await api.ListAsync(Stage.Secretariat, "/api/v1/tasks?status=open", cancellationToken), each => (string?)each["instanceId"] == Assigned);
        await api.ChangeAsync(Stage.Secretariat, "POST", $"/api/v1/tasks/{task["id"]}/complete", new JsonObject { ["outcome"] = "Done" }, cancellationToken);
        await EndsAsync(api, Assigned, cancellationToken);
        await api.ChangeAsync(Stage.SeatClient(Stage.Seat), "POST", $"{Copy}/acknowledge", null, cancellationToken);

        var silence = await api.GetAsync(Stage.Secretariat, Silence, cancellationToken);
        if (DateTimeOffset.Parse((string)silence["expiresAt"]!, CultureInfo.InvariantCulture) > TimeProvider.System.GetUtcNow())
        {
            await api.ChangeAsync(Stage.SeatClient(Stage.Seat), "POST", $"{Silence}/object", new JsonObject { ["text"] = "Synthetic objection." }, cancellationToken);
        }

        await Eventually.HoldsAsync(
            "the silence ends", async () => (string?)(await api.GetAsync(Stage.Secretariat, Silence, cancellationToken))["status"] is "Adopted" or "Broken", cancellationToken);
    }

    private static Task EndsAsync(RestClient api, string instance, CancellationToken cancellationToken) => Eventually.HoldsAsync(
        $"{instance} ends", async () => await StatusAsync(api, instance, cancellationToken) is "Finished", cancellationToken);

    private static async Task<string> StatusAsync(RestClient api, string instance, CancellationToken cancellationToken) =>
        (string)(await api.GetAsync(Stage.Secretariat, $"/api/v1/instances/{instance}", cancellationToken))["status"]!;
}
