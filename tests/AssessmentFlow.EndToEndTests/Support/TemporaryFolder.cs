namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("assessmentflow-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
