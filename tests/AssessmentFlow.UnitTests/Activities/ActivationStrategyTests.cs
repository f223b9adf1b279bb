using System.Collections.Immutable;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.UnitTests.Conformance;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class ActivationStrategyTests
{
    [Theory]
    [InlineData(null, ActivationStrategy.Always)]
    [InlineData("", ActivationStrategy.Always)]
    [InlineData("Elsa.Workflows.ActivationValidators.AllowAlwaysStrategy, Elsa.Workflows.Core", ActivationStrategy.Always)]
    [InlineData("Elsa.Workflows.Runtime.ActivationValidators.SingletonStrategy, Elsa.Workflows.Runtime", ActivationStrategy.Singleton)]
    [InlineData("Elsa.Workflows.Runtime.ActivationValidators.CorrelationStrategy, Elsa.Workflows.Runtime, Version=3.8.0.0", ActivationStrategy.Correlation)]
    [InlineData("Elsa.Workflows.Runtime.ActivationValidators.CorrelatedSingletonStrategy", ActivationStrategy.CorrelatedSingleton)]
    public void A_definition_names_its_strategy_by_the_type_that_studio_writes(string? typeName, ActivationStrategy expected)
    {
        var reading = Read(typeName);

        Assert.Empty(reading.Problems);
        Assert.Equal(expected, reading.Definition!.Options.ActivationStrategy);
    }

    [Theory]
    [InlineData("Singleton")]
    [InlineData("Acme.ActivationValidators.SingletonStrategy, Acme")]
    [InlineData("Elsa.Workflows.Runtime.ActivationValidators.SometimesStrategy, Elsa.Workflows.Runtime")]
    public void A_strategy_that_is_none_of_elsas_keeps_the_definition_from_being_published(string typeName)
    {
        var definition = Read(typeName).Definition!;

        Assert.Equal(
            [("$.options.activationStrategyType", "activation-strategy-unknown")],
            PublicationChecks.Of(definition, DateTimeOffset.UnixEpoch).Select(problem => (problem.Path, problem.Code)));
    }

    [Fact]
    public void What_was_published_with_an_unknown_strategy_can_still_be_read_and_starts_always() =>
        Assert.Equal(ActivationStrategy.Always, Read("Singleton").Definition!.Options.ActivationStrategy);

    [Theory]
    [InlineData(ActivationStrategy.Always, "c", false, null, null)]
    [InlineData(ActivationStrategy.Singleton, "c", true, "w", null)]
    [InlineData(ActivationStrategy.Correlation, "c", true, null, "c")]
    [InlineData(ActivationStrategy.Correlation, null, false, null, null)]
    [InlineData(ActivationStrategy.CorrelatedSingleton, "c", true, "w", "c")]
    [InlineData(ActivationStrategy.CorrelatedSingleton, "", true, "w", null)]
    public void Each_strategy_looks_at_the_instances_that_its_name_says(
        ActivationStrategy strategy, string? correlationId, bool excludes, string? definitionId, string? comparedCorrelationId)
    {
        var excluding = strategy.Excluding("w", correlationId);

        Assert.Equal(excludes, excluding is not null);
        Assert.Equal((definitionId, comparedCorrelationId), (excluding?.DefinitionId, excluding?.CorrelationId));
    }

    [Fact]
    public void No_two_strategies_and_no_two_workflows_share_a_claim()
    {
        string[] claims =
        [
            .. from definition in new[] { "a", "a/b", "1/a" }
               from correlation in new[] { "a", "b/c", "a/b/c" }
               from strategy in new[] { ActivationStrategy.Singleton, ActivationStrategy.CorrelatedSingleton }
               select strategy.Excluding(definition, correlation)!.Claim,
        ];

        Assert.Equal(3 + 9, claims.Distinct().Count());
    }

    [Fact]
    public void A_claim_is_taken_at_the_start_and_given_back_at_the_end()
    {
        var start = Start("c");
        var exclusion = InstanceClaims.Excluding(Workflow(), Pending(), start);

        Assert.Equal([new ClaimChange("correlation/c")], InstanceClaims.Changes(Workflow(), Pending(), Running("c"), exclusion));
        Assert.Empty(InstanceClaims.Changes(Workflow(), Running("c"), Running("c"), exclusion: null));
        Assert.Equal([new ClaimChange("correlation/c", IsOver: true)], InstanceClaims.Changes(Workflow(), Running("c"), Ended("c"), exclusion: null));
    }

    [Fact]
    public void An_instance_that_ends_with_its_first_turn_claims_nothing() =>
        Assert.Empty(InstanceClaims.Changes(Workflow(), Pending(), Ended("c"), InstanceClaims.Excluding(Workflow(), Pending(), Start("c"))));

    [Fact]
    public void An_instance_that_gets_another_business_identity_gives_its_claim_back_and_takes_no_other()
    {
        Assert.Equal([new ClaimChange("correlation/c", IsOver: true)], InstanceClaims.Changes(Workflow(), Running("c"), Running("d"), exclusion: null));
        Assert.Empty(InstanceClaims.Changes(Workflow(), Pending(), Running("d"), InstanceClaims.Excluding(Workflow(), Pending(), Start("c"))));
    }

    [Fact]
    public void A_faulted_instance_that_is_to_go_on_claims_again_and_must_not_run_beside_another()
    {
        var retry = new InstanceInput.Retry(1, Actor.System);
        var exclusion = InstanceClaims.Excluding(Workflow(), Ended("c", InstanceSubStatus.Faulted), retry);

        Assert.Equal(new ExcludingInstances("correlation/c", DefinitionId: null, "c"), exclusion);
        Assert.Equal([new ClaimChange("correlation/c")], InstanceClaims.Changes(Workflow(), Ended("c", InstanceSubStatus.Faulted), Running("c"), exclusion));
        Assert.Null(InstanceClaims.Excluding(Workflow(), Running("c"), retry));
    }

    private static InstanceInput.Start Start(string correlationId) => new("drawn", 1, "hash", [], correlationId);

    private static InstanceState Pending() => new() { Id = "i" };

    private static InstanceState Running(string correlationId) => In(correlationId, finished: null);

    private static InstanceState Ended(string correlationId, InstanceSubStatus subStatus = InstanceSubStatus.Finished) => In(correlationId, subStatus);

    private static InstanceState In(string correlationId, InstanceSubStatus? finished)
    {
        var state = Pending();
        state.Apply(new InstanceFact.InstanceStarted("drawn", 1, "hash", correlationId, Name: null, Parent: null, [], DateTimeOffset.UnixEpoch, Trigger: null));
        if (finished is { } subStatus)
        {
            state.Apply(new InstanceFact.InstanceFinished(subStatus, By: null, Reason: null, DateTimeOffset.UnixEpoch));
        }

        return state;
    }

    private static WorkflowDefinition Workflow() =>
        Read("Elsa.Workflows.Runtime.ActivationValidators.CorrelationStrategy, Elsa.Workflows.Runtime").Definition!;

    private static DefinitionReading Read(string? typeName) =>
        new EngineWorld().Read(Definition("drawn", Line("l", "x"), ("options", new JsonObject { ["activationStrategyType"] = typeName })));
}
