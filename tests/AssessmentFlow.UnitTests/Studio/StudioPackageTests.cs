using AssessmentFlow.Server.Studio;
using Microsoft.AspNetCore.Http;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>How the files of Studio are served.</summary>
public sealed class StudioPackageTests : IDisposable
{
    private readonly StudioFolder _folder = new();
    private readonly StudioPackage _package;

    public StudioPackageTests()
    {
        _folder.Write("index.html", "theirs");
        _folder.Write("appsettings.json", "{}");
        _folder.Write("_framework/blazor.webassembly.js", "plain");
        _folder.Write("_framework/Synthetic.0123456789.wasm", "plain");
        _folder.Write("_framework/Synthetic.0123456789.wasm.br", "brotli");
        _folder.Write("_framework/Synthetic.0123456789.wasm.gz", "gzip");
        _package = new StudioPackage(_folder.Path);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gzip, deflate, br", "brotli", "br")]
    [InlineData("gzip", "gzip", "gzip")]
    [InlineData("", "plain", "")]
    public async Task A_file_is_sent_in_the_smallest_form_that_is_accepted(string accepted, string content, string encoding)
    {
        var http = await AskAsync("_framework/Synthetic.0123456789.wasm", accepted);

        Assert.Equal((200, content, encoding, "application/wasm"), (http.Response.StatusCode, Sent(http), http.Response.Headers.ContentEncoding.ToString(), http.Response.ContentType));
    }

    [Theory]
    [InlineData("_framework/Synthetic.0123456789.wasm", "public, max-age=31536000, immutable")]
    [InlineData("_framework/blazor.webassembly.js", "no-cache")]
    [InlineData("_framework/blazor.webassembly.js?v=" + StudioPackage.Version, "public, max-age=31536000, immutable")]
    [InlineData("_framework/blazor.webassembly.js?v=made-up", "no-cache")]
    public async Task Only_an_address_with_a_fingerprint_or_this_version_is_kept_for_long(string address, string caching) =>
        Assert.Equal(caching, (await AskAsync(address, "")).Response.Headers.CacheControl.ToString());

    [Fact]
    public async Task Who_has_a_file_already_is_not_sent_it_again()
    {
        var etag = (await AskAsync("appsettings.json", "")).Response.Headers.ETag.ToString();

        Assert.Equal((304, ""), await AskAsync("appsettings.json", "", etag) is var http ? (http.Response.StatusCode, Sent(http)) : default);
    }

    [Theory]
    [InlineData("index.html")]
    [InlineData("_framework/Synthetic.0123456789.wasm.br")]
    [InlineData("../appsettings.json")]
    [InlineData("_framework/../appsettings.json")]
    [InlineData("made-up")]
    public async Task Nothing_else_is_served(string name) => Assert.Equal(404, (await AskAsync(name, "")).Response.StatusCode);

    [Fact]
    public void A_build_without_the_package_says_so() => Assert.False(new StudioPackage(Path.Combine(_folder.Path, "made-up")).IsThere);

    private Task<HttpContext> AskAsync(string address, string accepted, string? etag = null) => StudioFolder.AskAsync(
        http =>
        {
            var question = address.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? at : address.Length;
            http.Request.QueryString = new QueryString(address[question..]);
            return _package.ServeAsync(http, address[..question]);
        },
        accepted,
        etag: etag);

    private static string Sent(HttpContext http) => System.Text.Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());
}
