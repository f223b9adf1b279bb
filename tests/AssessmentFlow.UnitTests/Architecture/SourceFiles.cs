namespace AssessmentFlow.UnitTests.Architecture;

/// <summary>Files of the repository that people write.</summary>
internal static class SourceFiles
{
    private static readonly string[] Made = ["bin", "obj", "artifacts", "data", "node_modules", ".git", ".vs", "TestResults"];

    /// <summary>C# files below a folder.</summary>
    public static IEnumerable<string> Under(params string[] folder) => In(Repository.PathOf(folder)).Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>All files below a folder.</summary>
    public static IEnumerable<string> In(string folder) => Directory.EnumerateFiles(folder)
        .Concat(Directory.EnumerateDirectories(folder).Where(child => !Made.Contains(Path.GetFileName(child))).SelectMany(In))
        .Order(StringComparer.Ordinal);
}
