using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// What the loops have in common: a body that runs once per turn of the loop, and a way out. A break lets what
/// the body still does come to its end; then the loop ends instead of beginning the next turn.
/// </summary>
internal abstract class Loop : Activity
{
    protected const string Body = "Body";
    protected const string CurrentValue = "CurrentValue";
    protected const string CurrentIndex = "CurrentIndex";

    public override void Execute(ActivityContext context)
    {
        if (context.Node.Ports.ContainsKey(Body))
        {
            Next(context);
        }
        else
        {
            context.Complete(); // A loop without a body has nothing to do, however often.
        }
    }

    public override void OnChildCompleted(ActivityContext context, CompletedChild child)
    {
        if (context.Memory(LoopProgress.Contract).IsBreaking)
        {
            context.Complete();
        }
        else
        {
            Next(context);
        }
    }

    internal override bool OnBreak(ActivityContext context)
    {
        context.Memory(LoopProgress.Contract).IsBreaking = true;
        return true;
    }

    /// <summary>Begins the next turn, or completes.</summary>
    protected abstract void Next(ActivityContext context);

    /// <summary>Runs the body once.</summary>
    /// <param name="context">The loop.</param>
    /// <param name="locals">What only this run of the body sees.</param>
    protected static void RunBody(ActivityContext context, params ReadOnlySpan<(string Name, JsonElement Value)> locals)
    {
        var values = new OrderedDictionary<string, JsonElement>(locals.Length, StringComparer.Ordinal);
        foreach (var (name, value) in locals)
        {
            values[name] = value;
        }

        context.Schedule(context.Node.Ports[Body], values.Count > 0 ? values : null);
    }
}

/// <summary>Counts from one number to another.</summary>
internal sealed class For : Loop
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.For",
        Category = "Looping",
        DisplayName = "For",
        Description = "Counts from one number to another and runs its body for each.",
        Inputs =
        [
            new("Start", "Int32", "First number.") { Default = JsonValues.Of(0L) },
            new("End", "Int32", "Last number.") { Default = JsonValues.Of(0L) },
            new("Step", "Int32", "What is added each time; a negative number counts down.") { Default = JsonValues.Of(1L) },
            new("OuterBoundInclusive", "Boolean", "Whether the body also runs for the last number.") { UiHint = "checkbox", Default = JsonValues.True },
        ],
        Outputs = [new(CurrentValue, "Object", "The number of the current turn.")],
        EmbeddedPorts = [Body],
    };

    protected override void Next(ActivityContext context)
    {
        var progress = context.Memory(LoopProgress.Contract);
        var isFirst = progress.Range is null;

        // The bounds hold for the whole loop, whatever the body does to the variables behind them.
        progress.Range ??= RangeOf(context);
        var position = isFirst ? progress.Range.Start : progress.Position + progress.Range.Step;
        if (!progress.Range.Contains(position))
        {
            context.Complete();
            return;
        }

        var value = JsonValues.Of(position);
        context.SetOutput(CurrentValue, value);
        progress.Position = position; // Last: when the variable behind the output does not take the number, the turn is done again.
        RunBody(context, (CurrentValue, value));
    }

    private static LoopRange RangeOf(ActivityContext context)
    {
        var step = Number("Step");
        return step is not 0
            ? new LoopRange(Number("Start"), Number("End"), step, context.Flag("OuterBoundInclusive"))
            : throw new ActivityFaultException("step-zero", $"'{context.Node.Label}' has a step of 0: it would never end.");

        // As in Elsa, a bound that has no value is 0.
        long Number(string input) => context.Input(input) is var value && value.IsNull() ? 0 : value.GetInt64();
    }
}

/// <summary>Takes the items of a list one after the other.</summary>
internal sealed class ForEach : Loop
{
    private const string Items = "Items";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.ForEach",
        Category = "Looping",
        DisplayName = "For Each",
        Description = "Runs its body for each item of a list, one after the other.",
        Inputs = [new(Items, "List<Object>", "The list.") { UiHint = "dictionary", DefaultSyntax = "JavaScript" }],
        Outputs = [new(CurrentValue, "Object", "The item of the current turn.")],
        EmbeddedPorts = [Body],
    };

    protected override void Next(ActivityContext context)
    {
        var progress = context.Memory(LoopProgress.Contract);
        var items = context.Keep(Items);
        if (items.IsNull() && context.Node.Inputs.TryGetValue(Items, out var list) && !list.IsBlank)
        {
            throw new ActivityFaultException("input-empty", $"The input {Items} of '{context.Node.Label}' gives nothing where a list is meant; an empty list would be none.");
        }

        if (items.ValueKind is not JsonValueKind.Array || progress.Position >= items.GetArrayLength())
        {
            context.Complete();
            return;
        }

        var index = progress.Position;
        var item = items[(int)index];
        context.SetOutput(CurrentValue, item);
        progress.Position++; // Last: when the variable behind the output does not take the item, the turn is done again.
        RunBody(context, (CurrentIndex, JsonValues.Of(index)), (CurrentValue, item));
    }
}

/// <summary>Runs its body as long as a condition holds.</summary>
internal sealed class While : Loop
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.While",
        Category = "Looping",
        DisplayName = "While",
        Description = "Runs its body as long as a condition holds; the condition is looked at before each turn.",
        Inputs = [new("Condition", "Boolean", "What has to hold.") { Default = JsonValues.False, IsEvaluatedAtStart = false }],
        EmbeddedPorts = [Body],
    };

    protected override void Next(ActivityContext context)
    {
        if (context.Flag("Condition"))
        {
            RunBody(context);
        }
        else
        {
            context.Complete();
        }
    }
}
