using System.Globalization;
using System.Reflection;
using AssessmentFlow.Runtime.Definitions;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Which versions of which workflows Studio asks for. It writes the names of parameters in capitals and means the same.</summary>
internal sealed record DefinitionQuery
{
    private const int PageSizeMax = 1_000;

    public required string? VersionOptions { get; init; }

    public required int Page { get; init; }

    public required int PageSize { get; init; }

    public required string? SearchTerm { get; init; }

    public required bool? IsSystem { get; init; }

    public required string? OrderBy { get; init; }

    public required bool IsDescending { get; init; }

    public required IReadOnlyList<string> DefinitionIds { get; init; }

    public required IReadOnlyList<string> Ids { get; init; }

    /// <summary>Called by the framework.</summary>
    public static ValueTask<DefinitionQuery?> BindAsync(HttpContext http, ParameterInfo parameter)
    {
        _ = parameter;
        var query = http.Request.Query;
        return ValueTask.FromResult<DefinitionQuery?>(new DefinitionQuery
        {
            VersionOptions = query["versionOptions"].FirstOrDefault(),
            Page = int.TryParse(query["page"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var page) ? page : 0,
            PageSize = int.TryParse(query["pageSize"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is > 0 and <= PageSizeMax ? size : PageSizeMax,
            SearchTerm = query["searchTerm"].FirstOrDefault(),
            IsSystem = bool.TryParse(query["isSystem"].FirstOrDefault(), out var isSystem) ? isSystem : null,
            OrderBy = query["orderBy"].FirstOrDefault(),
            IsDescending = string.Equals(query["orderDirection"].FirstOrDefault(), "Descending", StringComparison.OrdinalIgnoreCase),
            DefinitionIds = Texts(query["definitionIds"]),
            Ids = Texts(query["ids"]),
        });
    }

    /// <summary>Everything that is asked for, in order.</summary>
    public IReadOnlyList<FoundVersion> Find(IReadOnlyList<WorkflowEntry> entries)
    {
        if (IsSystem is true)
        {
            return []; // No workflow belongs to the system: all can be changed.
        }

        var found = entries
            .Where(entry => DefinitionIds.Count is 0 || DefinitionIds.Contains(entry.DefinitionId))
            .SelectMany(entry => Ids.Count is 0
                ? Pick(entry, VersionOptions).Select(version => new FoundVersion(entry, version, Asked: null))
                : ById(entry))
            .Where(each => string.IsNullOrWhiteSpace(SearchTerm)
                || each.Version.Name.Contains(SearchTerm.Trim(), StringComparison.OrdinalIgnoreCase)
                || each.Entry.DefinitionId.Contains(SearchTerm.Trim(), StringComparison.OrdinalIgnoreCase));
        return [.. Order(found)];
    }

    /// <summary>The page that is asked for.</summary>
    public IEnumerable<FoundVersion> Take(IReadOnlyList<FoundVersion> all) => all.Skip(Page * PageSize).Take(PageSize);

    /// <summary>The versions of a workflow that are meant by Elsa's words; a number means that version, nothing means all.</summary>
    public static IEnumerable<WorkflowVersion> Pick(WorkflowEntry entry, string? options) => options switch
    {
        null or "Latest" => [entry.Latest],
        "Published" => entry.Published is { } published ? [published] : [],
        "Draft" => entry.Latest.PublishedAt is null ? [entry.Latest] : [],
        "LatestOrPublished" => entry.Published is { } other && other != entry.Latest ? [entry.Latest, other] : [entry.Latest],
        "LatestAndPublished" => entry.Latest.IsPublished ? [entry.Latest] : [],
        "" or "AllVersions" => entry.Versions,
        _ => int.TryParse(options, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? entry.Versions.Where(version => version.Version == number) : [],
    };

    /// <summary>The version that an id means; for an id with a content of its own, the version that has or had it.</summary>
    public static WorkflowVersion? Pick(WorkflowEntry entry, VersionId id) =>
        id.DefinitionId != entry.DefinitionId ? null
        : entry.Versions.FirstOrDefault(version => version.Version == id.Version) ?? (id.Hash is null ? null : entry.Latest);

    private IEnumerable<FoundVersion> ById(WorkflowEntry entry) =>
        from text in Ids
        let id = VersionId.TryParse(text)
        where id is not null
        let version = Pick(entry, id)
        where version is not null
        select new FoundVersion(entry, version, id);

    private IEnumerable<FoundVersion> Order(IEnumerable<FoundVersion> found) => (OrderBy, IsDescending) switch
    {
        ("Version", true) => found.OrderByDescending(each => each.Version.Version),
        ("Version", false) => found.OrderBy(each => each.Version.Version),
        ("Created", true) or ("CreatedAt", true) => found.OrderByDescending(each => each.Version.CreatedAt),
        ("Created", false) or ("CreatedAt", false) => found.OrderBy(each => each.Version.CreatedAt),
        ("Name", true) => found.OrderByDescending(each => each.Version.Name, StringComparer.OrdinalIgnoreCase),
        _ => found.OrderBy(each => each.Version.Name, StringComparer.OrdinalIgnoreCase),
    };

    private static string[] Texts(IEnumerable<string?> values) => [.. values.OfType<string>().Where(value => value.Length > 0)];
}

/// <summary>A version that was found.</summary>
/// <param name="Entry">The workflow.</param>
/// <param name="Version">The version.</param>
/// <param name="Asked">The id by which it was asked for; null when it was found otherwise.</param>
internal sealed record FoundVersion(WorkflowEntry Entry, WorkflowVersion Version, VersionId? Asked);
