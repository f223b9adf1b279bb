namespace AssessmentFlow.TestSupport;

/// <summary>How a <see cref="ServerProcess"/> is started.</summary>
public sealed record ServerSettings
{
    /// <summary>The program (.dll); null for the server that was built with the tests.</summary>
    public string? Program { get; init; }

    /// <summary>Folder for what the process keeps; null for a temporary one that goes with it.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Connection string of PostgreSQL; null for SQLite in the data folder.</summary>
    public string? PostgresConnectionString { get; init; }

    /// <summary>Content of the key file that the server finds at its first start; null lets it make its own.</summary>
    public string? Keys { get; init; }

    /// <summary>The address that the server listens on; 0.0.0.0 for all of the machine.</summary>
    public string ListensOn { get; init; } = "127.0.0.1";

    /// <summary>Further configuration, each as <c>Section:Name=value</c>.</summary>
    public IReadOnlyList<string> Configuration { get; init; } = [];

    /// <summary>Environment variables over those of this process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How long the server may take from its start until it is ready.</summary>
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromMinutes(2);
}
