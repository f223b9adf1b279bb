using System.Collections.Immutable;
using AssessmentFlow.Assessments.Reference;

namespace AssessmentFlow.Worlds;

/// <summary>The files of the repository that this build was made from.</summary>
public static class Repository
{
    private const string Solution = "AssessmentFlow.sln";

    /// <summary>The folder of the solution.</summary>
    /// <exception cref="InvalidOperationException">The tests do not run inside the repository.</exception>
    public static string Root { get; } = Find();

    /// <summary>A path below the root.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The reference data that the product ships.</summary>
    public static ReferenceSnapshot ShippedReference() => new(
        Read("calendars", static (id, json) => ReferenceJson.ReadCalendar(id, version: 1, json)),
        Read("rosters", ReferenceJson.ReadRoster),
        Read("regimes", ReferenceJson.ReadRegime),
        Read("marking-schemes", ReferenceJson.ReadMarkingScheme))
    {
        Agencies = Read("agencies", ReferenceJson.ReadAgency),
    };

    private static ImmutableSortedDictionary<string, T> Read<T>(string set, Func<string, string, T> read) =>
        Directory.EnumerateFiles(PathOf("src", "AssessmentFlow.Server", "reference", set), "*.json")
            .ToImmutableSortedDictionary(
                file => Path.GetFileNameWithoutExtension(file),
                file => read(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file)),
                StringComparer.Ordinal);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds {Solution}: run the tests inside the repository.");
    }
}
