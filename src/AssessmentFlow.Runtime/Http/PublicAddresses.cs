using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace AssessmentFlow.Runtime.Http;

/// <summary>
/// Addresses that anybody on the Internet may have. Everything else belongs to this machine, its network or its
/// operator: loopback, private and link-local addresses with the metadata services of clouds, carrier networks,
/// multicast, documentation, and forms of IPv6 that carry an address of IPv4 inside.
/// </summary>
internal static class PublicAddresses
{
    /// <summary>IANA special-purpose registries of IPv4 and IPv6, and multicast.</summary>
    private static readonly ImmutableArray<IPNetwork> Others =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>What is given out to the public in IPv6, and the parts of it that are not.</summary>
    private static readonly IPNetwork Given = IPNetwork.Parse("2000::/3");

    private static readonly ImmutableArray<IPNetwork> Withheld =
    [
        .. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse),
    ];

    /// <summary>Whether an address is public. One of IPv4 that is written as IPv6 is judged as what it is.</summary>
    public static bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Others.Any(network => network.Contains(plain)),
            AddressFamily.InterNetworkV6 => plain.ScopeId is 0 && Given.Contains(plain) && !Withheld.Any(network => network.Contains(plain)),
            _ => false,
        };
    }
}
