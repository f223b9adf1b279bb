using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Reference;

namespace AssessmentFlow.Simulation;

/// <summary>The definitions of a scenario, each with the time at which it is published. All runs share them.</summary>
internal sealed class SimulatedCatalogue
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
        var earlier = _entries.GetValueOrDefault(definition.DefinitionId);
        var version = (earlier?.Latest.Version ?? 0) + 1;
        _contents[hash] = definition;
        _entries[definition.DefinitionId] = new WorkflowEntry(definition.DefinitionId, version, [.. earlier?.Versions ?? [], new WorkflowVersion
        {
            Version = version,
            Hash = hash,
            Name = definition.Name ?? definition.DefinitionId,
            CreatedAt = now,
            CreatedBy = "scenario",
            IsPublished = true,
            PublishedAt = now,
            PublishedBy = "scenario",
        }]);
        _usable.RemoveAll(each => each.DefinitionId == definition.DefinitionId);
        if (UsableWorkflow.Read(document, hash, version) is { } usable)
        {
            _usable.Add(usable);
        }

        return definition;
    }

    /// <summary>The version of a definition that is published at a time.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public WorkflowVersion VersionOf(string definitionId, DateTimeOffset time) => Find(definitionId, time)?.Published
        ?? throw new ArgumentException($"The scenario has no definition '{definitionId}' when the run begins. Define it before it is started.", nameof(definitionId));

    /// <summary>A workflow as it is at a time; null when nothing of it is published then.</summary>
    public WorkflowEntry? Find(string definitionId, DateTimeOffset time) =>
        _entries.GetValueOrDefault(definitionId) is { } entry && entry.Versions.TakeWhile(version => version.PublishedAt <= time).ToImmutableArray() is { IsEmpty: false } versions
            ? entry with { Etag = versions.Length, Versions = versions }
            : null;

    public WorkflowDefinition Get(string hash) => _contents[hash];
}

/// <summary>What a scenario publishes and edits, as it stands at the time of a run.</summary>
internal sealed class SimulatedSurroundings(Scenario scenario, Func<DateTimeOffset> now) : IWorkflowCatalogue, IDefinitionContents, IReferenceData
{
    public Task<WorkflowEntry?> FindAsync(string definitionId, CancellationToken cancellationToken = default) => Task.FromResult(scenario.Catalogue.Find(definitionId, now()));

    public Task<WorkflowVersion?> FindPublishedAsync(string definitionId, CancellationToken cancellationToken) =>
        Task.FromResult(scenario.Catalogue.Find(definitionId, now())?.Published);

    ValueTask<WorkflowDefinition> IDefinitionContents.GetAsync(string hash, CancellationToken cancellationToken) => ValueTask.FromResult(scenario.Catalogue.Get(hash));

    ValueTask<ReferenceSnapshot> IReferenceData.GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(scenario.ReferenceAt(now()));
}
