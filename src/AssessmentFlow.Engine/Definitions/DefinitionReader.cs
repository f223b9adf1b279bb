using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>
/// Reads a workflow definition in Elsa 3's JSON form into a checked graph. Everything that is wrong is reported
/// at once, each with its JSON path, so that an author mends a file in one go.
/// </summary>
public sealed class DefinitionReader
{
    private readonly ActivityCatalog _catalog;
    private readonly List<DefinitionProblem> _problems = [];
    private readonly List<ActivityNode> _nodes = [];
    private readonly HashSet<string> _nodeIds = new(StringComparer.Ordinal);

    private DefinitionReader(ActivityCatalog catalog) => _catalog = catalog;

    /// <summary>Reads a definition.</summary>
    /// <param name="document">UTF-8 JSON.</param>
    /// <param name="catalog">The types of activity that may be used.</param>
    public static DefinitionReading Read(ReadOnlyMemory<byte> document, ActivityCatalog catalog)
    {
        if (document.Length > DefinitionLimits.DocumentSizeMaxBytes)
        {
            return new DefinitionReading(null, [new("$", "definition-too-large", $"A definition may have {DefinitionLimits.DocumentSizeMaxBytes} bytes; this one has {document.Length}.")]);
        }

        try
        {
            using var json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = DefinitionLimits.DocumentDepthMax });
            return new DefinitionReader(catalog).Read(json.RootElement.Clone());
        }
        catch (JsonException e)
        {
            return new DefinitionReading(null, [new($"$ line {e.LineNumber + 1}", "json-unreadable", $"The document is not valid JSON: {e.Message}")]);
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
            Report("$.definitionId", "definition-id-missing", "A definition needs a \"definitionId\": its identity over all versions.");
        }

        if (!FlowchartModePin.TryRead(json, out var mode))
        {
            Report(FlowchartModePin.Path, "flowchart-mode-unknown", $"A flowchart runs as {nameof(FlowchartMode.CounterBased)} or {nameof(FlowchartMode.TokenBased)}.");
        }

        var workflow = AddNode(Workflow.RootId, Workflow.RootId, name: null, _catalog.Find("Elsa.Workflow")!, parent: null, "$");
        workflow.Variables = ReadVariables(json, "$", workflow.Label);
        var root = json.Member("root");
        if (root.ValueKind is not JsonValueKind.Object)
        {
            Report("$.root", "root-missing", "A definition needs a \"root\" activity.");
        }
        else if (ReadActivity(root, "$.root", workflow) is { } node)
        {
            workflow.Children = [node];
        }

        if (_problems.Count > 0)
        {
            return new DefinitionReading(null, [.. _problems]);
        }

        var definition = new WorkflowDefinition(
            definitionId!,
            json.Member("name").AsText() ?? definitionId!,
            new DefinitionOptions(ReadIncidentStrategy(json.Member("options")), mode),
            workflow.Variables,
            ReadArguments(json, "inputs"),
            ReadArguments(json, "outputs"),
            [.. Items(json.Member("outcomes")).Select(item => item.AsText()).OfType<string>()],
            [.. _nodes]);
        return new DefinitionReading(definition, []);
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
        if (typeName is null || _catalog.Find(typeName) is not { } activity || activity is Workflow)
        {
            Report($"{path}.type", "activity-type-unknown", $"There is no activity type '{typeName}' here.", label);
            return null;
        }

        var version = json.Member("version");
        if (version.ValueKind is JsonValueKind.Number && (!version.TryGetInt32(out var number) || number != activity.Descriptor.Version))
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
            if (_nodes.Count == DefinitionLimits.ActivitiesMax + 1)
            {
                Report(path, "too-many-activities", $"A definition may have {DefinitionLimits.ActivitiesMax} activities.", label);
            }

            return null;
        }

        var node = AddNode(id, nodeId, json.Member("name").AsText(), activity, parent, path);
        node.CanStartWorkflow = ValueConversion.TryGetBoolean(json.Member("customProperties").Member("canStartWorkflow"), out var starts) && starts;
        node.Variables = ReadVariables(json, path, node.Label);
        ReadInputs(node, json);
        ReadOutputs(node, json);
        ReadChildren(node, json);
        node.Plan = activity.Plan(new PlanContext(node, json, (child, childPath, _) => ReadActivity(child, childPath, node), _problems));
        return node;
    }

    private ActivityNode AddNode(string id, string nodeId, string? name, Activity activity, ActivityNode? parent, string path)
    {
        var node = new ActivityNode(_nodes.Count, id, nodeId, name, activity, parent, path);
        _nodes.Add(node);
        return node;
    }

    private void ReadInputs(ActivityNode node, JsonElement json)
    {
        var inputs = ImmutableDictionary.CreateBuilder<string, InputExpression>(StringComparer.Ordinal);
        var raw = ImmutableDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var descriptor in node.Activity.Descriptor.Inputs)
        {
            var name = Camel(descriptor.Name);
            var path = $"{node.Path}.{name}";
            var value = json.Member(name);
            if (value.IsNull() || (descriptor.IsWrapped && value.Member("expression").IsNull()))
            {
                if (descriptor.IsRequired)
                {
                    Report(path, "input-missing", $"The input {descriptor.Name} is required.", node.Label);
                }

                continue;
            }

            if (!descriptor.IsWrapped)
            {
                raw[descriptor.Name] = value;
            }
            else if (ExpressionReader.Read(value.Member("expression"), descriptor.TypeName, $"{path}.expression", (at, code, message) => Report(at, code, message, node.Label)) is { } expression)
            {
                CheckOption(node, descriptor, expression, $"{path}.expression.value");
                inputs[descriptor.Name] = expression;
            }
        }

        node.Inputs = inputs.ToImmutable();
        node.RawInputs = raw.ToImmutable();
    }

    private void CheckOption(ActivityNode node, InputDescriptor descriptor, InputExpression expression, string path)
    {
        if (!descriptor.Options.IsEmpty
            && expression is LiteralExpression { Value: var value }
            && ValueConversion.ToText(value) is { Length: > 0 } text
            && !descriptor.Options.Contains(text, StringComparer.Ordinal))
        {
            Report(path, "option-unknown", $"The input {descriptor.Name} is one of {string.Join(", ", descriptor.Options)}, not '{text}'.", node.Label);
        }
    }

    private static void ReadOutputs(ActivityNode node, JsonElement json)
    {
        var bindings = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var output in node.Activity.Descriptor.Outputs)
        {
            if (json.Member(Camel(output.Name)).Member("memoryReference").Member("id").AsText() is { Length: > 0 } target)
            {
                bindings[output.Name] = target;
            }
        }

        node.OutputBindings = bindings.ToImmutable();
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

    private ImmutableArray<VariableDefinition> ReadVariables(JsonElement json, string path, string label)
    {
        var variables = ImmutableArray.CreateBuilder<VariableDefinition>();
        var position = 0;
        foreach (var item in Items(json.Member("variables")))
        {
            var at = $"{path}.variables[{position++}]";
            var name = item.Member("name").AsText();
            var id = item.Member("id").AsText() ?? name;
            if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(name))
            {
                Report(at, "variable-malformed", "A variable needs an \"id\" and a \"name\".", label);
                continue;
            }

            var typeName = TypeAlias(item.Member("typeName").AsText());
            var isArray = item.Member("isArray").ValueKind is JsonValueKind.True;
            var value = item.Member("value");
            if (value.AsText() is "" && typeName is not "String")
            {
                value = JsonValues.Null;
            }

            if (!ValueConversion.TryConvert(value, typeName, isArray, out var initial))
            {
                Report($"{at}.value", "variable-value-unreadable", $"'{ValueConversion.ToText(value)}' cannot be read as {typeName}{(isArray ? "[]" : "")}.", label);
            }

            variables.Add(new VariableDefinition(id, name, typeName, isArray, initial));
        }

        return variables.ToImmutable();
    }

    private static ImmutableArray<ArgumentDefinition> ReadArguments(JsonElement json, string member) =>
    [
        .. Items(json.Member(member))
            .Where(item => item.Member("name").AsText() is { Length: > 0 })
            .Select(item => new ArgumentDefinition(
                item.Member("name").AsText()!,
                TypeAlias(item.Member("type").AsText()),
                item.Member("isArray").ValueKind is JsonValueKind.True)),
    ];

    private static IncidentStrategy ReadIncidentStrategy(JsonElement options) =>
        options.Member("incidentStrategyType").AsText()?.Contains("ContinueWithIncidents", StringComparison.Ordinal) is true
            ? IncidentStrategy.ContinueWithIncidents
            : IncidentStrategy.Fault;

    private void Report(string path, string code, string message, string? activity = null) =>
        _problems.Add(new DefinitionProblem(path, code, message, activity));

    private static JsonElement.ArrayEnumerator Items(JsonElement json) =>
        json.ValueKind is JsonValueKind.Array ? json.EnumerateArray() : default;

    private static string TypeAlias(string? typeName) => string.IsNullOrEmpty(typeName) ? "Object" : typeName;

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}

/// <summary>What reading a definition gave.</summary>
/// <param name="Definition">The graph; null when there are problems.</param>
/// <param name="Problems">Everything that is wrong; empty when the definition is sound.</param>
public sealed record DefinitionReading(WorkflowDefinition? Definition, ImmutableArray<DefinitionProblem> Problems);
