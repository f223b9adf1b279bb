namespace AssessmentFlow.Storage.Sqlite;

/// <summary>
/// Keeps a SQLite file to one process: two would each keep entities in memory and deliver timers and messages twice.
/// The operating system holds the lock and takes it back however the process ends. It is a file beside the database,
/// as SQLite takes locks of its own on the database; the file stays behind, as removing it would race with the next process.
/// </summary>
public static class SqliteFileLock
{
    private const string Ending = ".lock";

    /// <summary>Takes the lock. It is held until the result is disposed of.</summary>
    /// <param name="path">Path of the database; its folder is made when missing.</param>
    /// <returns>The lock; null when another process has it.</returns>
    /// <exception cref="UnauthorizedAccessException">This process may not write there.</exception>
    public static IDisposable? TryTake(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var held = path + Ending;
        try
        {
            return new FileStream(held, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(held))
        {
            return null;
        }
    }
}
