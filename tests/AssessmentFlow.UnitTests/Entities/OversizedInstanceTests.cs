using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Entities;

/// <summary>What becomes of a turn after which an instance would be larger than it may be.</summary>
public sealed class OversizedInstanceTests
{
    private const int Count = 17;
    private static readonly string[] Names = [.. Enumerable.Range(0, Count).Select(number => $"V{number}")];
    private static readonly string Fill = string.Concat(Names.Select(name => $"set{name}('x'.repeat(62000)); "));

    [Fact]
    public async Task A_first_turn_that_would_make_the_instance_too_large_is_refused()
    {
        var instance = new Instance(Activity("Elsa.RunJavaScript", "x", ("script", Literal(Fill))));

        Assert.Equal(WorkflowEngine.StateTooLarge, Refusal(await instance.StartAsync()));
    }

    [Fact]
    public async Task A_later_turn_that_would_make_the_instance_too_large_ends_it_as_faulted()
    {
        var instance = new Instance(Sequence("s", Event("e", "Go"), Activity("Elsa.RunJavaScript", "x", ("script", Literal(Fill)))));
        instance.Take(await instance.StartAsync());
        var ended = Assert.IsType<EntityDecision<InstanceState>.Accepted>(await instance.DecideAsync(new InstanceInput.Signal("Go", JsonValues.Null)));

        Assert.Equal(InstanceSubStatus.Faulted, ended.State.SubStatus);
    }

    [Fact]
    public async Task What_reaches_a_faulted_instance_that_has_no_room_for_it_is_refused_and_nothing_is_lost()
    {
        var children = Enumerable.Range(0, Count).Select(number => Activity("Elsa.DispatchWorkflow", $"d{number}", ("workflowDefinitionId", Literal("child")), ("waitForCompletion", Literal("True"))));
        var instance = new Instance(Container("Elsa.Parallel", "par", [.. children, Activity("Elsa.Fault", "f")]));
        instance.Take(await instance.StartAsync());
        var result = JsonValues.Object(("Output", JsonValues.Of(new string('x', 62_000))));
        foreach (var bookmark in instance.State.Bookmarks.Values.ToArray()[..^1])
        {
            instance.Take(await EndAsync(bookmark));
        }

        var last = instance.State.Bookmarks.Values.Last();
        Assert.Equal(WorkflowEngine.StateTooLarge, Refusal(await EndAsync(last)));
        Assert.Equal(Count - 1, instance.State.Deferred.Length);
        Assert.Equal(Count, instance.State.Children.Length);

        ValueTask<EntityDecision<InstanceState>> EndAsync(Bookmark bookmark) =>
            instance.DecideAsync(new InstanceInput.ChildEnded(bookmark.Payload.Member("ChildInstanceId").AsText()!, bookmark.Id, result));
    }

    private static string Refusal(EntityDecision<InstanceState> decision) => Assert.IsType<EntityDecision<InstanceState>.Refused>(decision).Refusal.Code;

    /// <summary>An instance of a drawn workflow.</summary>
    private sealed class Instance : IDefinitionContents, IReferenceData
    {
        private readonly WorkflowDefinition _definition;
        private readonly InstanceKind _kind;

        public Instance(JsonObject root)
        {
            _definition = new EngineWorld().Read(Definition("drawn", root, ("variables", new JsonArray([.. Names.Select(name => Variable(name, "String"))])))).Definition!;
            _kind = new InstanceKind(this, this, queries: null!);
            State = _kind.Empty("i");
        }

        public InstanceState State { get; private set; }

        public ValueTask<EntityDecision<InstanceState>> StartAsync() =>
            DecideAsync(new InstanceInput.Start("drawn", 1, "hash", new(StringComparer.Ordinal), CorrelationId: null));

        public ValueTask<EntityDecision<InstanceState>> DecideAsync(InstanceInput input) => _kind.DecideAsync(
            State,
            new Envelope { InputId = "input", Input = JsonSerializer.SerializeToUtf8Bytes(input, EngineJson.Plain.InstanceInput) },
            DateTimeOffset.UnixEpoch,
            version: 1,
            TestContext.Current.CancellationToken);

        public void Take(EntityDecision<InstanceState> decision) => State = Assert.IsType<EntityDecision<InstanceState>.Accepted>(decision).State;

        public ValueTask<WorkflowDefinition> GetAsync(string hash, CancellationToken cancellationToken) => new(_definition);

        public ValueTask<ReferenceSnapshot> GetAsync(CancellationToken cancellationToken) => throw new NotSupportedException("Nothing here asks for reference data.");
    }
}
