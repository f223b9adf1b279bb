using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace AssessmentFlow.Runtime.Http;

/// <summary>
/// Whom workflows may reach. Two questions are asked: whether the host that a request names is listed, and, once its
/// name was resolved, whether the address is public or listed itself. The second cannot be got around by a name that
/// points into the own network, whenever it begins to.
/// </summary>
internal sealed class AllowedHosts
{
    private readonly ImmutableArray<AllowedHost> _hosts;

    private AllowedHosts(ImmutableArray<AllowedHost> hosts) => _hosts = hosts;

    /// <summary>Reads the setting.</summary>
    /// <param name="text">Entries separated by semicolons.</param>
    /// <param name="hosts">The hosts.</param>
    /// <param name="error">Which entry cannot be read.</param>
    public static bool TryRead(string? text, [NotNullWhen(true)] out AllowedHosts? hosts, [NotNullWhen(false)] out string? error)
    {
        var entries = ImmutableArray.CreateBuilder<AllowedHost>();
        foreach (var entry in (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (AllowedHost.Read(entry) is not { } host)
            {
                hosts = null;
                error = $"{HttpOptions.Section}:{nameof(HttpOptions.AllowedHosts)} has the entry '{entry}'; an entry is host, host:port, *.domain, *, an address or a network such as 10.0.0.0/8.";
                return false;
            }

            entries.Add(host);
        }

        hosts = new AllowedHosts(entries.ToImmutable());
        error = null;
        return true;
    }

    /// <summary>Whether requests may name a host.</summary>
    public bool Names(Uri url)
    {
        var host = url.IdnHost.TrimEnd('.');
        var isDefaultPort = url.IsDefaultPort;
        return _hosts.Any(each => (each.Port is { } port ? port == url.Port : isDefaultPort || each.Network is not null) && each.Matches(host));
    }

    /// <summary>Whether a connection may be made to an address that a host was resolved to.</summary>
    public bool Reaches(IPAddress address, int port)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return PublicAddresses.Contains(plain) || _hosts.Any(each => each.Network?.Contains(plain) is true && (each.Port is null || each.Port == port));
    }
}

/// <summary>An entry of <see cref="AllowedHosts"/>.</summary>
/// <param name="Name">Name of the host; <c>*.domain</c> for everything below a domain, <c>*</c> for every public host.</param>
/// <param name="Network">The addresses meant; null when the entry is a name.</param>
/// <param name="Port">The only port; null for the one of the scheme, or for any within a network.</param>
internal sealed record AllowedHost(string Name, IPNetwork? Network, int? Port)
{
    private const string Everything = "*";

    public static AllowedHost? Read(string entry)
    {
        if (IPNetwork.TryParse(entry, out var network))
        {
            return new AllowedHost(entry, network, Port: null);
        }

        if (!TrySplit(entry, out var host, out var port))
        {
            return null;
        }

        if (IPAddress.TryParse(host, out var address) && (host.Contains(':', StringComparison.Ordinal) || host.Count(letter => letter is '.') is 3))
        {
            return new AllowedHost(host, new IPNetwork(address, address.GetAddressBytes().Length * 8), port);
        }

        var domain = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        return host is Everything || Uri.CheckHostName(domain) is UriHostNameType.Dns ? new AllowedHost(host, Network: null, port) : null;
    }

    /// <summary>Splits <c>host</c>, <c>host:port</c>, <c>[address]</c> and <c>[address]:port</c>; an address of IPv6 without brackets has no port.</summary>
    private static bool TrySplit(string entry, out string host, out int? port)
    {
        port = null;
        var close = entry.StartsWith('[') ? entry.IndexOf(']', StringComparison.Ordinal) : -1;
        var isBare = close < 0 && entry.Count(letter => letter is ':') > 1;
        var colon = isBare ? -1 : entry.IndexOf(':', Math.Max(close, 0));
        host = close > 0 ? entry[1..close] : colon < 0 ? entry : entry[..colon];
        if (colon < 0)
        {
            return close < 0 || close == entry.Length - 1;
        }

        var isPort = int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= ushort.MaxValue;
        port = number;
        return isPort && (close < 0 || colon == close + 1);
    }

    public bool Matches(string host) => Network is { } network
        ? IPAddress.TryParse(host, out var address) && network.Contains(address)
        : Name is Everything
            || string.Equals(Name, host, StringComparison.OrdinalIgnoreCase)
            || (Name.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(Name[1..], StringComparison.OrdinalIgnoreCase));
}
