namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>What clients were told, held against what the database has.</summary>
/// <param name="Lost">Acknowledged requests that left no turn, or not the one that the answer named.</param>
/// <param name="Doubled">What happened more often than the workflow says.</param>
/// <param name="Stuck">Instances that have not ended though nothing is left that they could wait for.</param>
public sealed record ChaosVerdict(IReadOnlyList<string> Lost, IReadOnlyList<string> Doubled, IReadOnlyList<string> Stuck)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsSound => this is { Lost.Count: 0, Doubled.Count: 0, Stuck.Count: 0 };

    /// <summary>Some of what is wrong.</summary>
    public IEnumerable<string> Examples => [.. Lost.Take(5), .. Doubled.Take(5), .. Stuck.Take(5)];

    /// <summary>Judges when all clients have brought their cases to the end.</summary>
    public static ChaosVerdict Of(IReadOnlyCollection<Acknowledgement> acknowledgements, StoredOutcome stored)
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
            ]);
    }

    private static bool IsStored(Acknowledgement acknowledgement, StoredOutcome stored) =>
        stored.Inputs.TryGetValue((acknowledgement.Instance, acknowledgement.Key), out var version) && version == acknowledgement.Version;

    private static string[] LinesOf(StoredInstance instance) =>
        instance.DefinitionId is ChaosWorkflows.Case ? ChaosWorkflows.CaseLines : ChaosWorkflows.ChildLines;

    private static bool IsBeginOf(IReadOnlyList<string> lines, string[] all) => lines.SequenceEqual(all.Take(lines.Count)) && lines.Count <= all.Length;
}
