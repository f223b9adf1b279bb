using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Takes all items of a list at once.</summary>
/// <remarks>As in Elsa it is no loop for a break: a break inside leaves the loop around it.</remarks>
internal sealed class ParallelForEach : Activity
{
    private const string Body = "Body";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.ParallelForEach",
        Category = "Looping",
        DisplayName = "Parallel for Each",
        Description = "Runs its body for all items of a list side by side; done when all are done.",
        Inputs = [new("Items", "Object", "The list.")],
        EmbeddedPorts = [Body],
    };

    public override void Execute(ActivityContext context)
    {
        // Studio gives a list typed into the field as text; it is a list all the same.
        ValueConversion.TryConvert(context.Input("Items"), "Object", isArray: true, out var items);
        if (items.IsNull() || !context.Node.Ports.TryGetValue(Body, out var body) || items.GetArrayLength() is 0)
        {
            context.Complete();
            return;
        }

        if (items.GetArrayLength() > EngineLimits.BranchesMax)
        {
            throw new ActivityFaultException(
                "too-many-branches", $"'{context.Node.Label}' has {items.GetArrayLength()} items; {EngineLimits.BranchesMax} may run side by side.");
        }

        long index = 0;
        foreach (var item in items.EnumerateArray())
        {
            context.Schedule(body, new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal)
            {
                ["CurrentValue"] = item,
                ["CurrentIndex"] = JsonValues.Of(index++),
            });
        }
    }

    public override void OnChildCompleted(ActivityContext context, CompletedChild child) => context.CompleteWhenNothingIsLeft();
}
