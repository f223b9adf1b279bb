using System.Text.Json;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.FirstStart;

/// <summary>
/// Key files that wait for the decision whose keys become those of the installation. Each start has one of its own:
/// processes may share a folder.
/// </summary>
internal static class KeyDrafts
{
    private const string Ending = ".new";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a draft beside the file to be; it is on the disk when this returns.</summary>
    public static async Task WriteAsync(string path, ApiKeyFile keys, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        await using var stream = new FileStream($"{path}.{Guid.NewGuid():N}{Ending}", options);
        await JsonSerializer.SerializeAsync(stream, keys, AuthJson.Default.ApiKeyFile, cancellationToken);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Makes the draft whose keys work the file and removes the others, whichever start left them.</summary>
    public static async Task SettleAsync(string path, Func<ApiKeyFile, bool> works, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var draft in Directory.GetFiles(folder, $"{Path.GetFileName(path)}.*{Ending}"))
        {
            try
            {
                if (await ReadAsync(draft, cancellationToken) is { } keys && works(keys))
                {
                    File.Move(draft, path, overwrite: true);
                }
                else
                {
                    File.Delete(draft);
                }
            }
            catch (FileNotFoundException)
            {
                // Another process that shares the folder has settled it just now.
            }
        }
    }

    /// <returns>Null for a draft that a start did not write to its end.</returns>
    private static async Task<ApiKeyFile?> ReadAsync(string draft, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize(await File.ReadAllTextAsync(draft, cancellationToken), AuthJson.Default.ApiKeyFile);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
