using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Reference;

namespace AssessmentFlow.Server.Auth;

/// <summary>Finds clients by their keys. A silo keeps them in memory and looks for changes every few seconds.</summary>
internal sealed class ApiClients(IGrainFactory grains, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits for news: the process that keeps the clients may just have been killed.</summary>
    private static readonly TimeSpan RefreshPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>How long what was known goes on being trusted while nothing new can be learnt.</summary>
    private static readonly TimeSpan KeptMax = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private Known _known = new(-1, DateTimeOffset.MinValue, FrozenDictionary<string, (Caller, bool)>.Empty);

    /// <summary>The caller behind a key, and whether the key works only from this machine; null when there is none.</summary>
    public async ValueTask<(Caller Caller, bool IsLoopbackOnly)?> FindAsync(string key)
    {
        var known = _known;
        if (time.GetUtcNow() - known.At > RefreshInterval)
        {
            known = await RefreshOrKeepAsync(known);
        }

        return known.ByHash.TryGetValue(HashOf(key), out var found) ? found : null;
    }

    public void Dispose() => _refreshing.Dispose();

    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>Looks for changes now.</summary>
    public async Task<Known> RefreshAsync()
    {
        await _refreshing.WaitAsync();
        try
        {
            if (time.GetUtcNow() - _known.At <= RefreshInterval)
            {
                return _known; // Somebody else has just looked.
            }

            var newer = await grains.GetGrain<IReferenceSetGrain>(ReferenceSets.ApiClients).GetIfNewerAsync(_known.Version);
            return _known = newer is null ? _known with { At = time.GetUtcNow() } : Read(newer);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    private async Task<Known> RefreshOrKeepAsync(Known known)
    {
        try
        {
            return await RefreshAsync().WaitAsync(RefreshPatience, time);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException && time.GetUtcNow() - known.At < KeptMax)
        {
            return known;
        }
    }

    private Known Read(ReferenceSet set) => new(
        set.Version,
        time.GetUtcNow(),
        set.Entries
            .Select(entry => (entry.Key, Client: JsonSerializer.Deserialize(entry.Value.Json, AuthJson.Default.ApiClient)!))
            .ToFrozenDictionary(
                entry => entry.Client.KeyHash,
                entry => (new Caller(new Actor(entry.Key, entry.Client.Roles), entry.Client.Clearances), entry.Client.IsLoopbackOnly),
                StringComparer.Ordinal));

    /// <summary>The clients as last looked at.</summary>
    internal sealed record Known(long Version, DateTimeOffset At, FrozenDictionary<string, (Caller Caller, bool IsLoopbackOnly)> ByHash);
}
