using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace AssessmentFlow.Server.Studio;

/// <summary>
/// The files of Elsa Studio as npm delivered them. They are listed once, at the start: a request can only name a file of
/// the list, never a path. Compressed twins come with the package and are served as they are.
/// </summary>
internal sealed partial class StudioPackage
{
    /// <summary>Version of the package that the build fetches; the lock file pins its content.</summary>
    public const string Version = "3.8.2";

    private const string Folder = "studio";
    private const string Framework = "_framework";

    /// <summary>Caching of what has a fingerprint or a version in its address, which means this content for ever.</summary>
    private const string ForEver = "public, max-age=31536000, immutable";

    /// <summary>Other addresses may mean other content after an upgrade; the ETag makes asking cheap.</summary>
    private const string Ask = "no-cache";

    private static readonly string Etag = $"W/\"{Version}\"";

    private readonly FrozenDictionary<string, PackageFile> _files;

    public StudioPackage()
        : this(Path.Combine(AppContext.BaseDirectory, Folder))
    {
    }

    /// <summary>The package in a folder.</summary>
    internal StudioPackage(string folder)
    {
        var types = new FileExtensionContentTypeProvider();
        types.Mappings[".dat"] = "application/octet-stream";
        _files = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(path => (Path: path, Name: Path.GetRelativePath(folder, path).Replace('\\', '/')))
                .Where(file => file.Name.Contains('/', StringComparison.Ordinal) || Path.GetExtension(file.Name) is ".css" || file.Name is "appsettings.json")
                .Where(file => Path.GetExtension(file.Name) is not (".br" or ".gz"))
                .ToFrozenDictionary(
                    file => file.Name,
                    file => new PackageFile(
                        file.Path,
                        types.TryGetContentType(file.Name, out var type) ? type : "application/octet-stream",
                        Fingerprint().IsMatch(file.Name),
                        File.Exists(file.Path + ".br"),
                        File.Exists(file.Path + ".gz")),
                    StringComparer.Ordinal)
            : FrozenDictionary<string, PackageFile>.Empty;
        var framework = _files.Keys.Where(name => Path.GetDirectoryName(name) is Framework && Fingerprint().IsMatch(name)).Order(StringComparer.Ordinal)
            .ToLookup(name => (IsRuntime: Path.GetFileName(name).StartsWith("dotnet.", StringComparison.Ordinal), Type: Path.GetExtension(name)));
        Assemblies = new StudioAssemblies([.. framework[(false, ".wasm")].Select(name => (Path.GetFileName(name), _files[name].Path))]);
        Runtime = framework[(true, ".wasm")].FirstOrDefault();
        Modules = [.. framework[(true, ".js")]];
    }

    /// <summary>Whether the build could fetch the package.</summary>
    [MemberNotNullWhen(true, nameof(Runtime))]
    public bool IsThere => Runtime is not null;

    /// <summary>Studio's assemblies, in the order of their names; without the texts of other languages.</summary>
    public StudioAssemblies Assemblies { get; }

    /// <summary>The .NET runtime that runs them, in WebAssembly.</summary>
    public string? Runtime { get; }

    /// <summary>The scripts of the runtime that have a fingerprint; the first that is loaded, <c>dotnet.js</c>, has none.</summary>
    public IReadOnlyList<string> Modules { get; }

    /// <summary>Serves a file; 404 when the package has none of this name.</summary>
    public async Task ServeAsync(HttpContext http, string name)
    {
        var response = http.Response;
        if (!_files.TryGetValue(name, out var file))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (IsKept(http, Etag, isForEver: file.HasFingerprint || http.Request.Query["v"] == Version))
        {
            return;
        }

        var (path, encoding) = Pick(file, http.Request.Headers.AcceptEncoding.ToString());
        response.ContentType = file.ContentType;
        response.ContentLength = new FileInfo(path).Length;
        if (encoding is not null)
        {
            response.Headers.ContentEncoding = encoding;
        }

        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.SendFileAsync(path, http.RequestAborted);
        }
    }

    /// <summary>Says how long a browser may keep what it asked for, and answers 304 if it has it.</summary>
    internal static bool IsKept(HttpContext http, string etag, bool isForEver)
    {
        var headers = http.Response.Headers;
        headers.ETag = etag;
        headers.CacheControl = Caching(isForEver);
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.XContentTypeOptions = "nosniff";
        if (http.Request.Headers.IfNoneMatch != etag)
        {
            return false;
        }

        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    /// <summary>How a browser may keep what it asked for.</summary>
    internal static string Caching(bool isForEver) => isForEver ? ForEver : Ask;

    private static (string Path, string? Encoding) Pick(PackageFile file, string accepted)
    {
        if (file.HasBrotli && accepted.Contains("br", StringComparison.OrdinalIgnoreCase))
        {
            return (file.Path + ".br", "br");
        }

        return file.HasGzip && accepted.Contains("gzip", StringComparison.OrdinalIgnoreCase) ? (file.Path + ".gz", "gzip") : (file.Path, null);
    }

    [GeneratedRegex(@"^_framework/.+\.[a-z0-9]{10}\.[a-z]+$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fingerprint();

    /// <summary>A file of the package.</summary>
    private sealed record PackageFile(string Path, string ContentType, bool HasFingerprint, bool HasBrotli, bool HasGzip);
}
