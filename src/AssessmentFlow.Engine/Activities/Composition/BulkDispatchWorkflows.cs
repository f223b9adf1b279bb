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
    private const string CorrelationIdFunction = "CorrelationIdFunction";

    /// <summary>What the ports are told of a child, each with the member of its report.</summary>
    private static readonly (string Name, string Member)[] Told =
    [
        ("ChildInstanceId", "WorkflowInstanceId"), ("WorkflowOutput", "Output"), ("WorkflowInstanceId", "WorkflowInstanceId"),
        ("WorkflowStatus", "Status"), ("WorkflowSubStatus", "SubStatus"),
    ];

    /// <summary>Names of what the ports are told of a child.</summary>
    public static IEnumerable<string> HandlerValues => Told.Select(static told => told.Name);

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
            new(CorrelationIdFunction, "String", "Correlation id of each new instance; the expression sees the item.") { IsEvaluatedAtStart = false },
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
        var items = ItemsOf(context);
        var count = items.Length;
        if (count is 0)
        {
            context.Complete();
            return;
        }

        if (count > EngineLimits.BranchesMax)
        {
            throw new ActivityFaultException("too-many-children", $"'{context.Node.Label}' has {count} items; {EngineLimits.BranchesMax} workflows may be started at once.");
        }

        var progress = context.Memory(BulkProgress.Contract);
        progress.Waits = context.Flag(WaitForCompletion);
        var bookmark = context.Wait(
            JsonValues.Object(("ParentInstanceId", JsonValues.Of(context.InstanceId)), ("ScheduledInstanceIdsCount", JsonValues.Of(count))),
            goesOn: !progress.Waits);
        progress.Started = progress.Open = count;
        Start(context, bookmark, items, Enumerable.Range(0, count));
    }

    /// <summary>The others go on; the incident stands for all whose start is refused until somebody deals with it.</summary>
    public override void OnRefused(ActivityContext context, Bookmark bookmark, Refusal refusal, JsonElement payload)
    {
        var progress = context.Memory(BulkProgress.Contract);
        var child = payload.Member(InstanceInput.Reply.StartedInstance).AsText();
        if (Enumerable.Range(0, progress.Started).Cast<int?>().FirstOrDefault(each => ChildId(context, each!.Value) == child) is not { } position)
        {
            base.OnRefused(context, bookmark, refusal, payload); // Sent by a build that did not say which.
            return;
        }

        if (context.Turn.IsRepairing)
        {
            try
            {
                Start(context, bookmark, ItemsOf(context), [position]);
                return;
            }
            catch (ActivityFaultException e)
            {
                // A fault of the run would have it done again as a whole, and start again what was not refused.
                refusal = new Refusal(RefusalKind.Invalid, e.Code, e.Message);
            }
        }

        progress.Refused = [.. progress.Refused ?? [], position];
        if (progress.Refused.Length is 1)
        {
            context.Turn.FaultOverStart(context, refusal);
        }
    }

    internal override void OnStartAgain(ActivityContext context)
    {
        var progress = context.Memory(BulkProgress.Contract);
        Start(context, WaitOf(context), ItemsOf(context), progress.Refused ?? []);
        progress.Refused = null;
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
                context.Schedule(handler, new(Told.Select(told => KeyValuePair.Create(told.Name, payload.Member(told.Member))), StringComparer.Ordinal));
            }
        }

        CompleteWhenAllIsDone(context, bookmark);
    }

    public override void OnChildCompleted(ActivityContext context, CompletedChild child) =>
        CompleteWhenAllIsDone(context, WaitOf(context));

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
            var child = ChildId(context, position);
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

    /// <summary>Starts the children at some places of the list: all of them, or none when something about one cannot be worked out.</summary>
    private static void Start(ActivityContext context, Bookmark bookmark, JsonElement[] items, IEnumerable<int> positions)
    {
        var waitsFor = context.Memory(BulkProgress.Contract).Waits ? ChildMoment.End : ChildMoment.Beginning;
        var children = positions.Select(position => (Id: ChildId(context, position), Given: Given(context, items[position]))).ToArray();
        foreach (var (id, (inputs, correlationId)) in children)
        {
            Start(context, id, inputs, correlationId, bookmark, waitsFor);
        }
    }

    /// <summary>The list as it was at the start: a place in it stays the place of the same child.</summary>
    private static JsonElement[] ItemsOf(ActivityContext context)
    {
        ValueConversion.TryConvert(context.Keep("Items"), "Object", isArray: true, out var items);
        return items.IsNull() ? [] : [.. items.EnumerateArray()];
    }

    private static (OrderedDictionary<string, JsonElement> Inputs, string? CorrelationId) Given(ActivityContext context, JsonElement item)
    {
        var single = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal) { [context.Text("DefaultItemInputKey") ?? "Item"] = item };
        var correlationId = ValueConversion.ToText(context.InputWith(CorrelationIdFunction, single));
        return (Merge(InputsOf(context), item, single), context.CheckKey(CorrelationIdFunction, correlationId));
    }

    private static string ChildId(ActivityContext context, int position) => InstanceIds.OfChild(context.InstanceId, context.ExecutionId, position);

    private static Bookmark WaitOf(ActivityContext context) =>
        context.Turn.State.Bookmarks.Values.First(bookmark => bookmark.Execution == context.ExecutionId);

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

    /// <summary>Places in the list whose children may not be started until somebody deals with the reason.</summary>
    [JsonPropertyName("r")]
    public int[]? Refused { get; set; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(BulkProgress))]
internal sealed partial class BulkMemoryContext : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    internal static BulkMemoryContext Plain => field ??= new(PlainJson.Of(Default.Options));
}
