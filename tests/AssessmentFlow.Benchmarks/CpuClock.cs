using System.Globalization;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// CPU time that processes have used, as Linux counts it: unlike elapsed time, hardly touched by what else the machine does.
/// </summary>
internal static class CpuClock
{
    /// <summary>Linux counts CPU time in hundredths of a second.</summary>
    private const double MicrosPerTick = 10_000;

    /// <summary>CPU time of a process so far (microseconds).</summary>
    public static double MicrosOf(int processId) => Read($"/proc/{processId}/stat")?.Micros ?? 0;

    /// <summary>CPU time so far of all processes of that name, those that ended left out (microseconds).</summary>
    public static double MicrosOf(string processName) => Directory.EnumerateDirectories("/proc")
        .Where(static folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
        .Select(static folder => Read(Path.Combine(folder, "stat")))
        .Sum(process => process?.Name == processName ? process.Value.Micros : 0);

    private static (string Name, double Micros)? Read(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            var end = text.LastIndexOf(')');
            var fields = text[(end + 2)..].Split(' ');
            return (
                text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..end],
                (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * MicrosPerTick);
        }
        catch (IOException)
        {
            return null; // It has just ended.
        }
    }
}
