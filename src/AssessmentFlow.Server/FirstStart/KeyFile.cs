using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Server.Auth;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Server.FirstStart;

/// <summary>
/// The file of keys: the one that the operator names, else that of a default installation. The latter is made once, for
/// the roles that the sample case needs; its keys work only from the same machine. The installation keeps their hashes,
/// so that keys cannot be written a second time.
/// </summary>
internal sealed partial class KeyFile(IGrainFactory grains, IReferenceData reference, DataFolder folder, IOptions<KeyOptions> options, ILogger<KeyFile> logger)
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "api-keys.json";

    private readonly KeySource _source = options.Value.File is { Length: > 0 } file ? KeySource.OfOperator(file) : KeySource.OfFirstStart(Path.Combine(folder.Path, FileName));

    private string FilePath => _source.Path;

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var clients = grains.GetGrain<IReferenceSetGrain>(ReferenceSets.ApiClients);
        if (_source.IsLoopbackOnly && !File.Exists(FilePath) && !await TryMakeAsync(clients, cancellationToken))
        {
            return; // The installation has clients; this process joins it.
        }

        var file = await _source.ReadAsync(cancellationToken);
        var known = (await clients.GetIfNewerAsync(-1) ?? ReferenceSet.Empty).Entries;
        foreach (var (id, entry) in known.Where(entry => _source.Governs(entry.Value) && file.Clients.All(client => client.Id != entry.Key)))
        {
            await PutAsync(clients, id, entry, Revoked(id));
        }

        foreach (var entry in file.Clients)
        {
            var before = known.GetValueOrDefault(entry.Id);
            if (before is null || _source.Governs(before))
            {
                await PutAsync(clients, entry.Id, before, ClientOf(entry));
            }
            else
            {
                LogGoverned(logger, entry.Id, before.ChangedBy, Path.GetFullPath(FilePath));
            }
        }

        if (!_source.IsLoopbackOnly)
        {
            LogTaken(logger, file.Clients.Count, Path.GetFullPath(FilePath));
        }
    }

    /// <summary>
    /// Makes the file when nobody has made keys before. Of several processes that try at once one writes the clients, in
    /// one step; only its keys work, and only its draft becomes a file. Drafts are on the disk before that step, so that
    /// the keys of a start that was cut off right after it are not lost.
    /// </summary>
    /// <returns>Whether there is a file now.</returns>
    private async Task<bool> TryMakeAsync(IReferenceSetGrain clients, CancellationToken cancellationToken)
    {
        var known = await clients.GetIfNewerAsync(-1) ?? ReferenceSet.Empty;
        if (known.Version is 0)
        {
            var keys = SampleKeys.Make(await reference.GetAsync(cancellationToken));
            await KeyDrafts.WriteAsync(FilePath, keys, cancellationToken);
            known = await clients.BeginAsync(keys.Clients.ToImmutableSortedDictionary(entry => entry.Id, entry => Json(ClientOf(entry)), StringComparer.Ordinal), _source.WrittenBy);
        }

        await KeyDrafts.SettleAsync(FilePath, keys => keys.Clients.All(entry => known.Entries.TryGetValue(entry.Id, out var client) && client.Json == Json(ClientOf(entry))), cancellationToken);
        if (!File.Exists(FilePath))
        {
            LogMadeElsewhere(logger, known.Entries.Values.First().ChangedBy, Path.GetFullPath(FilePath));
            return false;
        }

        LogMade(logger, known.Entries.Count, Path.GetFullPath(FilePath));
        return true;
    }

    /// <summary>Writes a client if it changed. The version is part of the request's identity: a key may come back that was there before.</summary>
    private async Task PutAsync(IReferenceSetGrain clients, string id, ReferenceEntry? known, ApiClient client)
    {
        var json = Json(client);
        if (known?.Json != json)
        {
            await clients.PutAsync(id, json, ifVersion: null, _source.WrittenBy, $"{FileName}/{known?.Version ?? 0}/{ApiClients.HashOf(json)}");
        }
    }

    private ApiClient ClientOf(ApiKeyEntry entry) => new(ApiClients.HashOf(entry.Key), entry.Roles, entry.Clearances, _source.IsLoopbackOnly);

    /// <summary>A client whose entry was taken out of the file: no key has this hash.</summary>
    private static ApiClient Revoked(string id) => new($"revoked/{id}", [], ImmutableSortedDictionary<string, string>.Empty, IsLoopbackOnly: true);

    private static string Json(ApiClient client) => JsonSerializer.Serialize(client, AuthJson.Default.ApiClient);

    [LoggerMessage(Level = LogLevel.Information, EventName = "KeysWritten", Message = "Made {Count} API keys, one per role; they work only from this machine: {Path}")]
    private static partial void LogMade(ILogger logger, int count, string path);

    [LoggerMessage(Level = LogLevel.Information, EventName = "KeysTaken", Message = "Took {Count} API keys, which work from any address: {Path}")]
    private static partial void LogTaken(ILogger logger, int count, string path);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "KeyNotTaken",
        Message = "The key of {Client} in {Path} was not taken: the installation has that client from {Source}. Remove the file, or name it as Keys:File")]
    private static partial void LogGoverned(ILogger logger, string client, string source, string path);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "KeysMadeElsewhere",
        Message = "Made no API keys: those of this installation were made by another process and are in {Source}. Use them, or copy that file to {Path} and start again")]
    private static partial void LogMadeElsewhere(ILogger logger, string source, string path);
}

/// <summary>The folder of the files that the installation makes.</summary>
internal sealed record DataFolder(string Path);
