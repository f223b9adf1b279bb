using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime.Definitions;

/// <summary>The workflow catalogue as faces use it: content first, then the entry that points to it.</summary>
public sealed partial class WorkflowCatalogue(IGrainFactory grains, ActivityCatalog activities, IReferenceData referenceData, TriggerRegistration triggers, IJournalQueries queries, TimeProvider time, IOptions<WorkflowOptions> options)
    : IWorkflowCatalogue, IDefinitionContents
{
    /// <summary>Times a publication looks again because the workflow changed under it (count).</summary>
    private const int PublishLooksMax = 10;

    /// <summary>Graphs kept per silo (count). Beyond it all are forgotten and read again as needed.</summary>
    private const int GraphsMax = 2_000;

    /// <summary>Hexadecimal digits of a content hash (count).</summary>
    private const int HashLength = 64;

    private readonly ConcurrentDictionary<string, WorkflowDefinition> _graphs = new(StringComparer.Ordinal);

    /// <summary>Imports a definition.</summary>
    /// <param name="document">UTF-8 JSON in Elsa 3's form.</param>
    /// <param name="by">Who imports.</param>
    /// <param name="ifEtag">
    /// The ETag that the importer saw; 0 when the workflow must be new; null when any will do, and then no draft is replaced: nobody has seen it.
    /// </param>
    /// <param name="key">Identity of the request over its repeats.</param>
    /// <param name="fingerprint">What the request is: another one under the same key is refused.</param>
    /// <param name="isUnfinished">
    /// Whether it is kept as a draft also when it is unsound, as long as its identity can be read. It cannot be published until it is mended.
    /// </param>
    /// <param name="editor">The page in which it was drawn: changes that all came from there do not make its next one stale; null for none.</param>
    /// <returns>What became of it, null when it was refused; and what is wrong with the definition, or odd about it.</returns>
    public async Task<(CatalogueChange? Change, DefinitionReading Reading)> ImportAsync(
        byte[] document, string by, long? ifEtag, string key, string fingerprint, bool isUnfinished = false, string? editor = null)
    {
        var library = await LibraryOfAsync(document);
        document = Pin(document, library);
        var reading = await CheckAsync(DefinitionReader.Read(document, activities, library));
        if (reading.Draft is not { } draft || (!isUnfinished && !reading.Problems.IsEmpty))
        {
            return (null, reading);
        }

        var hash = await KeepAsync(document);
        await Directory.AddAsync(draft.DefinitionId); // Before: should the server die after the import, it is listed, unless it is deleted at that moment.
        var change = await grains.GetGrain<ICatalogueRequestGrain>(key).ImportAsync(fingerprint, draft.DefinitionId, hash, draft.Name, by, ifEtag, editor);
        await KeepListedAsync(change); // And after: a deletion may have taken it out of the list meanwhile.
        return (change, reading);
    }

    /// <summary>Publishes a version, if it is sound. What it uses is pinned by then at the latest.</summary>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="version">The version; null for the newest.</param>
    /// <param name="note">Why.</param>
    /// <param name="by">Who publishes.</param>
    /// <param name="ifEtag">The ETag that the publisher saw; null when any will do.</param>
    /// <param name="key">Identity of the request over its repeats.</param>
    /// <param name="fingerprint">What the request is: another one under the same key is refused.</param>
    /// <param name="editor">The page in which it was drawn; null for none.</param>
    /// <returns>What became of it, null when the version is unsound; and what is wrong with it.</returns>
    public async Task<(CatalogueChange? Change, ImmutableArray<DefinitionProblem> Problems)> PublishAsync(
        string definitionId, int? version, string? note, string by, long? ifEtag, string key, string fingerprint, string? editor = null)
    {
        var request = grains.GetGrain<ICatalogueRequestGrain>(key);
        if (await request.FindAsync(fingerprint) is { } first)
        {
            return (first, []); // Whatever was drafted since, a repeat is answered as the first time.
        }

        for (var looks = 1; ; looks++)
        {
            var entry = await FindAsync(definitionId);
            var meant = version is null ? entry?.Latest : entry?.Versions.FirstOrDefault(each => each.Version == version);
            if (entry is null || meant is null || await FindDocumentAsync(meant.Hash) is not { } document)
            {
                return (new CatalogueChange(CatalogueOutcome.Unknown, entry), []);
            }

            if (ifEtag is { } seen && seen != entry.Etag)
            {
                return (new CatalogueChange(CatalogueOutcome.Stale, entry), []);
            }

            var library = await LibraryOfAsync(document);
            var pinned = Pin(document, library);
            var reading = await CheckAsync(DefinitionReader.Read(pinned, activities, library));
            var problems = reading is { Definition: { } definition, Problems.IsEmpty: true }
                ? await StartRouteChecks.TakenAsync(definition, time.GetUtcNow(), queries)
                : reading.Problems;
            if (!problems.IsEmpty)
            {
                return (null, problems);
            }

            var hash = await KeepAsync(pinned);
            var change = await request.PublishAsync(fingerprint, definitionId, meant.Version, hash, note, by, ifEtag ?? entry.Etag, editor);
            if (change.Outcome is not CatalogueOutcome.Stale || ifEtag is not null || looks == PublishLooksMax)
            {
                await KeepListedAsync(change); // What is in force is listed, whatever befell whoever imported or deleted it.
                return (change, []);
            }
        }
    }

    /// <summary>What the author of the published version should know of it, as of its publication: the same whenever it is asked.</summary>
    /// <param name="entry">The workflow; null for none.</param>
    public async Task<ImmutableArray<DefinitionProblem>> WarningsOfAsync(WorkflowEntry? entry)
    {
        if (entry?.Published is not { PublishedAt: { } at, Hash: var hash } || await FindDocumentAsync(hash) is not { } document)
        {
            return [];
        }

        var reading = DefinitionReader.Read(document, activities, await LibraryOfAsync(document));
        return reading.Definition is { } definition ? [.. reading.Warnings, .. PublicationChecks.WarningsOf(definition, at)] : reading.Warnings;
    }

    /// <summary>What keeps a document from being published; empty when it is sound.</summary>
    public async Task<ImmutableArray<DefinitionProblem>> CheckAsync(byte[] document)
    {
        var library = await LibraryOfAsync(document);
        return (await CheckAsync(DefinitionReader.Read(Pin(document, library), activities, library))).Problems;
    }

    /// <inheritdoc/>
    public Task<WorkflowEntry?> FindAsync(string definitionId, CancellationToken cancellationToken = default)
    {
        var workflow = grains.GetGrain<IWorkflowGrain>(definitionId);
        return PatientCall.AnswerAsync(time, workflow.GetAsync, cancellationToken);
    }

    /// <summary>All workflows, by id.</summary>
    public async Task<IReadOnlyList<WorkflowEntry>> ListAsync()
    {
        var ids = await Directory.ListAsync();
        var entries = await Task.WhenAll(ids.Select(id => FindAsync(id)));
        return [.. entries.OfType<WorkflowEntry>()];
    }

    /// <summary>A workflow in force, other than itself, that starts a workflow by its name; null when none does.</summary>
    public async Task<string?> FindUserAsync(string definitionId, CancellationToken cancellationToken)
    {
        foreach (var entry in await ListAsync())
        {
            if (entry.Published is { } published
                && entry.DefinitionId != definitionId
                && WorkflowReferences.StartedBy(await GetAsync(published.Hash, cancellationToken)).Contains(definitionId, StringComparer.Ordinal))
            {
                return entry.DefinitionId;
            }
        }

        return null;
    }

    /// <summary>The document of a content; null when there is none.</summary>
    public Task<byte[]?> FindDocumentAsync(string hash)
    {
        var content = grains.GetGrain<IDefinitionContentGrain>(hash);
        return PatientCall.AnswerAsync(time, content.GetAsync);
    }

    /// <inheritdoc/>
    public async Task<WorkflowVersion?> FindPublishedAsync(string definitionId, CancellationToken cancellationToken) =>
        (await FindAsync(definitionId, cancellationToken))?.Published;

    /// <inheritdoc/>
    public ValueTask<WorkflowDefinition> GetAsync(string hash, CancellationToken cancellationToken) =>
        _graphs.TryGetValue(hash, out var graph) ? ValueTask.FromResult(graph) : new ValueTask<WorkflowDefinition>(ReadAsync(hash));

    /// <summary>Puts a workflow that is there into the list. One too many in it does no harm: what is gone is not shown.</summary>
    private Task KeepListedAsync(CatalogueChange change) => change.Entry is { } entry ? Directory.AddAsync(entry.DefinitionId) : Task.CompletedTask;

    private IWorkflowDirectoryGrain Directory => grains.GetGrain<IWorkflowDirectoryGrain>(IWorkflowDirectoryGrain.Key);

    private async Task<WorkflowDefinition> ReadAsync(string hash)
    {
        var document = await FindDocumentAsync(hash) ?? throw new KeyNotFoundException($"There is no definition content {hash}.");
        var definition = DefinitionReader.Read(document, activities, await LibraryOfAsync(document)).Definition
            ?? throw new InvalidOperationException($"Definition content {hash} was sound when it was imported and is not any more.");
        if (_graphs.Count >= GraphsMax)
        {
            _graphs.Clear();
        }

        return _graphs.GetOrAdd(hash, definition);
    }

    /// <summary>The reading with what keeps the definition from being published, and what its author should know.</summary>
    private async Task<DefinitionReading> CheckAsync(DefinitionReading reading)
    {
        if (reading.Definition is not { } definition)
        {
            return reading;
        }

        var now = time.GetUtcNow();
        return reading with
        {
            Problems = PublicationChecks.Of(definition, now, await referenceData.GetAsync(CancellationToken.None)),
            Warnings = [.. reading.Warnings, .. PublicationChecks.WarningsOf(definition, now)],
        };
    }

    /// <summary>The document with what it means written into it: later versions of what it uses and later settings do not change it.</summary>
    private byte[] Pin(byte[] document, WorkflowLibrary library) =>
        FlowchartModePin.Pin(WorkflowReferences.Pin(document, activities, library), options.Value.FlowchartMode);

    /// <returns>The hash under which the document lies.</returns>
    private async Task<string> KeepAsync(byte[] document)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(document));
        await grains.GetGrain<IDefinitionContentGrain>(hash).PutAsync(document);
        return hash;
    }

    /// <summary>The workflows that a document uses as activities, and those that they use in turn.</summary>
    private async Task<WorkflowLibrary> LibraryOfAsync(byte[] document)
    {
        var found = new Dictionary<string, UsableWorkflow>(StringComparer.Ordinal);
        var open = new Queue<byte[]>([document]);
        while (open.TryDequeue(out var next))
        {
            foreach (var reference in WorkflowReferences.In(next, activities))
            {
                if (await ResolveAsync(reference) is { } used && !found.ContainsKey(used.Hash) && UsableWorkflow.Read(used.Document, used.Hash, used.Version) is { } workflow)
                {
                    found.Add(used.Hash, workflow);
                    open.Enqueue(used.Document);
                }
            }
        }

        return new WorkflowLibrary(found.Values);
    }

    /// <summary>What a reference means: the content that it is pinned to, else the published version of the workflow that it names.</summary>
    private async Task<(string Hash, int Version, byte[] Document)?> ResolveAsync(WorkflowReference reference)
    {
        if (reference.VersionId is { Length: HashLength } hash && await FindDocumentAsync(hash) is { } pinned)
        {
            return (hash, 1, pinned);
        }

        var entry = reference.DefinitionId is null ? null : await FindAsync(reference.DefinitionId);
        var version = entry?.Published
            ?? (await ListAsync()).Select(each => each.Published).FirstOrDefault(each => each is not null && UsableWorkflow.TypeNameOf(each.Name) == reference.TypeName);
        return version is not null && await FindDocumentAsync(version.Hash) is { } document ? (version.Hash, version.Version, document) : null;
    }
}
