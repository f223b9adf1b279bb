using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace AssessmentFlow.Assessments.Marks;

/// <summary>
/// The handling marks of one source in their order, lowest first. There is no translation between schemes
/// (domain, section 3.6).
/// </summary>
/// <param name="Id">Name of the scheme, such as <c>UN</c>.</param>
/// <param name="Levels">Marks, lowest first.</param>
/// <param name="Source">Where the scheme is laid down.</param>
public sealed record MarkingScheme(string Id, ImmutableArray<string> Levels, string? Source)
{
    /// <summary>Position of a level; -1 when the scheme has no such level.</summary>
    public int RankOf(string level) => Levels.IndexOf(level, 0, Levels.Length, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A handling mark on a portion.</summary>
/// <param name="Scheme">Name of the marking scheme.</param>
/// <param name="Level">Level within the scheme.</param>
public sealed record Mark(string Scheme, string Level)
{
    /// <summary>The highest mark per scheme: the level of a document is that of its highest portion.</summary>
    public static ImmutableArray<Mark> Highest(IEnumerable<Mark> marks, IReadOnlyDictionary<string, MarkingScheme> schemes) =>
    [
        .. marks
            .Where(mark => schemes.ContainsKey(mark.Scheme))
            .GroupBy(mark => mark.Scheme, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.MaxBy(mark => schemes[group.Key].RankOf(mark.Level))!),
    ];

    /// <summary>Whether a reader cleared to the given levels may read what bears this mark.</summary>
    /// <param name="clearances">Highest level per scheme that the reader may read.</param>
    /// <param name="schemes">The schemes that exist; an unknown scheme hides.</param>
    public bool IsReadableBy(IReadOnlyDictionary<string, string> clearances, IReadOnlyDictionary<string, MarkingScheme> schemes) =>
        schemes.TryGetValue(Scheme, out var scheme)
        && clearances.TryGetValue(Scheme, out var cleared)
        && scheme.RankOf(Level) >= 0
        && scheme.RankOf(Level) <= scheme.RankOf(cleared);

    /// <summary>The mark as its scheme writes it; itself when the scheme has no such level.</summary>
    public Mark In(IReadOnlyDictionary<string, MarkingScheme> schemes) =>
        schemes.TryGetValue(Scheme, out var scheme) && scheme.RankOf(Level) is var rank and >= 0 ? this with { Level = scheme.Levels[rank] } : this;

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme}:{Level}";
}

/// <summary>A mark that a thing bears, if any.</summary>
public interface IMarked
{
    /// <summary>The mark; null means that the source gave none.</summary>
    [JsonPropertyName("mark")]
    Mark? Mark { get; }
}
