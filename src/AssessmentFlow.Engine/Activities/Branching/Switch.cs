using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Runs the embedded activities of the cases that hold.</summary>
internal sealed class Switch : Activity
{
    private const string Default = "Default";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Switch",
        Category = "Branching",
        DisplayName = "Switch",
        Description = "Runs the first case that holds, or all that hold; Default when none does.",
        Inputs =
        [
            new("Cases", "Object", "Labels with their conditions and activities.") { IsWrapped = false, UiHint = "switch-editor" },
            new("Mode", "String", "Whether the first matching case runs or all of them.")
            {
                UiHint = "dropdown", Default = JsonValues.Of(SwitchCases.MatchFirst), Options = [SwitchCases.MatchFirst, SwitchCases.MatchAny],
            },
        ],
        Outputs = [new("Output", "Object", "Nothing, as in Elsa: what it is bound to stays as it is.")],
        EmbeddedPorts = [Default],
    };

    internal override object Plan(PlanContext context)
    {
        var json = context.Node.RawInputs.GetValueOrDefault("Cases");
        var cases = SwitchCases.Read(context, json);
        var activities = ImmutableDictionary.CreateBuilder<int, ActivityNode>();
        foreach (var (label, _, position) in cases)
        {
            var activity = json[position].Member("activity");
            if (activity.ValueKind is JsonValueKind.Object
                && context.ReadChild(activity, $"{context.Node.Path}.cases[{position}].activity", label) is { } child)
            {
                activities[position] = child;
            }
        }

        return new SwitchPlan(cases, activities.ToImmutable());
    }

    public override void Execute(ActivityContext context)
    {
        var plan = (SwitchPlan)context.Node.Plan!;
        var matching = SwitchCases.Matching(context, plan.Cases);
        var next = matching.IsEmpty
            ? context.Node.Ports.TryGetValue(Default, out var otherwise) ? [otherwise] : []
            : matching.Select(each => plan.Activities.GetValueOrDefault(each.Position)).OfType<ActivityNode>().ToArray();
        foreach (var activity in next)
        {
            context.Schedule(activity);
        }

        context.CompleteWhenNothingIsLeft();
    }

    public override void OnChildCompleted(ActivityContext context, CompletedChild child) => context.CompleteWhenNothingIsLeft();

    private sealed record SwitchPlan(ImmutableArray<SwitchCase> Cases, ImmutableDictionary<int, ActivityNode> Activities);
}

/// <summary>A case of a switch.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Condition">What has to hold.</param>
/// <param name="Position">Its place in the document.</param>
internal sealed record SwitchCase(string Label, InputExpression Condition, int Position);

/// <summary>What the two kinds of switch have in common.</summary>
internal static class SwitchCases
{
    public const string MatchFirst = "MatchFirst";
    public const string MatchAny = "MatchAny";

    public static ImmutableArray<SwitchCase> Read(PlanContext context, JsonElement json)
    {
        var cases = ImmutableArray.CreateBuilder<SwitchCase>();
        var position = -1;
        foreach (var item in json.ValueKind is JsonValueKind.Array ? json.EnumerateArray() : default)
        {
            var path = $"{context.Node.Path}.cases[{++position}]";
            var label = item.Member("label").AsText();
            if (string.IsNullOrEmpty(label))
            {
                context.Report($"{path}.label", "case-without-label", "A case needs a label: it is the port that is followed.");
            }
            else if (context.ReadExpression(item.Member("condition"), "Boolean", $"{path}.condition") is { } condition)
            {
                cases.Add(new SwitchCase(label, condition, position));
            }
        }

        return cases.ToImmutable();
    }

    /// <summary>The cases that hold, in the order of the document; at most one unless all are wanted.</summary>
    /// <remarks>Every condition is evaluated, as in Elsa, also behind the first that holds: one may set a variable, or fault.</remarks>
    public static ImmutableArray<SwitchCase> Matching(ActivityContext context, ImmutableArray<SwitchCase> cases)
    {
        var isFirstOnly = context.Text("Mode") is null or MatchFirst;
        var matching = ImmutableArray.CreateBuilder<SwitchCase>();
        foreach (var each in cases)
        {
            if (ValueConversion.TryGetBoolean(each.Condition.Evaluate(context.Scope), out var holds) && holds)
            {
                matching.Add(each);
            }
        }

        return isFirstOnly ? [.. matching.Take(1)] : matching.ToImmutable();
    }
}
