using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.FirstStart;

/// <summary>
/// The file of keys of a default installation. It is made once, for the roles that the sample case needs; its keys
/// work only from the same machine. The installation keeps their hashes.
/// </summary>
internal sealed partial class KeyFile(
    IGrainFactory grains, IReferenceData reference, DataFolder folder, ILogger<KeyFile> logger)
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "api-keys.json";

    private const string SampleRoster = "security-council";
    private const int KeyBytes = 24;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly string[] SampleAgencies = ["ADB", "INTERPOL", "IOM", "UNODC", "UN-SECRETARIAT"];

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder.Path, FileName);
        var clients = grains.GetGrain<IReferenceSetGrain>(ReferenceSets.ApiClients);
        if (!File.Exists(path))
        {
            if (await clients.GetIfNewerAsync(0) is not null)
            {
                return; // The installation has clients; this process joins it.
            }

            await WriteAsync(path, cancellationToken);
        }

        var file = JsonSerializer.Deserialize(await File.ReadAllTextAsync(path, cancellationToken), AuthJson.Default.ApiKeyFile)
            ?? throw new InvalidOperationException($"{path} is empty: remove it, and the next start makes a new one.");
        var known = (await clients.GetIfNewerAsync(-1) ?? ReferenceSet.Empty).Entries;
        foreach (var (id, entry) in known.Where(entry => entry.Value.ChangedBy == FileName && file.Clients.All(client => client.Id != entry.Key)))
        {
            await PutAsync(clients, id, entry, Revoked(id));
        }

        foreach (var entry in file.Clients)
        {
            if (entry.Roles.FirstOrDefault(role => !Roles.IsKnown(role)) is { } unknown)
            {
                throw new InvalidOperationException(
                    $"{path} gives '{entry.Id}' the role '{unknown}', which does not exist; there are secretariat, mission-leader, agency:<name>, state:<iso>, seat:<name>, operator, auditor.");
            }

            await PutAsync(clients, entry.Id, known.GetValueOrDefault(entry.Id), new ApiClient(ApiClients.HashOf(entry.Key), entry.Roles, entry.Clearances, IsLoopbackOnly: true));
        }
    }

    /// <summary>Writes a client if it changed. The version is part of the request's identity: a key may come back that was there before.</summary>
    private static async Task PutAsync(IReferenceSetGrain clients, string id, ReferenceEntry? known, ApiClient client)
    {
        var json = JsonSerializer.Serialize(client, AuthJson.Default.ApiClient);
        if (known?.Json != json)
        {
            await clients.PutAsync(id, json, ifVersion: null, FileName, $"{FileName}/{known?.Version ?? 0}/{ApiClients.HashOf(json)}");
        }
    }

    /// <summary>A client whose entry was taken out of the file: no key has this hash.</summary>
    private static ApiClient Revoked(string id) => new($"revoked/{id}", [], ImmutableSortedDictionary<string, string>.Empty, IsLoopbackOnly: true);

    private async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        var schemes = (await reference.GetAsync(cancellationToken)).MarkingSchemes;
        var cleared = schemes.ToImmutableSortedDictionary(scheme => scheme.Key, scheme => scheme.Value.Levels[^1]);
        var open = schemes.ToImmutableSortedDictionary(scheme => scheme.Key, scheme => scheme.Value.Levels[0]);
        IEnumerable<SeatTerm> terms = (await reference.GetAsync(cancellationToken)).Rosters.TryGetValue(SampleRoster, out var roster) ? roster.Terms : [];
        var seats = terms.Select(term => term.Seat).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        ApiKeyEntry[] entries =
        [
            Entry(Roles.Secretariat, cleared),
            Entry(Roles.MissionLeader, cleared),
            .. SampleAgencies.Select(agency => Entry(Roles.OfAgency(agency), cleared)),
            Entry(Roles.OfState("KH"), open),
            .. seats.Select(seat => Entry(Roles.OfSeat(seat), cleared)),
            Entry(Roles.Operator, ImmutableSortedDictionary<string, string>.Empty),
            Entry(Roles.Auditor, cleared),
        ];
        var file = new ApiKeyFile(
            "Keys of this installation. They work only from this machine. Change or remove an entry and start again; whoever can read this file can act as anyone in it.",
            entries);
        Directory.CreateDirectory(folder.Path);

        // Written whole beside it and then moved: a start that is cut off leaves no half file.
        var temporary = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        await using (var stream = new FileStream(temporary, options))
        {
            await JsonSerializer.SerializeAsync(stream, file, AuthJson.Default.ApiKeyFile, cancellationToken);
        }

        File.Move(temporary, path, overwrite: true);
        LogWritten(logger, entries.Length, Path.GetFullPath(path));
    }

    private static ApiKeyEntry Entry(string role, ImmutableSortedDictionary<string, string> clearances) => new(
        role.Replace(':', '-').Replace(' ', '-').ToLowerInvariant(),
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)).Replace('+', '-').Replace('/', '_'),
        [role],
        clearances);

    [LoggerMessage(Level = LogLevel.Information, EventName = "KeysWritten", Message = "Made {Count} API keys, one per role; they work only from this machine: {Path}")]
    private static partial void LogWritten(ILogger logger, int count, string path);
}

/// <summary>The folder of the files that the installation makes.</summary>
internal sealed record DataFolder(string Path);
