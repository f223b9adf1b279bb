using System.Collections.Immutable;

namespace AssessmentFlow.Benchmarks;

/// <summary>What is measured.</summary>
/// <param name="Duration">Length of one measurement.</param>
/// <param name="Rounds">Rounds; medians are reported (count).</param>
/// <param name="Clients">Numbers of clients.</param>
/// <param name="Databases"><c>postgres</c>, <c>sqlite</c>.</param>
internal sealed record BenchmarkPlan(TimeSpan Duration, int Rounds, ImmutableArray<int> Clients, ImmutableArray<string> Databases)
{
    /// <summary>Waits of one instance (count): a case is resumed dozens of times for each time that it is started.</summary>
    public const int Waits = 20;

    /// <summary>Time that is not counted, before the first round: the runtime compiles the busy paths anew in it.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(25);
}
