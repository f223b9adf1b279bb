namespace AssessmentFlow.Storage.Backups;

/// <summary>A backup cannot be made or restored. The message says why, and what to do about it.</summary>
public sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner);
