using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>Workflows that start by themselves, and what they have started.</summary>
/// <param name="installation">Where.</param>
internal sealed class Triggered(Installation installation)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>An event that starts the workflow.</summary>
    public static JsonObject OnEvent(string name) => Starting(Definitions.Activity($"on-{name}", "Elsa.Event", ("eventName", "String", "Literal", name)));

    /// <summary>An interval at which the workflow starts.</summary>
    public static JsonObject Every(string interval) => Starting(Definitions.Activity("start", "Elsa.Timer", ("interval", "TimeSpan", "Literal", interval)));

    /// <summary>A cron expression at whose times the workflow starts.</summary>
    public static JsonObject Cron(string expression) => Starting(Definitions.Activity("start", "Elsa.Cron", ("cronExpression", "String", "Literal", expression)));

    /// <summary>The only time at which the workflow starts.</summary>
    public static JsonObject At(DateTimeOffset time) => Starting(Definitions.Activity("start", "Elsa.StartAt", ("dateTime", "DateTimeOffset", "Literal", time.ToString("O"))));

    /// <summary>A name that nothing else has.</summary>
    public static string Unique(string prefix) => $"{prefix}-{Guid.NewGuid():n}";

    /// <summary>Imports and publishes a workflow.</summary>
    /// <returns>Its id.</returns>
    public Task<string> PublishAsync(JsonObject definition) => installation.Stage.PublishAsync(definition);

    /// <summary>Takes all triggers away from a workflow.</summary>
    public Task StopAsync(string definitionId) => PublishAsync(Definitions.Of(definitionId, Definitions.Activity("line", "Elsa.WriteLine", ("text", "String", "Literal", "Stopped"))));

    /// <summary>A publication of an event, as it can be sent again and again.</summary>
    public static RestRequest Signal(string name, string? correlationId = null) =>
        new RestRequest("POST", "/api/v1/signals") { Client = Stage.Secretariat, IdempotencyKey = Guid.NewGuid().ToString() }
            .WithJson(new JsonObject { ["name"] = name, ["correlationId"] = correlationId, ["payload"] = new JsonObject { ["no"] = 4 } });

    /// <summary>The instances of a workflow.</summary>
    public Task<IReadOnlyList<JsonNode>> InstancesAsync(string definitionId) =>
        installation.Api.ListAsync(Stage.Secretariat, $"/api/v1/instances?definitionId={definitionId}", Token);

    /// <summary>The triggers of a workflow.</summary>
    public Task<IReadOnlyList<JsonNode>> TriggersAsync(string definitionId) =>
        installation.Api.ListAsync(Stage.Secretariat, $"/api/v1/workflow-definitions/{definitionId}/triggers", Token);

    /// <summary>Waits until nothing that a signal or a trigger caused is under way; signals that nobody took are only kept.</summary>
    public Task RestAsync() => Eventually.HoldsAsync(
        "messages of signals and triggers are delivered",
        async () => (await installation.ReadAsync("SELECT count(*) FROM outbox WHERE (entity_id LIKE 'signal/%' AND attempts = 0) OR entity_id LIKE 'trigger-set/%'", row => row.GetInt64(0)))[0] is 0,
        Token);

    /// <summary>Waits until the clock has passed an instant.</summary>
    public static Task PassAsync(DateTimeOffset instant) =>
        Eventually.HoldsAsync($"the clock passes {instant:O}", () => Task.FromResult(TimeProvider.System.GetUtcNow() > instant), Token);

    private static JsonObject Starting(JsonObject activity)
    {
        activity["customProperties"] = new JsonObject { ["canStartWorkflow"] = true };
        return activity;
    }
}
