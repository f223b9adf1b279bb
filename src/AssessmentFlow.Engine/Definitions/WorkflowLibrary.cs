using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>The workflows that a definition may use as activities, each in the version that it is pinned to.</summary>
public sealed class WorkflowLibrary
{
    /// <summary>No workflow may be used.</summary>
    public static readonly WorkflowLibrary Empty = new([]);

    private readonly ImmutableArray<UsableWorkflow> _workflows;

    /// <summary>A library of the given workflows.</summary>
    public WorkflowLibrary(IEnumerable<UsableWorkflow> workflows) => _workflows = [.. workflows];

    /// <summary>The workflow that a reference means: by content, else by workflow, else by type name; null when there is none.</summary>
    public UsableWorkflow? Find(WorkflowReference reference) =>
        _workflows.FirstOrDefault(each => each.Hash == reference.VersionId)
        ?? _workflows.FirstOrDefault(each => each.DefinitionId == reference.DefinitionId)
        ?? _workflows.FirstOrDefault(each => each.Descriptor.TypeName == reference.TypeName);
}

/// <summary>An activity of a document whose type is another workflow.</summary>
/// <param name="TypeName">Type name of the activity.</param>
/// <param name="DefinitionId">The workflow; null when only the type name tells.</param>
/// <param name="VersionId">Hash of the content of its version; null or something else when it is not pinned yet.</param>
public sealed record WorkflowReference(string TypeName, string? DefinitionId, string? VersionId)
{
    internal static WorkflowReference Of(string typeName, JsonElement activity) =>
        new(typeName, activity.Member("workflowDefinitionId").AsText(), activity.Member("workflowDefinitionVersionId").AsText());
}

/// <summary>A workflow that others may use as an activity.</summary>
public sealed class UsableWorkflow
{
    private UsableWorkflow(string definitionId, string hash, int version, JsonElement json)
    {
        DefinitionId = definitionId;
        Hash = hash;
        Json = json;
        Activity = new UsedWorkflow(version, json);
    }

    /// <summary>Identity of the workflow over all its versions.</summary>
    public string DefinitionId { get; }

    /// <summary>Hash of the content of this version.</summary>
    public string Hash { get; }

    /// <summary>The activity that authors see.</summary>
    public ActivityDescriptor Descriptor => Activity.Descriptor;

    /// <summary>The type name that a workflow of this name has as an activity.</summary>
    public static string TypeNameOf(string name) => Names.Pascal(name);

    internal Activity Activity { get; }

    internal JsonElement Json { get; }

    /// <summary>Reads a definition as something that others may use.</summary>
    /// <param name="document">UTF-8 JSON of a definition that was found sound.</param>
    /// <param name="hash">Hash of it.</param>
    /// <param name="version">Number of the version.</param>
    /// <returns>Null when its author does not offer it as an activity.</returns>
    public static UsableWorkflow? Read(ReadOnlyMemory<byte> document, string hash, int version)
    {
        using var json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = DefinitionLimits.DocumentDepthMax });
        var root = json.RootElement.Clone();
        return root.Member("definitionId").AsText() is { Length: > 0 } definitionId
            && ValueConversion.TryGetBoolean(root.Member("options").Member("usableAsActivity"), out var isUsable)
            && isUsable
                ? new UsableWorkflow(definitionId, hash, version, root)
                : null;
    }
}
