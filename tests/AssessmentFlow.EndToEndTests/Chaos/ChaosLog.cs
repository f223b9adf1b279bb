using System.Globalization;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>What was done to a cluster, how often and when.</summary>
internal sealed class ChaosLog(TimeProvider time)
{
    private readonly List<Deed> _deeds = [];

    private DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Notes that something begins.</summary>
    /// <param name="what">What is done, as it is counted.</param>
    /// <param name="where">To which server; empty when to none.</param>
    /// <returns>To be disposed of when it is over and has been made good.</returns>
    public IDisposable Begin(string what, string where = "")
    {
        var deed = new Deed(this, what, where, Now);
        lock (_deeds)
        {
            _deeds.Add(deed);
        }

        return deed;
    }

    /// <summary>How often something was done.</summary>
    public int CountOf(string what)
    {
        lock (_deeds)
        {
            return _deeds.Count(deed => deed.What == what);
        }
    }

    /// <summary>What was under way in a span of time, each with when it began and ended, counted from the begin of the span.</summary>
    public IReadOnlyList<string> During(DateTimeOffset from, DateTimeOffset to)
    {
        lock (_deeds)
        {
            return [.. _deeds.Where(deed => deed.Begun <= to && !(deed.Ended < from)).Select(deed => deed.Since(from))];
        }
    }

    public override string ToString()
    {
        lock (_deeds)
        {
            return string.Join(", ", _deeds.CountBy(deed => deed.What).OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Key}")));
        }
    }

    private sealed class Deed(ChaosLog log, string what, string where, DateTimeOffset begun) : IDisposable
    {
        public string What => what;

        public DateTimeOffset Begun => begun;

        /// <summary>When it was over; null while it is not.</summary>
        public DateTimeOffset? Ended { get; private set; }

        public void Dispose()
        {
            lock (log._deeds)
            {
                Ended = log.Now;
            }
        }

        public string Since(DateTimeOffset from) => string.Create(
            CultureInfo.InvariantCulture, $"{what}{where} from {(begun - from).TotalSeconds:F1} s{(Ended is { } ended ? string.Create(CultureInfo.InvariantCulture, $" to {(ended - from).TotalSeconds:F1} s") : ", not over")}");
    }
}
