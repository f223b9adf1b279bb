using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>A workflow that must not run beside another instance does not, whoever starts it and how many at once.</summary>
public abstract class ActivationSpec(Installation installation)
{
    internal const string Singleton = "Elsa.Workflows.Runtime.ActivationValidators.SingletonStrategy, Elsa.Workflows.Runtime";
    private const string Correlation = "Elsa.Workflows.Runtime.ActivationValidators.CorrelationStrategy, Elsa.Workflows.Runtime";
    private const string CorrelatedSingleton = "Elsa.Workflows.Runtime.ActivationValidators.CorrelatedSingletonStrategy, Elsa.Workflows.Runtime";
    private const string Refused = "urn:assessmentflow:problem:activation-refused";

    private readonly Triggered _triggered = new(installation);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_singletons_started_at_once_one_runs_and_when_it_is_cancelled_another_may()
    {
        var id = await _triggered.PublishAsync(Waiting(Singleton));

        for (var round = 0; round < 5; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => StartAsync(installation.Api, id, $"c{i}")));

            var won = Assert.Single(answers, answer => answer.Status is HttpStatusCode.Created);
            Assert.All(answers.Where(answer => answer != won), AssertRefused);
            var path = won.Location!;
            await installation.Api.ChangeAsync(Stage.Secretariat, "POST", $"{path}/cancel", new JsonObject { ["reason"] = "Synthetic." }, Token);
        }
    }

    [Fact]
    public async Task A_start_that_is_sent_again_under_its_key_is_answered_as_the_first_time_and_not_refused_beside_itself()
    {
        var id = await _triggered.PublishAsync(Waiting(Singleton));
        var request = Start(id, correlationId: null);

        var first = await installation.Api.SendAsync(request, Token);
        var again = await installation.Api.SendAsync(request, Token);

        Assert.Equal((HttpStatusCode.Created, first.Text), (again.Status, again.Text));
    }

    [Fact]
    public async Task Correlation_allows_one_instance_per_business_identity_over_all_workflows()
    {
        var free = await _triggered.PublishAsync(Waiting(strategy: null));
        var id = await _triggered.PublishAsync(Waiting(Correlation));
        var (one, other) = (Triggered.Unique("case"), Triggered.Unique("case"));
        await ExpectAsync(HttpStatusCode.Created, free, one);

        await ExpectAsync(HttpStatusCode.Conflict, id, one);
        await ExpectAsync(HttpStatusCode.Created, id, other);
        await ExpectAsync(HttpStatusCode.Conflict, id, other);
        await ExpectAsync(HttpStatusCode.Created, id, correlationId: null);
        await ExpectAsync(HttpStatusCode.Created, id, correlationId: null);
        await ExpectAsync(HttpStatusCode.Created, free, other);
    }

    [Fact]
    public async Task A_correlated_singleton_runs_once_per_business_identity_and_minds_no_other_workflow()
    {
        var free = await _triggered.PublishAsync(Waiting(strategy: null));
        var id = await _triggered.PublishAsync(Waiting(CorrelatedSingleton));
        var (one, other) = (Triggered.Unique("case"), Triggered.Unique("case"));
        await ExpectAsync(HttpStatusCode.Created, free, one);

        await ExpectAsync(HttpStatusCode.Created, id, one);
        await ExpectAsync(HttpStatusCode.Conflict, id, one);
        await ExpectAsync(HttpStatusCode.Created, id, other);
        await ExpectAsync(HttpStatusCode.Conflict, id, correlationId: null);
    }

    [Fact]
    public async Task A_singleton_that_is_running_also_stops_the_start_of_the_version_that_made_it_one()
    {
        var definition = Waiting(strategy: null);
        var id = await _triggered.PublishAsync(definition);
        await ExpectAsync(HttpStatusCode.Created, id, correlationId: null);
        definition["options"] = new JsonObject { ["activationStrategyType"] = Singleton };
        await _triggered.PublishAsync((JsonObject)definition.DeepClone());

        await ExpectAsync(HttpStatusCode.Conflict, id, correlationId: null);
    }

    [Fact]
    public async Task A_start_by_a_trigger_that_is_refused_is_dropped_and_shown_with_the_triggers()
    {
        var name = Triggered.Unique("event");
        var id = await _triggered.PublishAsync(With(Singleton, Definitions.Of(Triggered.Unique("triggered"), Triggered.OnEvent(name), Wait())));
        await installation.Api.SendAsync(Triggered.Signal(name), Token);
        await _triggered.RestAsync();

        await installation.Api.SendAsync(Triggered.Signal(name), Token);
        await _triggered.RestAsync();

        Assert.Single(await _triggered.InstancesAsync(id));
        var trigger = Assert.Single(await _triggered.TriggersAsync(id));
        Assert.Equal((1, "activation-refused"), ((int)trigger["refusals"]!, (string?)trigger["lastRefusal"]!["code"]));
    }

    [Fact]
    public async Task A_parent_whose_child_may_not_start_has_an_incident_that_says_why()
    {
        var child = await _triggered.PublishAsync(Waiting(Singleton));
        await ExpectAsync(HttpStatusCode.Created, child, correlationId: null);
        var parent = await _triggered.PublishAsync(Definitions.Of(
            Triggered.Unique("parent"), Definitions.Activity("dispatch", "Elsa.DispatchWorkflow", ("workflowDefinitionId", "String", "Literal", child))));
        var started = await StartAsync(installation.Api, parent, correlationId: null);

        JsonNode instance = null!;
        await Eventually.HoldsAsync(
            "the parent hears that its child was refused",
            async () => (string?)(instance = await installation.Api.GetAsync(Stage.Secretariat, started.Location!, Token))["subStatus"] is "Faulted",
            Token);
        var incident = Assert.Single(instance["incidents"]!.AsArray())!;
        Assert.Equal(("dispatch", "activation-refused"), ((string?)incident["activityId"], (string?)incident["code"]));
    }

    [Fact]
    public async Task A_strategy_that_does_not_exist_is_refused_at_import_with_its_place()
    {
        var request = new RestRequest("POST", "/api/v1/workflow-definitions") { Client = Stage.Secretariat, IdempotencyKey = Guid.NewGuid().ToString() }
            .WithJson(Waiting("Elsa.Workflows.Runtime.ActivationValidators.SometimesStrategy, Elsa.Workflows.Runtime"));

        var answer = await installation.Api.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal("$.options.activationStrategyType", (string?)Assert.Single(answer.Json["errors"]!.AsArray())!["pointer"]);
    }

    internal static JsonObject Waiting(string? strategy) => With(strategy, Definitions.Of(Triggered.Unique("activation"), Wait()));

    internal static Task<RestAnswer> StartAsync(RestClient api, string definitionId, string? correlationId) => api.SendAsync(Start(definitionId, correlationId), Token);

    internal static void AssertRefused(RestAnswer answer)
    {
        Assert.True(answer.Status is HttpStatusCode.Conflict, $"The start was answered {answer}");
        Assert.Equal(("application/problem+json", Refused), (answer.ContentType, (string?)answer.Json["type"]));
    }

    private async Task ExpectAsync(HttpStatusCode status, string definitionId, string? correlationId)
    {
        var answer = await StartAsync(installation.Api, definitionId, correlationId);
        Assert.True(answer.Status == status, $"{definitionId} for {correlationId ?? "no case"} was answered {answer}");
    }

    private static RestRequest Start(string definitionId, string? correlationId) =>
        new RestRequest("POST", "/api/v1/instances") { Client = Stage.Secretariat, IdempotencyKey = Guid.NewGuid().ToString() }
            .WithJson(new JsonObject { ["definitionId"] = definitionId, ["correlationId"] = correlationId });

    private static JsonObject With(string? strategy, JsonObject definition)
    {
        definition["options"] = new JsonObject { ["activationStrategyType"] = strategy };
        return definition;
    }

    private static JsonObject Wait() => Definitions.Activity("wait", "Elsa.Event", ("eventName", "String", "Literal", "never"));
}

