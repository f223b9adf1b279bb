namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>The folder of the solution that this build was made from.</summary>
internal static class RepositoryRoot
{
    private const string Solution = "AssessmentFlow.sln";

    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, Solution)))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds {Solution}: run the tests inside the repository.");
    }
}
