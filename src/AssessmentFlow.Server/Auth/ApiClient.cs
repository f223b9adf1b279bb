using System.Collections.Immutable;
using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Server.Auth;

/// <summary>A client of the interface, as reference data.</summary>
/// <param name="KeyHash">SHA-256 of the key, as hexadecimal digits; the key itself is not stored.</param>
/// <param name="Roles">Roles that the client holds.</param>
/// <param name="Clearances">Highest mark per marking scheme that the client may read.</param>
/// <param name="IsLoopbackOnly">Whether the key works only from this machine.</param>
public sealed record ApiClient(
    string KeyHash,
    ImmutableArray<string> Roles,
    ImmutableSortedDictionary<string, string> Clearances,
    bool IsLoopbackOnly);

/// <summary>The file of keys that a first start makes.</summary>
/// <param name="Note">What the file is.</param>
/// <param name="Clients">Clients with their keys.</param>
public sealed record ApiKeyFile(string Note, IReadOnlyList<ApiKeyEntry> Clients);

/// <summary>A client with its key.</summary>
/// <param name="Id">Identity of the client.</param>
/// <param name="Key">The key; sent as <c>Authorization: ApiKey …</c>.</param>
/// <param name="Roles">Roles that the client holds.</param>
/// <param name="Clearances">Highest mark per marking scheme that the client may read.</param>
public sealed record ApiKeyEntry(string Id, string Key, ImmutableArray<string> Roles, ImmutableSortedDictionary<string, string> Clearances);

/// <summary>Who makes a request.</summary>
/// <param name="Actor">Identity and roles.</param>
/// <param name="Clearances">Highest mark per marking scheme that may be read.</param>
internal sealed record Caller(Actor Actor, ImmutableSortedDictionary<string, string> Clearances);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ApiKeyFile))]
[JsonSerializable(typeof(ApiClient))]
internal sealed partial class AuthJson : JsonSerializerContext;
