using System.Text;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;

namespace AssessmentFlow.Worlds;

/// <summary>The published definitions of a world and what starts them.</summary>
/// <param name="catalog">Types of activity that definitions may use.</param>
/// <param name="mode">How flowcharts run that do not say it themselves.</param>
internal sealed class WorldDefinitions(ActivityCatalog catalog, FlowchartMode mode)
{
    private readonly Dictionary<string, (WorkflowDefinition Definition, string Hash)> _published = new(StringComparer.Ordinal);
    private readonly List<UsableWorkflow> _usable = [];

    public List<WorldTrigger> Triggers { get; } = [];

    /// <exception cref="KeyNotFoundException">It was not published.</exception>
    public (WorkflowDefinition Definition, string Hash) Get(string definitionId) => _published[definitionId];

    public bool Contains(string definitionId) => _published.ContainsKey(definitionId);

    /// <summary>Reads a definition that may use the workflows published so far.</summary>
    public DefinitionReading Read(string json) =>
        DefinitionReader.Read(Pinned(json), catalog, new WorkflowLibrary(_usable));

    /// <returns>The id of what was published, or what is wrong with it.</returns>
    public (string? Id, IReadOnlyList<DefinitionProblem> Problems) Publish(string json, DateTimeOffset now)
    {
        var reading = Read(json);
        if (reading.Definition is not { DefinitionId: var id } definition)
        {
            return (null, reading.Problems);
        }

        if (PublicationChecks.Of(definition, now) is { IsEmpty: false } problems)
        {
            return (null, problems);
        }

        var triggers = StartTriggers.Of(definition, now, out _);
        var hash = "hash-of-" + id;
        _published[id] = (definition, hash);
        Triggers.RemoveAll(trigger => trigger.DefinitionId == id);
        Triggers.AddRange(triggers.Select(trigger => new WorldTrigger(id, trigger, now) { NextAt = trigger.Schedule?.Next(now, now) }));
        if (UsableWorkflow.Read(Pinned(json), hash, version: 1) is { } usable)
        {
            _usable.Add(usable);
        }

        return (id, []);
    }

    private byte[] Pinned(string json) => FlowchartModePin.Pin(Encoding.UTF8.GetBytes(json), mode);
}

/// <summary>What starts instances of a published definition.</summary>
internal sealed record WorldTrigger(string DefinitionId, StartTrigger Trigger, DateTimeOffset PublishedAt)
{
    public DateTimeOffset? NextAt { get; set; }
}
