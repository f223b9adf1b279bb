using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.Server.Studio;
using Microsoft.AspNetCore.Http;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>Studio's assemblies come in one answer.</summary>
public sealed class StudioAssembliesTests : IDisposable
{
    private readonly StudioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gzip, deflate, br", "gzip")]
    [InlineData("", "")]
    public async Task Every_assembly_is_in_the_answer_and_nothing_else(string accepted, string encoding)
    {
        _folder.Write("_framework/Second.0123456789.wasm", "two");
        _folder.Write("_framework/First.0123456789.wasm", "one and more");
        _folder.Write("_framework/dotnet.native.0123456789.wasm", "runtime");
        _folder.Write("_framework/de/First.resources.0123456789.wasm", "words");
        _folder.Write("_framework/icudt.0123456789.dat", "names");
        var assemblies = new StudioPackage(_folder.Path).Assemblies;

        var http = await AskAsync(assemblies, assemblies.Name, accepted);

        Assert.Equal((200, encoding, "public, max-age=31536000, immutable"), (http.Response.StatusCode, http.Response.Headers.ContentEncoding.ToString(), http.Response.Headers.CacheControl.ToString()));
        Assert.Equal([("First.0123456789.wasm", "one and more"), ("Second.0123456789.wasm", "two")], Unpack(http, encoding is "gzip"));
    }

    [Fact]
    public async Task Another_content_has_another_name_and_only_the_name_is_served()
    {
        _folder.Write("_framework/First.0123456789.wasm", "one");
        var before = new StudioPackage(_folder.Path).Assemblies;
        _folder.Write("_framework/First.9876543210.wasm", "two");
        var after = new StudioPackage(_folder.Path).Assemblies;

        Assert.NotEqual(before.Name, after.Name);
        Assert.Equal(404, (await AskAsync(after, before.Name, "gzip")).Response.StatusCode);
    }

    [Fact]
    public async Task What_could_not_be_packed_is_packed_when_it_is_asked_for_again()
    {
        _folder.Write("_framework/First.0123456789.wasm", "one");
        var assemblies = new StudioPackage(_folder.Path).Assemblies;
        _folder.Delete("_framework/First.0123456789.wasm");
        await Assert.ThrowsAsync<FileNotFoundException>(() => AskAsync(assemblies, assemblies.Name, ""));
        _folder.Write("_framework/First.0123456789.wasm", "one");

        Assert.Equal([("First.0123456789.wasm", "one")], Unpack(await AskAsync(assemblies, assemblies.Name, ""), isPacked: false));
    }

    [Fact]
    public async Task Who_has_the_answer_already_and_who_asks_for_its_head_are_not_sent_it()
    {
        _folder.Write("_framework/First.0123456789.wasm", "one");
        var assemblies = new StudioPackage(_folder.Path).Assemblies;

        var head = await AskAsync(assemblies, assemblies.Name, "gzip", HttpMethods.Head);
        var again = await AskAsync(assemblies, assemblies.Name, "gzip", etag: head.Response.Headers.ETag);

        Assert.Equal((200, 0L, 304, 0L), (head.Response.StatusCode, head.Response.Body.Length, again.Response.StatusCode, again.Response.Body.Length));
    }

    private static Task<HttpContext> AskAsync(StudioAssemblies assemblies, string name, string accepted, string method = "GET", string? etag = null) =>
        StudioFolder.AskAsync(http => assemblies.ServeAsync(http, name), accepted, method, etag);

    private static IEnumerable<(string Name, string Content)> Unpack(HttpContext http, bool isPacked)
    {
        http.Response.Body.Position = 0;
        using var content = new MemoryStream();
        (isPacked ? new GZipStream(http.Response.Body, CompressionMode.Decompress) : http.Response.Body).CopyTo(content);
        var bytes = content.ToArray();
        var start = sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(bytes);
        foreach (var file in JsonNode.Parse(bytes.AsSpan(sizeof(int)..start))!.AsArray())
        {
            var size = (int)file![1]!;
            yield return ((string)file[0]!, Encoding.UTF8.GetString(bytes, start, size));
            start += size;
        }
    }
}
