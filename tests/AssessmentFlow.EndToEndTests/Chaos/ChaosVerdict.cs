namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>What clients were told, held against what the database has.</summary>
/// <param name="Lost">Acknowledged requests that left no turn, or not the one that the answer named.</param>
/// <param name="Doubled">What happened more often than the workflow says.</param>
/// <param name="Stuck">Instances that have not ended though nothing is left that they could wait for.</param>
/// <param name="LeftOver">Messages and timers that nobody carried out.</param>
public sealed record ChaosVerdict(IReadOnlyList<string> Lost, IReadOnlyList<string> Doubled, IReadOnlyList<string> Stuck, IReadOnlyList<string> LeftOver)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsSound => this is { Lost.Count: 0, Doubled.Count: 0, Stuck.Count: 0, LeftOver.Count: 0 };

    /// <summary>Some of what is wrong.</summary>
    public IEnumerable<string> Examples => [.. Lost.Take(5), .. Doubled.Take(5), .. Stuck.Take(5), .. LeftOver.Take(5).Select(row => $"{row} is left over")];

    /// <summary>Judges when all clients have brought their cases to the end.</summary>
    /// <param name="acknowledgements">What clients were told.</param>
    /// <param name="stored">What the database has.</param>
    /// <param name="leftOver">Messages and timers that are still under way.</param>
    public static ChaosVerdict Of(IReadOnlyCollection<Acknowledgement> acknowledgements, StoredOutcome stored, IReadOnlyList<string> leftOver)
    {
        var children = stored.Instances.Where(instance => instance.ParentId is not null).ToLookup(instance => instance.ParentId!, StringComparer.Ordinal);
        return new ChaosVerdict(
            [.. acknowledgements.Where(each => !IsStored(each, stored)).Select(each => $"{each.Key} for {each.Instance} was acknowledged with version {each.Version}")],
            [
                .. stored.Instances.Where(instance => !IsBeginOf(instance.Lines, LinesOf(instance))).Select(instance => $"{instance.Id} wrote {string.Join(", ", instance.Lines)}"),
                .. children.Where(group => group.Count() > 1).Select(group => $"{group.Key} has {group.Count()} children"),
            ],
            [
                .. stored.Instances.Where(instance => !instance.IsFinished || instance.Lines.Count < LinesOf(instance).Length)
                    .Select(instance => $"{instance.Id} of {instance.DefinitionId} has got as far as: {string.Join(", ", instance.Lines)}"),
            ],
            leftOver);
    }

    private static bool IsStored(Acknowledgement acknowledgement, StoredOutcome stored) =>
        stored.Inputs.TryGetValue((acknowledgement.Instance, acknowledgement.Key), out var version) && version == acknowledgement.Version;

    private static string[] LinesOf(StoredInstance instance) =>
        instance.DefinitionId is ChaosWorkflows.Case ? ChaosWorkflows.CaseLines : ChaosWorkflows.ChildLines;

    private static bool IsBeginOf(IReadOnlyList<string> lines, string[] all) => lines.SequenceEqual(all.Take(lines.Count)) && lines.Count <= all.Length;
}
