using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Reference;

namespace AssessmentFlow.Simulation;

/// <summary>The published definitions of a scenario. They stay the same while it runs.</summary>
internal sealed class SimulatedCatalogue : IWorkflowCatalogue, IDefinitionContents
{
    /// <summary>Requests leave the world that is simulated.</summary>
    private static readonly string[] ReachingOut = ["Elsa.SendHttpRequest", "Elsa.FlowSendHttpRequest"];

    private readonly Dictionary<string, WorkflowEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WorkflowDefinition> _contents = new(StringComparer.Ordinal);
    private readonly List<UsableWorkflow> _usable = [];

    /// <summary>Publishes a definition, which may use those that were published before.</summary>
    /// <exception cref="ArgumentException">The definition is unsound, or sends HTTP requests.</exception>
    public WorkflowDefinition Publish(string json, DateTimeOffset now, ReferenceSnapshot reference)
    {
        var library = new WorkflowLibrary(_usable);
        var document = WorkflowReferences.Pin(Encoding.UTF8.GetBytes(json), AssessmentActivities.Catalog, library);
        var reading = DefinitionReader.Read(document, AssessmentActivities.Catalog, library);
        ImmutableArray<DefinitionProblem> problems = reading.Definition is null ? reading.Problems : PublicationChecks.Of(reading.Definition, now, reference);
        if (reading.Definition is not { } definition || !problems.IsEmpty)
        {
            throw new ArgumentException($"The definition is unsound: {string.Join("; ", problems)}", nameof(json));
        }

        if (definition.Nodes.FirstOrDefault(node => ReachingOut.Contains(node.Activity.Descriptor.TypeName)) is { } node)
        {
            throw new ArgumentException($"'{node.Id}' sends an HTTP request, and the world outside is not simulated. Put an event in its place.", nameof(json));
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(document));
        _contents[hash] = definition;
        _entries[definition.DefinitionId] = new WorkflowEntry(definition.DefinitionId, Etag: 1, [new WorkflowVersion
        {
            Version = 1,
            Hash = hash,
            Name = definition.Name ?? definition.DefinitionId,
            CreatedAt = now,
            CreatedBy = "scenario",
            IsPublished = true,
            PublishedAt = now,
            PublishedBy = "scenario",
        }]);
        if (UsableWorkflow.Read(document, hash, version: 1) is { } usable)
        {
            _usable.Add(usable);
        }

        return definition;
    }

    /// <summary>The hash of a published definition.</summary>
    /// <exception cref="ArgumentException">It was not published.</exception>
    public string HashOf(string definitionId) => _entries.TryGetValue(definitionId, out var entry)
        ? entry.Latest.Hash
        : throw new ArgumentException($"The scenario has no definition '{definitionId}'. Define it before it is started.", nameof(definitionId));

    public Task<WorkflowEntry?> FindAsync(string definitionId, CancellationToken cancellationToken = default) =>
        Task.FromResult(_entries.GetValueOrDefault(definitionId));

    public Task<WorkflowVersion?> FindPublishedAsync(string definitionId, CancellationToken cancellationToken) =>
        Task.FromResult(_entries.GetValueOrDefault(definitionId)?.Published);

    public ValueTask<WorkflowDefinition> GetAsync(string hash, CancellationToken cancellationToken) => ValueTask.FromResult(_contents[hash]);
}

/// <summary>Reference data that stay the same.</summary>
internal sealed class SimulatedReference(ReferenceSnapshot snapshot) : IReferenceData
{
    public ValueTask<ReferenceSnapshot> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(snapshot);
}
