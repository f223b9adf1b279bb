using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace AssessmentFlow.Server.Studio;

/// <summary>Our own scripts, styles and page frames; they lie in the assembly.</summary>
internal static class StudioAssets
{
    /// <summary>Names this build in the addresses of what comes with it.</summary>
    private static readonly string Build = $"{typeof(StudioAssets).Assembly.ManifestModule.ModuleVersionId:N}";

    private static readonly ConcurrentDictionary<string, byte[]?> Read = new(StringComparer.Ordinal);

    /// <summary>The text of an asset, with the versions that its links name.</summary>
    public static string Text(string name) =>
        Encoding.UTF8.GetString(Find(name) ?? throw new InvalidOperationException($"The assembly has no asset {name}."))
            .Replace("{{build}}", Build, StringComparison.Ordinal)
            .Replace("{{studio}}", StudioPackage.Version, StringComparison.Ordinal);

    /// <summary>Serves a script or a style; under the version of this build a browser may keep it for ever.</summary>
    public static Results<FileContentHttpResult, NotFound> Serve(HttpContext http, string name)
    {
        var type = Path.GetExtension(name) switch
        {
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            _ => null,
        };
        if (type is null || Find(name) is not { } content)
        {
            return TypedResults.NotFound();
        }

        http.Response.Headers.CacheControl = StudioPackage.Caching(isForEver: http.Request.Query["v"] == Build);
        var etag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))[..16]}\"");
        return TypedResults.File(content, type, entityTag: etag);
    }

    private static byte[]? Find(string name) => Read.GetOrAdd(name, static asset =>
    {
        using var stream = typeof(StudioAssets).Assembly.GetManifestResourceStream("studio/" + asset);
        if (stream is null)
        {
            return null;
        }

        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    });
}
