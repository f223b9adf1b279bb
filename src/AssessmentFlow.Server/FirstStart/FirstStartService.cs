using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Server.Hosting;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Server.FirstStart;

/// <summary>
/// Brings an empty installation to where people can work: reference data, workflows, keys, the sample case.
/// Every step is skipped when its result is there already, so that a start that was cut off is simply done again.
/// </summary>
internal sealed partial class FirstStartService(
    IGrainFactory grains,
    WorkflowCatalogue catalogue,
    TriggerRegistration triggers,
    KeyFile keys,
    SampleCase sample,
    Readiness readiness,
    IOptions<FirstStartOptions> options,
    ILogger<FirstStartService> logger) : BackgroundService
{
    private const string By = "first-start";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await AddReferenceDataAsync();
        await AddWorkflowsAsync(stoppingToken);
        await FollowPublicationsAsync();
        await keys.LoadAsync(stoppingToken);
        if (options.Value.LoadSample)
        {
            await sample.LoadAsync(stoppingToken);
        }

        readiness.IsReady = true;
        LogReady(logger);
    }

    /// <summary>Entries that somebody has written since are left as they are.</summary>
    private async Task AddReferenceDataAsync()
    {
        foreach (var set in new[] { ReferenceSets.Calendars, ReferenceSets.Rosters, ReferenceSets.Regimes, ReferenceSets.MarkingSchemes, ReferenceSets.Agencies })
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "reference", set), "*.json").Order(StringComparer.Ordinal))
            {
                var id = Path.GetFileNameWithoutExtension(file);
                await grains.GetGrain<IReferenceSetGrain>(set).PutAsync(id, await File.ReadAllTextAsync(file), ifVersion: 0, By, $"{By}/{set}/{id}");
            }
        }
    }

    /// <summary>A workflow that is there already belongs to the secretariat: a new build does not touch it.</summary>
    private async Task AddWorkflowsAsync(CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "workflows"), "definition.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var key = $"{By}/workflow/{Path.GetFileName(Path.GetDirectoryName(file))}";
            var (change, reading) = await catalogue.ImportAsync(await File.ReadAllBytesAsync(file, cancellationToken), By, ifEtag: 0, key, fingerprint: By);
            if (change is null && reading.Definition is null)
            {
                throw new InvalidOperationException($"{file} is unsound: {string.Join("; ", reading.Problems)}");
            }

            if (change is null && await catalogue.FindAsync(reading.Draft!.DefinitionId, cancellationToken) is null)
            {
                // It does not fit the reference data of this installation: that is for the secretariat to mend.
                LogUnsound(logger, reading.Draft.DefinitionId, string.Join("; ", reading.Problems.Select(problem => $"{problem.Path}: {problem.Message}")));
            }

            if (change is { Outcome: CatalogueOutcome.Changed, Entry: { Published: null } entry })
            {
                await catalogue.PublishAsync(entry.DefinitionId, entry.Latest.Version, "Shipped with the product.", By, ifEtag: null, key + "/publish", fingerprint: By);
            }
        }
    }

    /// <summary>Also workflows that a build without triggers published have theirs; what is registered stays as it is.</summary>
    private async Task FollowPublicationsAsync()
    {
        foreach (var entry in await catalogue.ListAsync())
        {
            try
            {
                await triggers.FollowAsync(entry.DefinitionId, By);
            }
            catch (Exception e)
            {
                // One workflow that cannot be read must not keep the installation from starting.
                LogNotFollowed(logger, e, entry.DefinitionId);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "TriggersNotRegistered", Message = "The triggers of workflow {DefinitionId} could not be registered; publish it again, or start again")]
    private static partial void LogNotFollowed(ILogger logger, Exception exception, string definitionId);

    [LoggerMessage(Level = LogLevel.Error, EventName = "WorkflowUnsound", Message = "The workflow {DefinitionId} that comes with the product was not added: {Problems}")]
    private static partial void LogUnsound(ILogger logger, string definitionId, string problems);

    [LoggerMessage(Level = LogLevel.Information, EventName = "Ready", Message = "Ready")]
    private static partial void LogReady(ILogger logger);
}

/// <summary>What a first start does.</summary>
public sealed class FirstStartOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "FirstStart";

    /// <summary>Whether the Cambodia 2008 case is loaded. Default: true.</summary>
    public bool LoadSample { get; set; } = true;
}
