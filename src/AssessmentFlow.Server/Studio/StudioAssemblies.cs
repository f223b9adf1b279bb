using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AssessmentFlow.Server.Studio;

/// <summary>
/// Studio's assemblies in one answer, because a browser spends more time on a hundred requests than on what they bring: four
/// bytes with the length of an index (little-endian), the index (JSON, pairs of name and length), and the files one after the
/// other. Packed once in a process, when the first page is about to ask for it.
/// </summary>
internal sealed class StudioAssemblies
{
    /// <summary>Version of this form; another form is another content under another name.</summary>
    private const int Form = 1;

    /// <summary>How much is handed on at once, so that slow readers hold little (bytes).</summary>
    private const int SliceBytes = 64 * 1024;

    private readonly IReadOnlyList<(string Name, string Path)> _files;
    private readonly string _etag;
    private readonly Lock _packing = new();
    private Task<byte[]>? _packed;

    public StudioAssemblies(IReadOnlyList<(string Name, string Path)> files)
    {
        _files = files;

        // The names carry the fingerprints of the files, so that a hash of form and names stands for the content.
        Name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', _files.Select(file => file.Name).Prepend($"{Form}")))))[..16];
        _etag = $"W/\"{Name}\"";
    }

    /// <summary>Name of the answer, which means this content for ever.</summary>
    public string Name { get; }

    /// <summary>The name, for a page that will ask for the answer: packing begins.</summary>
    public string Offer()
    {
        _ = PackedAsync();
        return Name;
    }

    /// <summary>Serves the answer; 404 when this is not its name.</summary>
    public async Task ServeAsync(HttpContext http, string name)
    {
        var response = http.Response;
        if (name != Name)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (StudioPackage.IsKept(http, _etag, isForEver: true))
        {
            return;
        }

        var packed = await PackedAsync();
        response.ContentType = "application/octet-stream";
        var isPacked = http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (isPacked)
        {
            response.Headers.ContentEncoding = "gzip";
            response.ContentLength = packed.Length;
        }

        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        if (!isPacked)
        {
            await using var plain = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
            await plain.CopyToAsync(response.Body, SliceBytes, http.RequestAborted);
            return;
        }

        for (var sent = 0; sent < packed.Length; sent += SliceBytes)
        {
            await response.Body.WriteAsync(packed.AsMemory(sent, Math.Min(SliceBytes, packed.Length - sent)), http.RequestAborted);
        }
    }

    /// <summary>Packs once; what failed is begun again.</summary>
    private Task<byte[]> PackedAsync()
    {
        lock (_packing)
        {
            return _packed is { IsFaulted: false } ? _packed : _packed = Task.Run(Pack);
        }
    }

    private byte[] Pack()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            var index = JsonSerializer.SerializeToUtf8Bytes(_files.Select(file => new object[] { file.Name, new FileInfo(file.Path).Length }));
            Span<byte> length = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, index.Length);
            gzip.Write(length);
            gzip.Write(index);
            foreach (var (_, path) in _files)
            {
                using var file = File.OpenRead(path);
                file.CopyTo(gzip);
            }
        }

        return packed.ToArray();
    }
}
