using System.Diagnostics;
using OpenTelemetry;

namespace AssessmentFlow.Server.Hosting;

/// <summary>
/// The newest traces of this process, in memory: ids, names and times, never text. Bounded in traces, in spans of a trace
/// and in the length of what a span tells.
/// </summary>
/// <param name="tracesMax">Traces kept (count); a further one takes the place of the oldest.</param>
internal sealed class RecentTraces(int tracesMax) : BaseProcessor<Activity>
{
    /// <summary>Spans kept of one trace (count); further ones are counted only.</summary>
    public const int SpansMax = 200;

    /// <summary>Longest text that a span keeps (characters).</summary>
    public const int TextLengthMax = 200;

    private static readonly string[] KeptTags = ["assessmentflow.entity", "assessmentflow.message", "assessmentflow.turns", "http.route", "http.response.status_code", "rpc.method"];

    private readonly Lock _lock = new();
    private readonly Dictionary<ActivityTraceId, RecentTrace> _byId = [];
    private readonly Queue<ActivityTraceId> _order = new();

    public override void OnEnd(Activity data)
    {
        var span = new RecentSpan(
            data.SpanId,
            data.ParentSpanId,
            data.Source.Name,
            Cut(data.DisplayName),
            data.StartTimeUtc,
            data.Duration,
            data.Status is ActivityStatusCode.Error,
            string.Join(' ', KeptTags.Select(tag => data.GetTagItem(tag)?.ToString()).Where(value => value is not null).Select(value => Cut(value!))));
        lock (_lock)
        {
            if (!_byId.TryGetValue(data.TraceId, out var trace))
            {
                if (_order.Count == tracesMax)
                {
                    _byId.Remove(_order.Dequeue());
                }

                _order.Enqueue(data.TraceId);
                _byId[data.TraceId] = trace = new RecentTrace(data.TraceId);
            }

            trace.Add(span);
        }
    }

    /// <summary>What is kept now, the newest trace first.</summary>
    public IReadOnlyList<(string Id, int Count, IReadOnlyList<RecentSpan> Spans)> List()
    {
        lock (_lock)
        {
            return [.. _order.Reverse().Select(id => (id.ToHexString(), _byId[id].Count, _byId[id].Copy()))];
        }
    }

    private static string Cut(string text) => text.Length > TextLengthMax ? text[..TextLengthMax] : text;

    private sealed class RecentTrace(ActivityTraceId id)
    {
        private readonly List<RecentSpan> _spans = [];

        public ActivityTraceId Id => id;

        /// <summary>Spans that ended so far, kept or not.</summary>
        public int Count { get; private set; }

        public void Add(RecentSpan span)
        {
            Count++;
            if (_spans.Count < SpansMax)
            {
                _spans.Add(span);
            }
        }

        public IReadOnlyList<RecentSpan> Copy() => [.. _spans.OrderBy(span => span.StartedAt)];
    }
}

/// <summary>A span that ended.</summary>
/// <param name="Id">Itself.</param>
/// <param name="ParentId">What it is part of.</param>
/// <param name="Source">Which part of the program made it.</param>
/// <param name="Name">Its name.</param>
/// <param name="StartedAt">When it began (UTC).</param>
/// <param name="Duration">How long it took.</param>
/// <param name="IsError">Whether it failed.</param>
/// <param name="Ids">What it was for.</param>
internal sealed record RecentSpan(
    ActivitySpanId Id, ActivitySpanId ParentId, string Source, string Name, DateTime StartedAt, TimeSpan Duration, bool IsError, string Ids);
