using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;

namespace AssessmentFlow.Runtime.Definitions;

/// <summary>The workflows and their versions.</summary>
public interface IWorkflowCatalogue
{
    /// <summary>A workflow; null when it was never imported.</summary>
    Task<WorkflowEntry?> FindAsync(string definitionId, CancellationToken cancellationToken = default);

    /// <summary>The published version of a workflow; null when there is none.</summary>
    Task<WorkflowVersion?> FindPublishedAsync(string definitionId, CancellationToken cancellationToken);
}

/// <summary>Definitions by the hash of their content. Content never changes, so it is read once per silo.</summary>
public interface IDefinitionContents
{
    /// <summary>The checked graph of a content.</summary>
    /// <exception cref="KeyNotFoundException">There is no such content.</exception>
    ValueTask<WorkflowDefinition> GetAsync(string hash, CancellationToken cancellationToken);
}

/// <summary>One version of a workflow.</summary>
[GenerateSerializer]
[Immutable]
[Alias("workflow-version")]
public sealed record WorkflowVersion
{
    /// <summary>Publications of one version that are kept (count): every list of workflows carries them, with their notes.</summary>
    public const int PublicationsMax = 20;

    /// <summary>Number, from 1.</summary>
    [Id(0)]
    public required int Version { get; init; }

    /// <summary>SHA-256 of the content, as hexadecimal digits.</summary>
    [Id(1)]
    public required string Hash { get; init; }

    /// <summary>Display name.</summary>
    [Id(2)]
    public required string Name { get; init; }

    /// <summary>When it was imported.</summary>
    [Id(3)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who imported it.</summary>
    [Id(4)]
    public required string CreatedBy { get; init; }

    /// <summary>Whether new instances run on it.</summary>
    [Id(5)]
    public bool IsPublished { get; init; }

    /// <summary>Why it was published last; null when it was not, or nobody said.</summary>
    [Id(6)]
    public string? Note { get; init; }

    /// <summary>When it was published last; null when it never was.</summary>
    [Id(7)]
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>Who published it last.</summary>
    [Id(8)]
    public string? PublishedBy { get; init; }

    /// <summary>When the draft was changed last; null when it is as it was imported.</summary>
    [Id(9)]
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Who changed the draft last.</summary>
    [Id(10)]
    public string? ChangedBy { get; init; }

    /// <summary>
    /// Every publication, oldest first, the last one included; at most <see cref="PublicationsMax"/>, of which the oldest goes
    /// first. Empty also where a server that did not keep them yet published it: <see cref="Known"/> tells of that as well.
    /// </summary>
    [Id(11)]
    public ImmutableArray<WorkflowPublication> Publications { get; init; } = [];

    /// <summary>The publications, also of a version that was published by a server that kept the last one only.</summary>
    public ImmutableArray<WorkflowPublication> Known() =>
        !Publications.IsEmpty || PublishedAt is not { } at ? Publications : [new WorkflowPublication(at, PublishedBy ?? "", Note)];

    /// <summary>The version as it is in force.</summary>
    internal WorkflowVersion Publish(string hash, DateTimeOffset at, string by, string? note)
    {
        var known = Known();
        return this with
        {
            Hash = hash,
            IsPublished = true,
            Note = note,
            PublishedAt = at,
            PublishedBy = by,
            Publications = [.. known[Math.Max(0, known.Length - PublicationsMax + 1)..], new WorkflowPublication(at, by, note)],
        };
    }

    /// <summary>The version as it is out of force; the same when it was before.</summary>
    internal WorkflowVersion Retract(DateTimeOffset at, string? by)
    {
        if (!IsPublished)
        {
            return this;
        }

        var known = Known();
        return this with { IsPublished = false, Publications = [.. known[..^1], known[^1] with { EndedAt = at, EndedBy = by }] };
    }
}

/// <summary>A time for which new instances ran on a version.</summary>
/// <param name="At">When it was published.</param>
/// <param name="By">Who published it.</param>
/// <param name="Note">Why; null when nobody said.</param>
/// <param name="EndedAt">When it was taken back, or another version took its place; null while it is in force, and when nobody kept it.</param>
/// <param name="EndedBy">Who took it back or published the other version; null when that is not known.</param>
[GenerateSerializer]
[Immutable]
[Alias("workflow-publication")]
public sealed record WorkflowPublication(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] string By,
    [property: Id(2)] string? Note,
    [property: Id(3)] DateTimeOffset? EndedAt = null,
    [property: Id(4)] string? EndedBy = null);

/// <summary>A workflow with its versions.</summary>
/// <param name="DefinitionId">Its identity.</param>
/// <param name="Etag">Number of changes so far: its ETag.</param>
/// <param name="Versions">Oldest first.</param>
[GenerateSerializer]
[Immutable]
[Alias("workflow-entry")]
public sealed record WorkflowEntry(
    [property: Id(0)] string DefinitionId,
    [property: Id(1)] long Etag,
    [property: Id(2)] ImmutableArray<WorkflowVersion> Versions)
{
    /// <summary>The version that new instances run on; null when none is published.</summary>
    public WorkflowVersion? Published => Versions.LastOrDefault(version => version.IsPublished);

    /// <summary>The newest version.</summary>
    public WorkflowVersion Latest => Versions[^1];
}

/// <summary>What became of a change of the catalogue.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Entry">The workflow as it stands; null when there is none.</param>
[GenerateSerializer]
[Immutable]
[Alias("catalogue-change")]
public sealed record CatalogueChange([property: Id(0)] CatalogueOutcome Outcome, [property: Id(1)] WorkflowEntry? Entry);

/// <summary>What became of a change of the catalogue.</summary>
public enum CatalogueOutcome
{
    /// <summary>It was made, or had been made by the same request before.</summary>
    Changed = 0,

    /// <summary>The content is the newest version already.</summary>
    Unchanged = 1,

    /// <summary>The workflow is at another ETag than the caller saw.</summary>
    Stale = 2,

    /// <summary>There is no such workflow or version.</summary>
    Unknown = 3,

    /// <summary>The key of the request was used for another one.</summary>
    KeyReused = 4,
}
