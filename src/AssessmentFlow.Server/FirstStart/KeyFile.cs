using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.FirstStart;

/// <summary>
/// The file of keys of a default installation. It is made once, for the roles that the sample case needs; its keys
/// work only from the same machine. The installation keeps their hashes, so that keys cannot be written a second time.
/// </summary>
internal sealed partial class KeyFile(IGrainFactory grains, IReferenceData reference, DataFolder folder, ILogger<KeyFile> logger)
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "api-keys.json";

    private readonly string _path = Path.Combine(folder.Path, FileName);

    /// <summary>By whom the clients of this file are written; the place tells the operators of other processes where it is.</summary>
    private readonly string _source = $"{FileName} of {Environment.MachineName}, {Path.GetFullPath(folder.Path)}";

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var clients = grains.GetGrain<IReferenceSetGrain>(ReferenceSets.ApiClients);
        if (!File.Exists(_path) && !await TryMakeAsync(clients, cancellationToken))
        {
            return; // The installation has clients; this process joins it.
        }

        var file = JsonSerializer.Deserialize(await File.ReadAllTextAsync(_path, cancellationToken), AuthJson.Default.ApiKeyFile)
            ?? throw new InvalidOperationException($"{_path} is empty: remove it, and the next start makes a new one.");
        var known = (await clients.GetIfNewerAsync(-1) ?? ReferenceSet.Empty).Entries;
        foreach (var (id, entry) in known.Where(entry => IsOfFile(entry.Value) && file.Clients.All(client => client.Id != entry.Key)))
        {
            await PutAsync(clients, id, entry, Revoked(id));
        }

        foreach (var entry in file.Clients)
        {
            if (entry.Roles.FirstOrDefault(role => !Roles.IsKnown(role)) is { } unknown)
            {
                throw new InvalidOperationException(
                    $"{_path} gives '{entry.Id}' the role '{unknown}', which does not exist; there are secretariat, mission-leader, agency:<name>, state:<iso>, seat:<name>, operator, auditor.");
            }

            await PutAsync(clients, entry.Id, known.GetValueOrDefault(entry.Id), ClientOf(entry));
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
            await KeyDrafts.WriteAsync(_path, keys, cancellationToken);
            known = await clients.BeginAsync(keys.Clients.ToImmutableSortedDictionary(entry => entry.Id, entry => Json(ClientOf(entry)), StringComparer.Ordinal), _source);
        }

        await KeyDrafts.SettleAsync(_path, keys => keys.Clients.All(entry => known.Entries.TryGetValue(entry.Id, out var client) && client.Json == Json(ClientOf(entry))), cancellationToken);
        if (!File.Exists(_path))
        {
            LogMadeElsewhere(logger, known.Entries.Values.First().ChangedBy, Path.GetFullPath(_path));
            return false;
        }

        LogMade(logger, known.Entries.Count, Path.GetFullPath(_path));
        return true;
    }

    /// <summary>Writes a client if it changed. The version is part of the request's identity: a key may come back that was there before.</summary>
    private async Task PutAsync(IReferenceSetGrain clients, string id, ReferenceEntry? known, ApiClient client)
    {
        var json = Json(client);
        if (known?.Json != json)
        {
            await clients.PutAsync(id, json, ifVersion: null, _source, $"{FileName}/{known?.Version ?? 0}/{ApiClients.HashOf(json)}");
        }
    }

    private static bool IsOfFile(ReferenceEntry entry) => entry.ChangedBy.StartsWith(FileName, StringComparison.Ordinal);

    private static ApiClient ClientOf(ApiKeyEntry entry) => new(ApiClients.HashOf(entry.Key), entry.Roles, entry.Clearances, IsLoopbackOnly: true);

    /// <summary>A client whose entry was taken out of the file: no key has this hash.</summary>
    private static ApiClient Revoked(string id) => new($"revoked/{id}", [], ImmutableSortedDictionary<string, string>.Empty, IsLoopbackOnly: true);

    private static string Json(ApiClient client) => JsonSerializer.Serialize(client, AuthJson.Default.ApiClient);

    [LoggerMessage(Level = LogLevel.Information, EventName = "KeysWritten", Message = "Made {Count} API keys, one per role; they work only from this machine: {Path}")]
    private static partial void LogMade(ILogger logger, int count, string path);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "KeysMadeElsewhere",
        Message = "Made no API keys: those of this installation were made by another process and are in {Source}. Use them, or copy that file to {Path} and start again")]
    private static partial void LogMadeElsewhere(ILogger logger, string source, string path);
}

/// <summary>The folder of the files that the installation makes.</summary>
internal sealed record DataFolder(string Path);
