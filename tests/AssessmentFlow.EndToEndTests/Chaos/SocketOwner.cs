using System.Globalization;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>Which process a connection of this machine belongs to, as Linux tells it (proc(5), /proc/net/tcp).</summary>
internal static class SocketOwner
{
    private const int LocalAddress = 1;
    private const int Inode = 9;

    /// <summary>Whether a process holds the socket with a local port; one that has ended holds none.</summary>
    public static bool Owns(int processId, int port)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        try
        {
            var sockets = new[] { "/proc/net/tcp", "/proc/net/tcp6" }
                .Where(File.Exists)
                .SelectMany(File.ReadLines)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields[LocalAddress].EndsWith(suffix, StringComparison.Ordinal))
                .Select(fields => $"socket:[{fields[Inode]}]")
                .ToHashSet(StringComparer.Ordinal);
            return Directory.EnumerateFiles($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/fd")
                .Any(file => new FileInfo(file).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
