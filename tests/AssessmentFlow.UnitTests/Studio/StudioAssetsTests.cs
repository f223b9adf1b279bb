using System.Text.RegularExpressions;
using AssessmentFlow.Server.Studio;
using Microsoft.AspNetCore.Http;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>The frames of Studio's pages, and what they load.</summary>
public sealed partial class StudioAssetsTests
{
    /// <summary>The runtime's first script is asked for by another script, under this address alone.</summary>
    private const string WithoutVersion = "_framework/dotnet.js";

    [Theory]
    [InlineData("shell.html")]
    [InlineData("sign-in.html")]
    [InlineData("history.html")]
    [InlineData("missing.html")]
    public void What_a_page_loads_is_asked_for_once_per_version(string page)
    {
        var addresses = Loads().Matches(StudioAssets.Text(page)).Select(link => link.Groups["address"].Value).Where(address => address != WithoutVersion).ToList();

        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.Equal("public, max-age=31536000, immutable", CachingOf(address)));
    }

    [Theory]
    [InlineData("assets/shell.js")]
    [InlineData("assets/shell.js?v=made-up")]
    public void What_another_version_asks_for_is_not_kept_for_long(string address) => Assert.Equal("no-cache", CachingOf(address));

    /// <summary>How long a browser may keep what an address of a page leads to.</summary>
    private static string CachingOf(string address)
    {
        var (path, version) = address.Split("?v=") is [var before, var after] ? (before, after) : (address, "");
        if (!path.StartsWith("assets/", StringComparison.Ordinal))
        {
            return StudioPackage.Caching(isForEver: version == StudioPackage.Version);
        }

        var http = new DefaultHttpContext();
        http.Request.QueryString = QueryString.Create("v", version);
        StudioAssets.Serve(http, path["assets/".Length..]);
        return http.Response.Headers.CacheControl.ToString();
    }

    [GeneratedRegex("(href|src)=\"(?<address>(assets|_content|_framework|Elsa)[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Loads();
}
