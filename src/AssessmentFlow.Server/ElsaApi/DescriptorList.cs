using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Activities as Studio's palette and property panels know them, made from the faces of the engine's types.</summary>
internal sealed class DescriptorList(ActivityCatalog activities, UsableWorkflows workflows, InputChoices choices)
{
    /// <summary>Stands in an answer for an activity whose type is unknown here: without it Studio shows an empty canvas.</summary>
    public const string NotFoundType = "Elsa.NotFoundActivity";

    private static readonly ActivityDescriptor NotFound = new()
    {
        TypeName = NotFoundType,
        Category = "System",
        DisplayName = "Unknown activity",
        Description = "An activity of a type that this server does not have. It is kept as it was written.",
        IsBrowsable = false,
    };

    /// <summary>All activities.</summary>
    public async Task<JsonObject> ListAsync(CancellationToken cancellationToken)
    {
        var lists = await choices.ReadAsync(cancellationToken);
        return ElsaJson.List(
        [
            .. activities.All.Select(activity => Show(activity.Descriptor, lists)),
            Show(NotFound, lists),
            .. (await workflows.ListAsync()).Select(version => Show(version, lists)),
        ]);
    }

    internal static JsonObject Show(ActivityDescriptor descriptor, ChoiceLists lists)
    {
        var dot = descriptor.TypeName.LastIndexOf('.');
        return new JsonObject
        {
            ["typeName"] = descriptor.TypeName,
            ["namespace"] = dot < 0 ? "" : descriptor.TypeName[..dot],
            ["name"] = descriptor.TypeName[(dot + 1)..],
            ["version"] = descriptor.Version,
            ["category"] = descriptor.Category,
            ["displayName"] = descriptor.DisplayName,
            ["description"] = descriptor.Description,
            ["kind"] = descriptor.Kind.ToString(),
            ["inputs"] = new JsonArray([.. descriptor.Inputs.Select((input, order) => Show(input, order, lists))]),
            ["outputs"] = new JsonArray([.. descriptor.Outputs.Select(Show)]),
            ["ports"] = new JsonArray(
            [
                .. descriptor.EmbeddedPorts.Select(port => Port(port, "Embedded")),
                .. descriptor.FlowPorts.Select(port => Port(port, "Flow")),
            ]),
            ["customProperties"] = new JsonObject(),
            ["constructionProperties"] = new JsonObject(),
            ["isContainer"] = descriptor.IsContainer,
            ["isBrowsable"] = descriptor.IsBrowsable,
            ["isStart"] = descriptor.IsStart,
            ["isTerminal"] = descriptor.IsTerminal,
            ["runAsynchronously"] = false,
        };
    }

    /// <summary>A workflow used as an activity: Studio opens it by what its properties name.</summary>
    private static JsonObject Show(UsableVersion version, ChoiceLists lists)
    {
        var workflow = version.Workflow;
        var shown = Show(workflow.Descriptor with { Version = version.Version, IsBrowsable = version.IsPublished }, lists);
        foreach (var list in new[] { "inputs", "outputs" })
        {
            foreach (var item in shown[list]!.AsArray())
            {
                item!["isSynthetic"] = true;
            }
        }

        shown["ports"]!.AsArray().Insert(0, Port("Root", "Embedded", isBrowsable: false));
        shown["customProperties"] = Properties();
        shown["customProperties"]!["RootType"] = "WorkflowDefinitionActivity";
        shown["constructionProperties"] = Properties();
        shown["constructionProperties"]!["Version"] = version.Version;
        return shown;

        JsonObject Properties() => new()
        {
            ["WorkflowDefinitionId"] = workflow.DefinitionId,
            ["WorkflowDefinitionVersionId"] = workflow.Hash,
        };
    }

    private static JsonObject Show(InputDescriptor input, int order, ChoiceLists lists)
    {
        var editor = lists.EditorOf(input);
        return new JsonObject
        {
            ["name"] = input.Name,
            ["typeName"] = input.TypeName,
            ["displayName"] = input.DisplayName ?? Words(input.Name),
            ["description"] = lists.DescriptionOf(input),
            ["isWrapped"] = input.IsWrapped,
            ["uiHint"] = editor.Hint,
            ["uiSpecifications"] = editor.Specifications,
            ["defaultValue"] = input.Default.ToNode(),
            ["defaultSyntax"] = input.DefaultSyntax,
            ["category"] = null,
            ["order"] = order,
            ["isBrowsable"] = true,
            ["isReadOnly"] = false,
            ["isSensitive"] = input.IsSensitive,
            ["isSynthetic"] = false,
            ["isSerializable"] = true,
            ["autoEvaluate"] = input.IsEvaluatedAtStart,
            ["storageDriverType"] = null,
        };
    }

    private static JsonNode Show(OutputDescriptor output, int order) => new JsonObject
    {
        ["name"] = output.Name,
        ["typeName"] = output.TypeName,
        ["displayName"] = Words(output.Name),
        ["description"] = output.Description,
        ["order"] = order,
        ["isBrowsable"] = true,
        ["isSynthetic"] = false,
    };

    private static JsonObject Port(string name, string type, bool isBrowsable = true) => new JsonObject
    {
        ["name"] = name,
        ["displayName"] = Words(name),
        ["type"] = type,
        ["isBrowsable"] = isBrowsable,
    };

    /// <summary>A name in Pascal case as words: <c>QuorumReached</c> is shown as <c>Quorum reached</c>.</summary>
    internal static string Words(string name)
    {
        var words = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            var isWord = i > 0 && char.IsUpper(name[i]) && (char.IsLower(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (isWord && name[i - 1] is not ' ')
            {
                words.Append(' ');
            }

            words.Append(isWord && i + 1 < name.Length && char.IsLower(name[i + 1]) ? char.ToLowerInvariant(name[i]) : name[i]);
        }

        return words.ToString();
    }
}
