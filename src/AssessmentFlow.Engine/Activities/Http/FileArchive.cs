using System.Globalization;
using System.IO.Compression;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// Several files as one archive. The same files make the same bytes: times are fixed and nothing is compressed, for
/// what a compressor makes differs from one build of the platform to the next.
/// </summary>
internal static class FileArchive
{
    /// <summary>The earliest time that the format has.</summary>
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static byte[] Of(IReadOnlyList<ServedFile> files)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            for (var i = 0; i < files.Count; i++)
            {
                var entry = archive.CreateEntry(Free(taken, files[i].Name ?? string.Create(CultureInfo.InvariantCulture, $"file-{i}.bin")), CompressionLevel.NoCompression);
                entry.LastWriteTime = Time;
                using var content = entry.Open();
                content.Write(files[i].Bytes);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>A name that no other file of the archive has: who unpacks it must not lose one over the other.</summary>
    private static string Free(HashSet<string> taken, string name)
    {
        var free = name;
        for (var i = 2; !taken.Add(free); i++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(name)} ({i}){Path.GetExtension(name)}");
        }

        return free;
    }
}
