using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Starts an instance of another workflow for each item of a list.</summary>
internal sealed class BulkDispatchWorkflows : ChildWorkflows
{
    private const string ChildCompleted = "ChildCompleted";
    private const string ChildFaulted = "ChildFaulted";
    private const string Completed = "Completed";
    private const string Canceled = "Canceled";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.BulkDispatchWorkflows",
        Category = "Composition",
        DisplayName = "Bulk Dispatch Workflows",
        Description = "Starts an instance of another workflow for each item of a list, and waits for their ends if asked to.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            DefinitionInput,
            new("Items", "Object", "The list. An item that is an object gives inputs by name; any other is one input."),
            new("DefaultItemInputKey", "String", "Name of the input that an item becomes.") { Default = JsonValues.Of("Item") },
            new("CorrelationIdFunction", "String", "Correlation id of each new instance; the expression sees the item.") { IsEvaluatedAtStart = false },
            InputInput,
            new(WaitForCompletion, "Boolean", "Whether to wait for the ends of the new instances.") { UiHint = "checkbox", Default = JsonValues.True },
            TraceInput,
            ChannelInput,
        ],
        FlowPorts = [Completed, Canceled, Outcome.Done],
        EmbeddedPorts = [ChildCompleted, ChildFaulted],
    };

    public override void Execute(ActivityContext context)
    {
        ValueConversion.TryConvert(context.Input("Items"), "Object", isArray: true, out var items);
        var count = items.IsNull() ? 0 : items.GetArrayLength();
        if (count is 0)
        {
            context.Complete();
            return;
        }

        if (count > EngineLimits.BranchesMax)
        {
            throw new ActivityFaultException("too-many-children", $"'{context.Node.Label}' has {count} items; {EngineLimits.BranchesMax} workflows may be started at once.");
        }

        var waits = context.Flag(WaitForCompletion);
        var bookmark = context.Wait(JsonValues.Object(("ParentInstanceId", JsonValues.Of(context.InstanceId)), ("ScheduledInstanceIdsCount", JsonValues.Of(count))));
        var progress = context.Memory(BulkProgress.Contract);
        progress.Waits = waits;
        foreach (var item in items.EnumerateArray())
        {
            var childId = InstanceIds.OfChild(context.InstanceId, context.ExecutionId, progress.Started);
            var inputs = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal) { [context.Text("DefaultItemInputKey") ?? "Item"] = item };
            var correlationId = ValueConversion.ToText(context.InputWith("CorrelationIdFunction", inputs));
            Start(context, childId, Merge(InputsOf(context), item, inputs), correlationId, bookmark, waits ? ChildMoment.End : ChildMoment.Beginning);
            progress.Started++;
            progress.Open++;
        }
    }

    /// <summary>A child began, when only that is waited for, or ended.</summary>
    public override void OnReply(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        var progress = context.Memory(BulkProgress.Contract);
        progress.Open--;
        if (progress.Waits)
        {
            progress.AnyCanceled |= payload.Member("SubStatus").AsText() is nameof(InstanceSubStatus.Cancelled);
            var port = payload.Member("SubStatus").AsText() switch
            {
                nameof(InstanceSubStatus.Finished) => ChildCompleted,
                nameof(InstanceSubStatus.Faulted) => ChildFaulted,
                _ => "",
            };
            if (context.Node.Ports.TryGetValue(port, out var handler))
            {
                context.Schedule(handler, new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal)
                {
                    ["ChildInstanceId"] = payload.Member("WorkflowInstanceId"),
                    ["WorkflowOutput"] = payload.Member("Output"),
                    ["WorkflowInstanceId"] = payload.Member("WorkflowInstanceId"),
                    ["WorkflowStatus"] = payload.Member("Status"),
                    ["WorkflowSubStatus"] = payload.Member("SubStatus"),
                });
            }
        }

        CompleteWhenAllIsDone(context, bookmark);
    }

    public override void OnChildCompleted(ActivityContext context, CompletedChild child) =>
        CompleteWhenAllIsDone(context, context.Turn.State.Bookmarks.Values.First(bookmark => bookmark.Execution == context.ExecutionId));

    internal override void OnCancelled(ActivityContext context)
    {
        var progress = context.Memory(BulkProgress.Contract);
        if (!progress.Waits)
        {
            return;
        }

        var running = context.Turn.State.Children.ToHashSet(StringComparer.Ordinal);
        for (var position = 0; position < progress.Started; position++)
        {
            var child = InstanceIds.OfChild(context.InstanceId, context.ExecutionId, position);
            if (running.Contains(child))
            {
                context.Turn.CancelChild(child);
            }
        }
    }

    /// <summary>Also what the ports do for children must be done: Elsa cuts it short when the last child has ended.</summary>
    private static void CompleteWhenAllIsDone(ActivityContext context, Bookmark bookmark)
    {
        var progress = context.Memory(BulkProgress.Contract);
        if (progress.Open > 0 || context.Turn.HasLiveChildren(context.ExecutionId) || context.Turn.IsToBeRepaired(context.ExecutionId))
        {
            return;
        }

        context.Burn(bookmark, JsonValues.Null);
        context.Complete(!progress.Waits ? [Outcome.Done] : progress.AnyCanceled ? [Completed, Canceled, Outcome.Done] : [Completed, Outcome.Done]);
    }

    private static OrderedDictionary<string, JsonElement> Merge(
        OrderedDictionary<string, JsonElement> common, JsonElement item, OrderedDictionary<string, JsonElement> single)
    {
        if (item.ValueKind is JsonValueKind.Object)
        {
            foreach (var member in item.EnumerateObject())
            {
                common[member.Name] = member.Value;
            }
        }
        else
        {
            foreach (var (name, value) in single)
            {
                common[name] = value;
            }
        }

        return common;
    }
}

/// <summary>What a bulk dispatch remembers.</summary>
internal sealed class BulkProgress
{
    public static readonly JsonContract<BulkProgress> Contract = new(BulkMemoryContext.Plain.BulkProgress);

    /// <summary>Children that were started (count).</summary>
    [JsonPropertyName("s")]
    public int Started { get; set; }

    /// <summary>Children that were started and have not reported (count).</summary>
    [JsonPropertyName("o")]
    public int Open { get; set; }

    /// <summary>Whether the ends of the children are waited for.</summary>
    [JsonPropertyName("w")]
    public bool Waits { get; set; }

    /// <summary>Whether a child was cancelled.</summary>
    [JsonPropertyName("c")]
    public bool AnyCanceled { get; set; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(BulkProgress))]
internal sealed partial class BulkMemoryContext : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    internal static BulkMemoryContext Plain => field ??= new(PlainJson.Of(Default.Options));
}
