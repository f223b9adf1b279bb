namespace AssessmentFlow.UnitTests.Conformance;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Folder of the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AssessmentFlow.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No AssessmentFlow.sln above {from}.");
    }
}
