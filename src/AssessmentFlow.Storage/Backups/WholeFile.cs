namespace AssessmentFlow.Storage.Backups;

/// <summary>A file that has another name until it is whole: half of one must not be taken for it.</summary>
internal static class WholeFile
{
    /// <param name="path">The file; it does not exist yet.</param>
    /// <param name="write">Writes it under the name that it is given.</param>
    public static async Task WriteAsync(string path, Func<string, Task> write)
    {
        var unfinished = path + ".unfinished";
        try
        {
            await write(unfinished);
            File.Move(unfinished, path);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
