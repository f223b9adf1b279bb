using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Starts another workflow as an instance of its own, and may wait for its end.</summary>
internal sealed class DispatchWorkflow : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.DispatchWorkflow",
        Category = "Composition",
        DisplayName = "Dispatch Workflow",
        Description = "Starts another workflow as an instance of its own, and waits for its end if asked to.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new("WorkflowDefinitionId", "String", "The workflow to start; its published version is taken.") { UiHint = "workflow-definition-picker", IsRequired = true },
            new("CorrelationId", "String", "Correlation id of the new instance."),
            new("Input", "ObjectDictionary", "Inputs of the new instance, by name.") { UiHint = "dictionary" },
            new("WaitForCompletion", "Boolean", "Whether to wait for the end of the new instance.") { UiHint = "checkbox", Default = JsonValues.False },
        ],
        Outputs = [new("Result", "Object", "Outputs of the instance, by name, when it was waited for.")],
    };

    /// <remarks>Even without waiting for the end, the run waits until the child has begun: a workflow that does not exist is a fault here.</remarks>
    public override void Execute(ActivityContext context)
    {
        var waits = context.Flag("WaitForCompletion");
        var childId = InstanceIds.OfChild(context.InstanceId, context.ExecutionId);
        var input = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in context.Input("Input") is { ValueKind: JsonValueKind.Object } given ? given.EnumerateObject() : default)
        {
            input[member.Name] = member.Value;
        }

        input["ParentInstanceId"] = JsonValues.Of(context.InstanceId);
        var bookmark = context.Wait(JsonValues.Object(("ChildInstanceId", JsonValues.Of(childId))));
        context.Turn.Record(new InstanceFact.ChildStarted(childId));
        context.Tell(new InstanceEffect.StartChild(
            childId, context.RequiredText("WorkflowDefinitionId"), input, context.Text("CorrelationId"), bookmark.Id, waits));
    }

    public override void OnReply(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        context.Burn(bookmark, payload);
        context.SetOutput("Result", payload.Member("Output"));
        context.Complete();
    }
}
