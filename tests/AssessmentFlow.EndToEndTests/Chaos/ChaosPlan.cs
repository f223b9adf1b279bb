using System.Globalization;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>How much chaos, and which.</summary>
/// <param name="Seed">Of the disturbances: the same seed disturbs in the same order.</param>
/// <param name="Duration">How long there are disturbances.</param>
/// <param name="Standstill">How long a server that is stopped stands still.</param>
public sealed record ChaosPlan(int Seed, TimeSpan Duration, TimeSpan Standstill)
{
    /// <summary>Whether nothing is done but to cut connections, which leaves deliveries unfinished most often.</summary>
    public bool OnlyCuts { get; init; }

    /// <summary>Servers on one database (count).</summary>
    public const int Servers = 3;

    /// <summary>Clients, each with one case at a time (count).</summary>
    public const int Clients = 12;

    /// <summary>The short form, unless the environment asks for more.</summary>
    public static ChaosPlan FromEnvironment() => new(
        Number("ASSESSMENTFLOW_CHAOS_SEED", 2008),
        TimeSpan.FromSeconds(Number("ASSESSMENTFLOW_CHAOS_SECONDS", 30)),
        TimeSpan.FromSeconds(Number("ASSESSMENTFLOW_CHAOS_STANDSTILL_SECONDS", 10)));

    /// <summary>A number from the environment.</summary>
    public static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
