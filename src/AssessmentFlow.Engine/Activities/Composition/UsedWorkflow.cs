using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// Another workflow used as an activity. It runs inside the instance that uses it: what it waits for is waited for
/// there, and it ends with it. Its inputs are those of the activity, its outputs and outcomes become the activity's.
/// </summary>
internal sealed class UsedWorkflow : Activity
{
    public UsedWorkflow(int version, JsonElement definition)
    {
        var name = definition.Member("name").AsText() ?? "";
        Descriptor = new ActivityDescriptor
        {
            TypeName = Names.Pascal(name),
            Category = definition.Member("options").Member("activityCategory").AsText() is { Length: > 0 } category ? category : "Workflows",
            DisplayName = name,
            Description = definition.Member("description").AsText() ?? "",
            Version = version,
            Inputs = [.. Items(definition.Member("inputs")).Select(InputOf)],
            Outputs = [.. Items(definition.Member("outputs")).Select(OutputOf)],
            FlowPorts = [.. Items(definition.Member("outcomes")).Select(outcome => outcome.AsText()).OfType<string>()],
            EmbeddedPorts = [],
        };
    }

    public override ActivityDescriptor Descriptor { get; }

    public override void Execute(ActivityContext context)
    {
        var inputs = new OrderedDictionary<string, JsonElement>(Descriptor.Inputs.Length, StringComparer.Ordinal);
        foreach (var input in Descriptor.Inputs)
        {
            inputs[input.Name] = context.Input(input.Name);
        }

        context.Schedule(context.Node.Children[0], inputs);
    }

    public override void OnChildCompleted(ActivityContext context, CompletedChild child)
    {
        foreach (var output in Descriptor.Outputs)
        {
            if (child.Execution.Locals?.TryGetValue(output.Name, out var value) is true)
            {
                context.SetOutput(output.Name, value);
            }
            else if (!context.Node.OutputBindings.ContainsKey(output.Name))
            {
                context.SetOutput(output.Name, JsonValues.Null); // Not what an earlier use put out. What an output is bound to stays as it is, as in Elsa.
            }
        }

        context.Complete(child.Outcomes);
    }

    private static IEnumerable<JsonElement> Items(JsonElement json) =>
        (json.ValueKind is JsonValueKind.Array ? json.EnumerateArray() : default).Where(item => item.ValueKind is JsonValueKind.String || item.Member("name").AsText() is { Length: > 0 });

    private static InputDescriptor InputOf(JsonElement json) => new(json.Member("name").AsText()!, TypeOf(json), json.Member("description").AsText() ?? "")
    {
        DisplayName = json.Member("displayName").AsText(),
        UiHint = json.Member("uiHint").AsText() is { Length: > 0 } hint ? hint : "singleline",
    };

    private static OutputDescriptor OutputOf(JsonElement json) => new(json.Member("name").AsText()!, TypeOf(json), json.Member("description").AsText() ?? "");

    private static string TypeOf(JsonElement json)
    {
        var type = json.Member("type").AsText() is { Length: > 0 } name ? name : "Object";
        return json.Member("isArray").ValueKind is JsonValueKind.True ? $"List<{type}>" : type;
    }
}
