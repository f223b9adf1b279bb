using AssessmentFlow.IntegrationTests.Support;

namespace AssessmentFlow.IntegrationTests.Storage;

/// <summary>The journal on a real PostgreSQL server.</summary>
public sealed class PostgresTurnJournalTests(PostgresFixture postgres) : TurnJournalSpec
{
    private protected override JournalDatabase Database { get; } = new PostgresJournalDatabase(postgres);
}

/// <summary>The journal in a real SQLite file.</summary>
public sealed class SqliteTurnJournalTests : TurnJournalSpec
{
    private protected override JournalDatabase Database { get; } = new SqliteJournalDatabase();
}

/// <summary>The journal on the database of simulated clusters.</summary>
public sealed class SimulatedTurnJournalTests : TurnJournalSpec
{
    private protected override JournalDatabase Database { get; } = new SimulatedJournalDatabase();
}
