using System.Net;
using AssessmentFlow.Runtime.Http;

namespace AssessmentFlow.UnitTests.Http;

/// <summary>Whom workflows may reach.</summary>
public sealed class AllowedHostsTests
{
    [Theory]
    [InlineData("", "https://api.example/", false)]
    [InlineData("api.example", "https://api.example/", true)]
    [InlineData("api.example", "http://API.example./x", true)]
    [InlineData("api.example", "https://api.example:8443/", false)]
    [InlineData("api.example:8443", "https://api.example:8443/", true)]
    [InlineData("api.example:8443", "https://api.example/", false)]
    [InlineData("api.example", "https://api.example.evil/", false)]
    [InlineData("api.example", "https://sub.api.example/", false)]
    [InlineData("*.example", "https://sub.api.example/", true)]
    [InlineData("*.example", "https://example/", false)]
    [InlineData("*.example", "https://notexample/", false)]
    [InlineData("*", "https://anything.example/", true)]
    [InlineData("*", "https://anything.example:25/", false)]
    [InlineData("other.example; api.example", "https://api.example/", true)]
    [InlineData("api.example", "https://api.example@other.example/", false)]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8080/", true)]
    [InlineData("127.0.0.1:8080", "http://127.1:8080/", true)]
    [InlineData("127.0.0.1:8080", "http://2130706433:8080/", true)]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8081/", false)]
    [InlineData("10.0.0.0/8", "http://10.20.30.40:9000/", true)]
    [InlineData("10.0.0.0/8", "http://11.20.30.40/", false)]
    [InlineData("[::1]:8080", "http://[::1]:8080/", true)]
    [InlineData("[::1]:8080", "http://[::1]:8081/", false)]
    [InlineData("[::1]", "http://[::1]/", true)]
    [InlineData("::1", "http://[::1]/", true)]
    [InlineData("api.example", "http://127.0.0.1/", false)]
    public void A_request_may_name_a_host_that_is_listed_with_its_port(string allowed, string url, bool may) =>
        Assert.Equal(may, Read(allowed).Names(new Uri(url)));

    [Theory]
    [InlineData("*", "127.0.0.1", false)]
    [InlineData("*;localhost", "127.0.0.1", false)]
    [InlineData("*", "::1", false)]
    [InlineData("*", "::ffff:127.0.0.1", false)]
    [InlineData("*", "0.0.0.0", false)]
    [InlineData("*", "10.1.2.3", false)]
    [InlineData("*", "172.31.0.1", false)]
    [InlineData("*", "192.168.1.1", false)]
    [InlineData("*", "100.64.0.1", false)]
    [InlineData("*", "169.254.169.254", false)]
    [InlineData("*", "224.0.0.1", false)]
    [InlineData("*", "255.255.255.255", false)]
    [InlineData("*", "fe80::1", false)]
    [InlineData("*", "fd00:ec2::254", false)]
    [InlineData("*", "64:ff9b::7f00:1", false)]
    [InlineData("*", "2002:7f00:1::1", false)]
    [InlineData("*", "2001:0:7f00:1::1", false)]
    [InlineData("*", "ff02::1", false)]
    [InlineData("", "8.8.8.8", true)]
    [InlineData("", "2606:4700:4700::1111", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "::ffff:127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("127.0.0.1:81", "127.0.0.1", false)]
    [InlineData("127.0.0.1:80", "127.0.0.1", true)]
    [InlineData("fd00::/8", "fd00:ec2::254", true)]
    public void An_address_is_reached_when_it_is_public_or_listed_itself(string allowed, string address, bool may) =>
        Assert.Equal(may, Read(allowed).Reaches(IPAddress.Parse(address), 80));

    [Theory]
    [InlineData("api.example:")]
    [InlineData("api.example:0")]
    [InlineData("api.example:70000")]
    [InlineData("https://api.example")]
    [InlineData("api.*")]
    [InlineData("10.0.0.0/40")]
    [InlineData("two words")]
    [InlineData("[::1]8080")]
    [InlineData("[::1")]
    public void An_entry_that_cannot_be_read_stops_the_start_and_is_named(string entry)
    {
        var result = new HttpOptionsValidator().Validate(name: null, new HttpOptions { AllowedHosts = $"api.example;{entry}" });

        Assert.True(result.Failed);
        Assert.Contains($"'{entry}'", result.FailureMessage, StringComparison.Ordinal);
    }

    private static AllowedHosts Read(string text)
    {
        Assert.True(AllowedHosts.TryRead(text, out var hosts, out var error), error);
        return hosts;
    }
}
