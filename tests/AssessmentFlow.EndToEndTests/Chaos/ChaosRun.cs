using System.Globalization;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>One run of chaos, and what is to be said of it.</summary>
/// <param name="Report">Seed, what was done, what was answered and what came of it.</param>
/// <param name="GaveUp">Clients that did not bring their case to the end (count).</param>
/// <param name="History">What clients were answered.</param>
/// <param name="Chain">What is stored.</param>
/// <param name="Verdict">The one held against the other.</param>
/// <param name="Examples">What is worth reading when something is wrong.</param>
internal sealed record ChaosRun(string Report, int GaveUp, ChaosHistory History, TurnChain Chain, ChaosVerdict Verdict, IReadOnlyList<string> Examples)
{
    /// <summary>How long cases may take to their end once no new ones are opened.</summary>
    public static readonly TimeSpan EndWithin = TimeSpan.FromMinutes(2);

    /// <param name="plan">What is done to the servers.</param>
    /// <param name="settings">Of the servers.</param>
    /// <param name="endWithin">How long cases may take to their end once no new ones are opened.</param>
    /// <param name="cancellationToken">To give up.</param>
    public static async Task<ChaosRun> Of(ChaosPlan plan, ServerSettings settings, TimeSpan endWithin, CancellationToken cancellationToken)
    {
        var history = new ChaosHistory();
        await using var cluster = await ChaosCluster.StartAsync(settings);
        using var load = await ChaosLoad.StartAsync(cluster, history, cancellationToken);
        await cluster.DisturbAsync(plan, cancellationToken);
        var gaveUp = await load.StopAsync(endWithin);
        var underWay = gaveUp is 0 ? [] : await cluster.UnderWayAsync();

        var (chain, leftOver) = await cluster.SettleAsync(cancellationToken);
        var verdict = ChaosVerdict.Of(history.Acknowledgements, StoredOutcome.Of(chain), leftOver);
        var report = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            Seed {plan.Seed}, {plan.Duration.TotalSeconds:F0} s: {cluster}.
            {history}.
            Lost {verdict.Lost.Count}, doubled {verdict.Doubled.Count}, stuck {verdict.Stuck.Count}, left over {verdict.LeftOver.Count}, clients that gave up {gaveUp}.
            {string.Join(Environment.NewLine + "  ", history.LongestGap(cluster.Log))}
            """);
        return new ChaosRun(report, gaveUp, history, chain, verdict, [.. verdict.Examples, .. underWay.Take(20), .. history.Surprises.Take(5), .. cluster.Failures().Take(5)]);
    }
}
