using System.Globalization;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>How much chaos, and which.</summary>
/// <param name="Seed">Of the disturbances: the same seed disturbs in the same order.</param>
/// <param name="Duration">How long there are disturbances at least.</param>
/// <param name="Standstill">How long a server that is stopped stands still.</param>
public sealed record ChaosPlan(int Seed, TimeSpan Duration, TimeSpan Standstill)
{
    /// <summary>The one thing that is done, in place of all at random; null for all.</summary>
    public Disturbance? Only { get; init; }

    /// <summary>Kills before the run may end (count): one in twenty seconds, however fast the machine starts a server again.</summary>
    public int KillsMin => Only is null ? (int)(Duration / TimeSpan.FromSeconds(20)) : 0;

    /// <summary>Servers that stood still before the run may end (count): one a minute.</summary>
    public int StopsMin => Only is null ? (int)(Duration / TimeSpan.FromMinutes(1)) : 0;

    /// <summary>Servers on one database (count).</summary>
    public const int Servers = 3;

    /// <summary>Clients, each with one case at a time (count).</summary>
    public const int Clients = 12;

    /// <summary>Cases that several clients work on at once (count): so many that each server has some of them.</summary>
    public const int SharedCases = 24;

    /// <summary>Clients at work on these, who give up a request that is not answered (count).</summary>
    public const int ImpatientClients = 6;

    /// <summary>The short form, unless the environment asks for more.</summary>
    public static ChaosPlan FromEnvironment() => new(
        Number("ASSESSMENTFLOW_CHAOS_SEED", 2008),
        TimeSpan.FromSeconds(Number("ASSESSMENTFLOW_CHAOS_SECONDS", 60)),
        TimeSpan.FromSeconds(Number("ASSESSMENTFLOW_CHAOS_STANDSTILL_SECONDS", 10)));

    /// <summary>A number from the environment.</summary>
    public static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}

/// <summary>What can befall a cluster.</summary>
public enum Disturbance
{
    /// <summary>A server is killed and started again.</summary>
    Kill = 0,

    /// <summary>A server stands still for a while, and goes on.</summary>
    Stop = 1,

    /// <summary>All connections to the database are cut, which leaves deliveries unfinished most often.</summary>
    Cut = 2,

    /// <summary>The database is stopped at once and started again.</summary>
    DatabaseRestart = 3,

    /// <summary>A server and the others do not hear each other for a while; clients and the database reach all of them.</summary>
    Partition = 4,

    /// <summary>A server stands still until it was given up, and goes on while it cannot learn of it.</summary>
    Oversleep = 5,
}
