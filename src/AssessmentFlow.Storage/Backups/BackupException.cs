namespace AssessmentFlow.Storage.Backups;

/// <summary>A backup cannot be made or restored. The message says why, and what to do about it.</summary>
public sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The file is none that a backup wrote, or not as it was written.</summary>
    internal static BackupException Unreadable(Exception inner) => new($"The file is no backup of AssessmentFlow, or it is damaged: {inner.Message}", inner);
}
