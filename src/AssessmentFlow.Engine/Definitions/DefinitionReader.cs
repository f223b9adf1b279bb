using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>
/// Reads a workflow definition in Elsa 3's JSON form into a checked graph. Everything that is wrong is reported
/// at once, each with its JSON path, so that an author mends a file in one go.
/// </summary>
public sealed partial class DefinitionReader
{
    private const string IdPath = "$.definitionId";
    private const string TooManyActivities = "too-many-activities";

    private readonly ActivityCatalog _catalog;
    private readonly List<DefinitionProblem> _problems = [];
    private readonly List<DefinitionProblem> _warnings = [];
    private readonly List<ActivityNode> _nodes = [];
    private readonly HashSet<string> _nodeIds = new(StringComparer.Ordinal);
    private FlowchartMode _flowchartMode;

    private readonly WorkflowLibrary _library;
    private readonly Stack<string> _using = [];

    private DefinitionReader(ActivityCatalog catalog, WorkflowLibrary library)
    {
        _catalog = catalog;
        _library = library;
    }

    /// <summary>Reads a definition.</summary>
    /// <param name="document">UTF-8 JSON.</param>
    /// <param name="catalog">The types of activity that may be used.</param>
    /// <param name="library">The workflows that may be used as activities; null for none.</param>
    public static DefinitionReading Read(ReadOnlyMemory<byte> document, ActivityCatalog catalog, WorkflowLibrary? library = null)
    {
        if (document.Length > DefinitionLimits.DocumentSizeMaxBytes)
        {
            return new DefinitionReading(null, [new("$", "definition-too-large", $"A definition may have {DefinitionLimits.DocumentSizeMaxBytes} bytes; this one has {document.Length}.")]);
        }

        try
        {
            using var json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = DefinitionLimits.DocumentDepthMax });
            return new DefinitionReader(catalog, library ?? WorkflowLibrary.Empty).Read(json.RootElement.Clone());
        }
        catch (JsonException)
        {
            return new DefinitionReading(null, [.. JsonFaults.Find(document, type: null).Select(fault => new DefinitionProblem(fault.Pointer, "json-unreadable", fault.Message))]);
        }
    }

    private DefinitionReading Read(JsonElement json)
    {
        if (json.ValueKind is not JsonValueKind.Object)
        {
            return new DefinitionReading(null, [new("$", "definition-malformed", "A definition is a JSON object.")]);
        }

        var definitionId = json.Member("definitionId").AsText();
        if (string.IsNullOrWhiteSpace(definitionId))
        {
            Report(IdPath, "definition-id-missing", "A definition needs a \"definitionId\": its identity over all versions.");
        }
        else if (!EngineLimits.IsKey(definitionId))
        {
            Report(IdPath, "definition-id-malformed", $"A \"definitionId\" may have {EngineLimits.KeyLengthMax} printable characters.");
        }

        if (!FlowchartModePin.TryRead(json, out _flowchartMode))
        {
            Report(FlowchartModePin.Path, "flowchart-mode-unknown", $"A flowchart runs as {nameof(FlowchartMode.CounterBased)} or {nameof(FlowchartMode.TokenBased)}.");
        }

        _using.Push(definitionId ?? "");
        var workflow = AddNode(Workflow.RootId, Workflow.RootId, name: null, _catalog.Find("Elsa.Workflow")!, parent: null, "$");
        workflow.Variables = ReadVariables(json, "$", workflow.Label);
        workflow.Log = ReadLog(json, workflow, around: null);
        var root = json.Member("root");
        if (root.ValueKind is not JsonValueKind.Object)
        {
            Report("$.root", "root-missing", "A definition needs a \"root\" activity.");
        }
        else if (ReadActivity(root, "$.root", workflow) is { } node)
        {
            workflow.Children = [node];
        }

        var name = json.Member("name").AsText() ?? definitionId ?? "";
        if (_problems.Count > 0)
        {
            var isNamed = !_problems.Exists(static problem => problem.Path is IdPath);
            return new DefinitionReading(null, [.. _problems]) { Warnings = [.. _warnings], Draft = isNamed ? new DraftName(definitionId!, name) : null };
        }

        var definition = new WorkflowDefinition(
            definitionId!,
            name,
            ReadOptions(json.Member("options")),
            workflow.Variables,
            ReadArguments(json, "inputs"),
            ReadArguments(json, "outputs"),
            [.. Items(json.Member("outcomes")).Select(item => item.AsText()).OfType<string>()],
            [.. _nodes]);
        return new DefinitionReading(definition, []) { Warnings = [.. _warnings], Draft = new DraftName(definitionId!, name) };
    }

    private ActivityNode? ReadActivity(JsonElement json, string path, ActivityNode parent)
    {
        var id = json.Member("id").AsText();
        var label = json.Member("name").AsText() ?? id;
        if (string.IsNullOrEmpty(id))
        {
            Report($"{path}.id", "activity-id-missing", "An activity needs an \"id\".", label);
            return null;
        }

        var typeName = json.Member("type").AsText();
        var used = typeName is null || _catalog.Find(typeName) is not null ? null : _library.Find(WorkflowReference.Of(typeName, json));
        if (typeName is null || (_catalog.Find(typeName) ?? used?.Activity) is not { } activity || activity is Workflow)
        {
            Report($"{path}.type", "activity-type-unknown", RefusedTypes.WhyUnknown(typeName), label);
            return null;
        }

        var version = json.Member("version");
        if (used is null && version.ValueKind is JsonValueKind.Number && (!version.TryGetInt32(out var number) || number != activity.Descriptor.Version))
        {
            Report($"{path}.version", "activity-version-unknown", $"'{typeName}' has version {activity.Descriptor.Version} here, not {version.GetRawText()}.", label);
        }

        var nodeId = $"{parent.NodeId}:{id}";
        if (!_nodeIds.Add(nodeId))
        {
            Report($"{path}.id", "activity-id-repeated", $"The id '{id}' is used twice in the same container.", label);
            return null;
        }

        if (_nodes.Count > DefinitionLimits.ActivitiesMax)
        {
            if (!_problems.Exists(static problem => problem.Code is TooManyActivities))
            {
                Report(path, TooManyActivities, $"A definition may have {DefinitionLimits.ActivitiesMax} activities.", label);
            }

            return null;
        }

        var node = AddNode(id, nodeId, json.Member("name").AsText(), activity, parent, path);
        node.CanStartWorkflow = ValueConversion.TryGetBoolean(json.Member("customProperties").Member("canStartWorkflow"), out var starts) && starts;
        if (!MergeModes.TryRead(json.Member("customProperties"), out var merge))
        {
            Report($"{path}.customProperties.mergeMode", "merge-mode-unknown", $"A merge mode is one of {string.Join(", ", Enum.GetNames<MergeMode>())}.", node.Label);
        }

        node.MergeMode = merge;
        node.Variables = ReadVariables(json, path, node.Label);
        node.Log = ReadLog(json, node, node.Workflow.Log);
        ReadInputs(node, json);
        ReadOutputs(node, json);
        ReadChildren(node, json);
        if (used is not null)
        {
            Use(node, used);
        }

        node.Plan = activity.Plan(new PlanContext(node, json, _flowchartMode, (child, childPath, _) => ReadActivity(child, childPath, node), _problems, _warnings));
        return node;
    }

    /// <summary>Puts the content of another workflow into the activity that uses it, down to what that uses in turn.</summary>
    private void Use(ActivityNode node, UsableWorkflow used)
    {
        if (_using.Contains(used.DefinitionId, StringComparer.Ordinal))
        {
            Report(node.Path, "workflow-uses-itself", $"The workflow '{used.DefinitionId}' would contain itself; start it with DispatchWorkflow instead.", node.Label);
            return;
        }

        _using.Push(used.DefinitionId);
        var path = $"{node.Path}({used.Descriptor.TypeName})";
        var inner = AddNode(Workflow.RootId, $"{node.NodeId}:{Workflow.RootId}", name: null, _catalog.Find("Elsa.Workflow")!, node, path);
        inner.Variables = ReadVariables(used.Json, path, node.Label);
        inner.Log = ReadLog(used.Json, inner, around: null);
        var around = _flowchartMode;
        FlowchartModePin.TryRead(used.Json, out _flowchartMode);
        if (ReadActivity(used.Json.Member("root"), $"{path}.root", inner) is { } root)
        {
            inner.Children = [root];
        }

        _flowchartMode = around;

        node.Children = [inner];
        _using.Pop();
    }

    private ActivityNode AddNode(string id, string nodeId, string? name, Activity activity, ActivityNode? parent, string path)
    {
        var node = new ActivityNode(_nodes.Count, id, nodeId, name, activity, parent, path);
        _nodes.Add(node);
        return node;
    }

    private void ReadChildren(ActivityNode node, JsonElement json)
    {
        if (node.Activity.Descriptor.IsContainer)
        {
            var children = ImmutableArray.CreateBuilder<ActivityNode>();
            var position = 0;
            foreach (var child in Items(json.Member("activities")))
            {
                if (ReadActivity(child, $"{node.Path}.activities[{position++}]", node) is { } read)
                {
                    children.Add(read);
                }
            }

            node.Children = children.ToImmutable();
        }

        foreach (var port in node.Activity.Descriptor.EmbeddedPorts)
        {
            var child = json.Member(Camel(port));
            if (child.ValueKind is JsonValueKind.Object && ReadActivity(child, $"{node.Path}.{Camel(port)}", node) is { } read)
            {
                node.Ports = node.Ports.Add(port, read);
            }
        }
    }

    private DefinitionOptions ReadOptions(JsonElement options)
    {
        var strategy = options.Member("activationStrategyType").AsText();
        var isKnown = ActivationStrategies.TryRead(strategy, out var activation);
        var incidentStrategy = options.Member("incidentStrategyType").AsText();
        var isIncidentKnown = IncidentStrategies.TryRead(incidentStrategy, out var incident);
        return new DefinitionOptions(incident, _flowchartMode, activation)
        {
            UnknownActivationStrategy = isKnown ? null : strategy,
            UnknownIncidentStrategy = isIncidentKnown ? null : incidentStrategy,
            IsUsableAsActivity = ValueConversion.TryGetBoolean(options.Member("usableAsActivity"), out var isUsable) && isUsable,
        };
    }

    private void Report(string path, string code, string message, string? activity = null) =>
        _problems.Add(new DefinitionProblem(path, code, message, activity));
}

/// <summary>What reading a definition gave.</summary>
/// <param name="Definition">The graph; null when there are problems.</param>
/// <param name="Problems">Everything that is wrong; empty when the definition is sound.</param>
public sealed record DefinitionReading(WorkflowDefinition? Definition, ImmutableArray<DefinitionProblem> Problems)
{
    /// <summary>What the author should know of a definition that runs all the same.</summary>
    public ImmutableArray<DefinitionProblem> Warnings { get; init; } = [];

    /// <summary>What the document can be kept under as a draft, sound or not; null when it cannot be kept.</summary>
    public DraftName? Draft { get; init; }
}

/// <summary>What a draft is kept under.</summary>
/// <param name="DefinitionId">Identity of the workflow over all its versions.</param>
/// <param name="Name">Display name.</param>
public sealed record DraftName(string DefinitionId, string Name);
