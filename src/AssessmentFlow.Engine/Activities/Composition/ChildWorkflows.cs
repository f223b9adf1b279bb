using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// What activities that start other workflows have in common. Parent and child know each other by messages only:
/// the child is started after the commit of the parent, and reports to it after commits of its own.
/// </summary>
internal abstract class ChildWorkflows : Activity
{
    protected const string DefinitionId = "WorkflowDefinitionId";
    protected const string CorrelationId = "CorrelationId";
    protected const string Input = "Input";
    protected const string WaitForCompletion = "WaitForCompletion";
    private const string ChildInstanceId = "ChildInstanceId";

    protected static InputDescriptor DefinitionInput { get; } =
        new(DefinitionId, "String", "The workflow to start; its published version is taken.") { UiHint = InputDescriptor.WorkflowPicker, IsRequired = true };

    protected static InputDescriptor InputInput { get; } =
        new(Input, "ObjectDictionary", "Inputs of the new instance, by name.") { UiHint = "dictionary" };

    /// <summary>Elsa's setting for its own tracing; here a child is always part of the trace of its parent.</summary>
    protected static InputDescriptor TraceInput { get; } =
        new("StartNewTrace", "Boolean", "Has no effect: a child belongs to the trace of its parent.") { UiHint = "checkbox", Default = JsonValues.False };

    protected static InputDescriptor ChannelInput { get; } =
        new("ChannelName", "String", "Has no effect: there is one way by which workflows are started.") { UiHint = "dropdown" };

    internal override object? Plan(PlanContext context)
    {
        var isEmpty = !context.Node.Inputs.TryGetValue("ChannelName", out var channel)
            || (channel is LiteralExpression literal && string.IsNullOrEmpty(ValueConversion.ToText(literal.Value)));
        if (!isEmpty)
        {
            context.Warn($"{context.Node.Path}.channelName", "channel-ignored", "There are no dispatcher channels here; the workflow is started all the same.");
        }

        return null;
    }

    /// <summary>What waited for a child is gone: nobody is left who would take its result, so it ends as well.</summary>
    internal override void OnCancelled(ActivityContext context)
    {
        foreach (var bookmark in context.Turn.State.Bookmarks.Values.Where(bookmark => bookmark.Execution == context.ExecutionId))
        {
            if (bookmark.Payload.Member(ChildInstanceId).AsText() is { } child && context.Turn.State.Children.Contains(child, StringComparer.Ordinal))
            {
                context.Turn.CancelChild(child);
            }
        }
    }

    /// <summary>Starts the one child of this run and waits for a moment of its life.</summary>
    /// <remarks>Even when nothing is waited for, the run waits for the beginning: a workflow that does not exist is a fault here.</remarks>
    protected static void StartOnly(ActivityContext context, ChildMoment waitsFor)
    {
        var childId = InstanceIds.OfChild(context.InstanceId, context.ExecutionId);
        var bookmark = context.Wait(
            waitsFor is ChildMoment.Beginning ? JsonValues.EmptyObject : JsonValues.Object((ChildInstanceId, JsonValues.Of(childId))),
            goesOn: waitsFor is not ChildMoment.End);
        Start(context, childId, InputsOf(context), context.Text(CorrelationId), bookmark, waitsFor);
    }

    protected static void Start(
        ActivityContext context,
        string childId,
        OrderedDictionary<string, JsonElement> input,
        string? correlationId,
        Bookmark bookmark,
        ChildMoment waitsFor)
    {
        input["ParentInstanceId"] = JsonValues.Of(context.InstanceId);
        var start = new InstanceEffect.StartChild(
            childId, context.RequiredKey(DefinitionId), input, context.CheckKey(CorrelationId, correlationId), bookmark.Id, waitsFor);
        context.Turn.Record(new InstanceFact.ChildStarted(childId));
        context.Tell(start);
    }

    /// <summary>The inputs that the author wrote down for children.</summary>
    protected static OrderedDictionary<string, JsonElement> InputsOf(ActivityContext context)
    {
        var input = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in context.Input(Input) is { ValueKind: JsonValueKind.Object } given ? given.EnumerateObject() : default)
        {
            input[member.Name] = member.Value;
        }

        return input;
    }
}

/// <summary>Starts another workflow as an instance of its own, and may wait for its end.</summary>
internal sealed class DispatchWorkflow : ChildWorkflows
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.DispatchWorkflow",
        Category = "Composition",
        DisplayName = "Dispatch Workflow",
        Description = "Starts another workflow as an instance of its own, and waits for its end if asked to.",
        Inputs =
        [
            DefinitionInput,
            new(CorrelationId, "String", "Correlation id of the new instance."),
            InputInput,
            new(WaitForCompletion, "Boolean", "Whether to wait for the end of the new instance.") { UiHint = "checkbox", Default = JsonValues.False },
            TraceInput,
            ChannelInput,
        ],
        Outputs = [new("Result", "Object", "Outputs of the instance, by name, when it was waited for.")],
    };

    public override void Execute(ActivityContext context) =>
        StartOnly(context, context.Flag(WaitForCompletion) ? ChildMoment.End : ChildMoment.Beginning);

    public override void OnReply(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        context.Burn(bookmark, payload);
        if (payload.Member("Output") is { ValueKind: JsonValueKind.Object } output)
        {
            context.SetOutput("Result", output);
        }

        context.Complete();
    }
}

/// <summary>Runs another workflow as an instance of its own: until it ends, or only until it first comes to rest.</summary>
internal sealed class ExecuteWorkflow : ChildWorkflows
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.ExecuteWorkflow",
        Category = "Composition",
        DisplayName = "Execute Workflow",
        Description = "Runs another workflow as an instance of its own and takes its result.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            DefinitionInput,
            new(CorrelationId, "String", "Correlation id of the new instance."),
            InputInput,
            new(WaitForCompletion, "Boolean", "Whether to wait for the end of the new instance, or only until it first waits for something.")
            {
                UiHint = "checkbox", Default = JsonValues.False,
            },
        ],
        Outputs = [new("Result", "ExecuteWorkflowResult", "How the instance stands, and its outputs.")],
    };

    public override void Execute(ActivityContext context) =>
        StartOnly(context, context.Flag(WaitForCompletion) ? ChildMoment.RestAndEnd : ChildMoment.Rest);

    public override void OnReply(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        context.Burn(bookmark, payload);
        context.SetOutput("Result", WorkflowResult.Of(payload));
        context.Complete();
    }
}
