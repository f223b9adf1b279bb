namespace AssessmentFlow.Storage.Migrations;

/// <summary>A migration failed; the database is as it was before that migration. The message names it and says why.</summary>
public sealed class MigrationException(string message, Exception inner) : Exception(message, inner);
