using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Server.FirstStart;

/// <summary>
/// Loads the sample case: the May 2008 visit to Cambodia as the public record has it, in our own words.
/// What the record does not say stays open. Every input has an id of its own, so that loading can be cut off and
/// done again without anything being written twice.
/// </summary>
internal sealed class SampleCase(IEntities entities, ITurnJournal journal)
{
    private const string By = "first-start";

    private static readonly Actor Loader = new(By, [Roles.Secretariat]);

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "sample"), "*.json").Order(StringComparer.Ordinal))
        {
            var sample = JsonSerializer.Deserialize(await File.ReadAllTextAsync(file, cancellationToken), SampleJson.Default.SampleDocument)
                ?? throw new InvalidOperationException($"{file} is empty.");
            await LoadAsync(sample, cancellationToken);
        }
    }

    private async Task LoadAsync(SampleDocument sample, CancellationToken cancellationToken)
    {
        // Inputs go in one after the other: where the last one is, all are, and a start need not offer each of them again.
        var (lastKind, lastItems) = sample.Items.GetAt(sample.Items.Count - 1);
        if (await journal.FindInputAsync(InputIdOf(sample.Id, $"{lastKind}/{lastItems.GetAt(lastItems.Count - 1).Key}"), cancellationToken) is not null)
        {
            return;
        }

        var opened = await SendAsync(
            sample.Id,
            "open",
            new AssessmentInput.Open(sample.Title, sample.State, sample.Regime, sample.VisitType, sample.VisitFrom, sample.VisitTo, SyntheticLabel: null, Loader),
            cancellationToken);
        if (opened.Outcome is TurnOutcome.Refused)
        {
            return; // Somebody opened a case of this name; it is theirs.
        }

        await SendAsync(
            sample.Id,
            "delegation",
            new AssessmentInput.ComposeDelegation(
                sample.Leader, [.. sample.Agencies.Select(agency => new DelegationMember(agency, Areas: [], Representative: null))], IfChangedAt: 0, Loader),
            cancellationToken);
        foreach (var (kind, items) in sample.Items)
        {
            foreach (var (id, body) in items)
            {
                await SendAsync(sample.Id, $"{kind}/{id}", new AssessmentInput.PutItem(kind, id, body, IfChangedAt: 0, Loader), cancellationToken);
            }
        }
    }

    private async Task<TurnAnswer> SendAsync(string caseId, string what, AssessmentInput input, CancellationToken cancellationToken)
    {
        var answer = await entities.HandleAsync(
            new EntityId(EntityKinds.Assessment, caseId),
            new Envelope
            {
                InputId = InputIdOf(caseId, what),
                Input = JsonSerializer.SerializeToUtf8Bytes(input, CaseJson.Plain.AssessmentInput),
                Actor = By,
            },
            cancellationToken);
        return answer.Refusal is { Kind: RefusalKind.Invalid or RefusalKind.Forbidden } refusal
            ? throw new InvalidOperationException($"The sample case is unsound at {what}: {refusal.Message}")
            : answer;
    }

    private static string InputIdOf(string caseId, string what) => $"sample/{caseId}/{what}";
}

/// <summary>A sample case.</summary>
/// <param name="Note">What it is.</param>
/// <param name="Id">Id of the case.</param>
/// <param name="Title">Its title.</param>
/// <param name="State">The State.</param>
/// <param name="Regime">The regime.</param>
/// <param name="VisitType">Kind of visit; null where the record is silent.</param>
/// <param name="VisitFrom">First day.</param>
/// <param name="VisitTo">Last day.</param>
/// <param name="Leader">Who led.</param>
/// <param name="Agencies">Organisations of the delegation.</param>
/// <param name="Items">Items by kind and id.</param>
public sealed record SampleDocument(
    string Note,
    string Id,
    string Title,
    AssessedState State,
    string Regime,
    string? VisitType,
    NodaTime.LocalDate? VisitFrom,
    NodaTime.LocalDate? VisitTo,
    string? Leader,
    ImmutableArray<string> Agencies,
    OrderedDictionary<string, OrderedDictionary<string, JsonElement>> Items);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(LocalDateConverter)])]
[JsonSerializable(typeof(SampleDocument))]
internal sealed partial class SampleJson : JsonSerializerContext;
