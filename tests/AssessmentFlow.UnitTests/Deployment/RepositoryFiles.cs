namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>Files of the repository that are not part of any program, by their path from its root.</summary>
internal static class RepositoryFiles
{
    public static string Root => Repository.Root;

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));
}
