using AssessmentFlow.Engine.Activities;

namespace AssessmentFlow.UnitTests.Activities;

/// <summary>The faces of the activities that Studio and the engine go by.</summary>
public sealed class DescriptorTests
{
    private static readonly ActivityCatalog Catalog = new(ActivityCatalog.General);

    [Fact]
    public void The_palette_hides_what_Elsa_hides() => AssertTypes(
        static descriptor => !descriptor.IsBrowsable, "Elsa.Flowchart", "Elsa.Fork", "Elsa.Parallel", "Elsa.Sequence", "Elsa.Workflow");

    [Fact]
    public void Containers_are_those_that_hold_a_list_of_activities() => AssertTypes(
        static descriptor => descriptor.IsContainer, "Elsa.Flowchart", "Elsa.Parallel", "Elsa.Sequence", "Elsa.Workflow");

    [Fact]
    public void What_ends_the_container_around_it_has_no_port_to_go_on_from() => AssertTypes(
        static descriptor => descriptor.IsTerminal, "Elsa.Break", "Elsa.Complete", "Elsa.End", "Elsa.Finish");

    [Fact]
    public void A_flowchart_begins_with_a_start() => AssertTypes(static descriptor => descriptor.IsStart, "Elsa.Start");

    [Fact]
    public void What_may_start_a_workflow_is_a_trigger() => AssertTypes(
        static descriptor => descriptor.Kind is ActivityKind.Trigger, "Elsa.Cron", "Elsa.Event", "Elsa.HttpEndpoint", "Elsa.StartAt", "Elsa.Timer");

    [Fact]
    public void Secrets_are_the_only_inputs_that_nobody_is_shown() => AssertInputs(
        static input => input.IsSensitive, "Elsa.DownloadHttpFile.Authorization", "Elsa.FlowSendHttpRequest.Authorization", "Elsa.SendHttpRequest.Authorization");

    private static void AssertTypes(Func<ActivityDescriptor, bool> isMeant, params string[] expected) =>
        Assert.Equal(expected, Catalog.All.Select(activity => activity.Descriptor).Where(isMeant).Select(descriptor => descriptor.TypeName));

    private static void AssertInputs(Func<InputDescriptor, bool> isMeant, params string[] expected) => Assert.Equal(
        expected,
        Catalog.All.SelectMany(activity => activity.Descriptor.Inputs.Where(isMeant).Select(input => $"{activity.Descriptor.TypeName}.{input.Name}")));
}