public sealed class ActivationOnSqlite(SqliteInstallation installation) : ActivationSpec(installation), IClassFixture<SqliteInstallation>;

public sealed class ActivationOnPostgres(PostgresInstallation installation) : ActivationSpec(installation), IClassFixture<PostgresInstallation>;

/// <summary>Two servers on one database. One of them goes at the end: the installation serves no other test.</summary>
public sealed class ActivationOnTwoServers(PostgresInstallation installation) : IClassFixture<PostgresInstallation>
{
    private readonly Triggered _triggered = new(installation);

    [Fact]
    public async Task Of_singletons_started_at_once_on_two_servers_one_runs()
    {
        await using var second = await ServerProcess.StartAsync(installation.Database.Settings());
        using var other = installation.Api.At(second);
        for (var round = 0; round < 10; round++)
        {
            var id = await _triggered.PublishAsync(ActivationSpec.Waiting(ActivationSpec.Singleton));

            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ActivationSpec.StartAsync(i % 2 is 0 ? installation.Api : other, id, correlationId: null)));

            var won = Assert.Single(answers, answer => answer.Status is HttpStatusCode.Created);
            Assert.All(answers.Where(answer => answer != won), ActivationSpec.AssertRefused);
            Assert.Single(await _triggered.InstancesAsync(id));
        }
    }
}
