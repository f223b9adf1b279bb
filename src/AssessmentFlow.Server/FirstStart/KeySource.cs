using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.FirstStart;

/// <summary>
/// Where keys come from. Those that a first start made work only from the same machine: they lie in a folder that nobody
/// chose. Whoever names a file has decided that its keys may come in from the network.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="WrittenBy">By whom its clients are written; the place tells the operators of other processes where it is.</param>
/// <param name="IsLoopbackOnly">Whether the keys work only from this machine.</param>
internal sealed record KeySource(string Path, string WrittenBy, bool IsLoopbackOnly)
{
    private const string OperatorPrefix = KeyOptions.Section + ":" + nameof(KeyOptions.File);

    /// <summary>Shortest key that works from any address (characters): what 192 random bits take.</summary>
    private const int RemoteKeyLengthMin = 32;

    /// <summary>The file that a first start makes.</summary>
    public static KeySource OfFirstStart(string path) =>
        new(path, $"{KeyFile.FileName} of {Environment.MachineName}, {System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))}", IsLoopbackOnly: true);

    /// <summary>The file that an operator names.</summary>
    public static KeySource OfOperator(string path) => new(path, $"{OperatorPrefix} of {Environment.MachineName}, {System.IO.Path.GetFullPath(path)}", IsLoopbackOnly: false);

    /// <summary>Whether this file decides about a client: that of the operator about all, that of a first start about those of first starts.</summary>
    public bool Governs(ReferenceEntry entry) =>
        entry.ChangedBy.StartsWith(KeyFile.FileName, StringComparison.Ordinal) || (!IsLoopbackOnly && entry.ChangedBy.StartsWith(OperatorPrefix, StringComparison.Ordinal));

    /// <exception cref="InvalidOperationException">There is no such file, or its entries cannot be taken as they are.</exception>
    public async Task<ApiKeyFile> ReadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Path))
        {
            throw new InvalidOperationException($"{OperatorPrefix} names {Path}, which does not exist: mount or write it, or leave the setting out.");
        }

        ApiKeyFile? file;
        try
        {
            file = JsonSerializer.Deserialize(await File.ReadAllTextAsync(Path, cancellationToken), AuthJson.Default.ApiKeyFile);
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{Path} is no key file: {e.Message}", e);
        }

        if (file?.Clients is not { } clients)
        {
            throw new InvalidOperationException($"{Path} is empty: write \"clients\", each with id, key, roles and clearances.");
        }

        foreach (var entry in clients)
        {
            Check(entry);
        }

        return clients.DistinctBy(entry => entry.Id, StringComparer.Ordinal).Count() == clients.Count && clients.DistinctBy(entry => entry.Key, StringComparer.Ordinal).Count() == clients.Count
            ? file
            : throw new InvalidOperationException($"{Path} has two clients with the same id or the same key.");
    }

    private void Check(ApiKeyEntry entry)
    {
        if (string.IsNullOrWhiteSpace(entry.Id) || string.IsNullOrWhiteSpace(entry.Key) || entry.Roles.IsDefault || entry.Clearances is null)
        {
            throw new InvalidOperationException($"{Path} has an entry without id, key, roles or clearances.");
        }

        if (entry.Roles.FirstOrDefault(role => !Roles.IsKnown(role)) is { } unknown)
        {
            throw new InvalidOperationException(
                $"{Path} gives '{entry.Id}' the role '{unknown}', which does not exist; there are secretariat, mission-leader, agency:<name>, state:<iso>, seat:<name>, operator, auditor.");
        }

        if (entry.Key.Length > ApiKeyAuthentication.KeyLengthMax || (!IsLoopbackOnly && entry.Key.Length < RemoteKeyLengthMin))
        {
            throw new InvalidOperationException(
                $"{Path} gives '{entry.Id}' a key of {entry.Key.Length} characters; a key that works from any address has {RemoteKeyLengthMin} to {ApiKeyAuthentication.KeyLengthMax}, chosen at random (openssl rand -base64 24).");
        }
    }
}
