using System.Collections.Concurrent;
using System.Globalization;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>A request that was acknowledged.</summary>
/// <param name="Key">The key under which it was sent, perhaps several times.</param>
/// <param name="Instance">The instance that it was for, or the published event.</param>
/// <param name="Version">The version that the answer named.</param>
/// <param name="Took">From the first sending to the answer.</param>
public sealed record Acknowledgement(string Key, string Instance, long Version, TimeSpan Took)
{
    /// <summary>When the answer came.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>What was asked.</summary>
    public string Request { get; init; } = "";
}

/// <summary>A sending that was not answered, or with "later".</summary>
/// <param name="Key">The key of the request.</param>
/// <param name="At">When that was clear.</param>
/// <param name="What">What was asked and answered.</param>
public sealed record PutOffSending(string Key, DateTimeOffset At, string What);

/// <summary>What clients asked and were answered.</summary>
public sealed class ChaosHistory
{
    private readonly ConcurrentQueue<Acknowledgement> _acknowledgements = new();
    private readonly ConcurrentQueue<PutOffSending> _putOffs = new();
    private readonly ConcurrentQueue<string> _surprises = new();
    private long _sendings;

    /// <summary>Requests that were acknowledged.</summary>
    public IReadOnlyCollection<Acknowledgement> Acknowledgements => _acknowledgements;

    /// <summary>Sendings that were not answered, or with "later".</summary>
    public IReadOnlyCollection<PutOffSending> PutOffs => _putOffs;

    /// <summary>Answers that no client should get.</summary>
    public IReadOnlyCollection<string> Surprises => _surprises;

    /// <summary>Requests sent, repeats included (count).</summary>
    public long Sendings => Interlocked.Read(ref _sendings);

    public void Sent() => Interlocked.Increment(ref _sendings);

    /// <returns>The id that the answer names: of an instance, of a task, of a published event.</returns>
    public string Acknowledged(RestRequest request, RestAnswer answer, TimeSpan took)
    {
        var id = (string)answer.Json["id"]!;
        var entity = (string?)answer.Json["instanceId"] ?? id; // The turn of a task is one of its instance.
        var version = (long?)answer.Json["version"] ?? 1; // An event is published by one turn.
        _acknowledgements.Enqueue(new Acknowledgement(request.IdempotencyKey!, entity, version, took) { At = TimeProvider.System.GetUtcNow(), Request = $"{request}" });
        return id;
    }

    public void PutOff(RestRequest request, string what) => _putOffs.Enqueue(new PutOffSending(request.IdempotencyKey!, TimeProvider.System.GetUtcNow(), what));

    public void Surprised(string what) => _surprises.Enqueue(what);

    /// <summary>
    /// The longest that a client waited from the first sending of a request to its acknowledgement, with what it was answered
    /// before and what was done to the servers meanwhile.
    /// </summary>
    internal IEnumerable<string> LongestGap(ChaosLog log)
    {
        if (_acknowledgements.MaxBy(each => each.Took) is not { } gap)
        {
            return [];
        }

        var begun = gap.At - gap.Took;
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"In the longest gap {gap.Request} was acknowledged after {gap.Took.TotalSeconds:F1} s"),
            .. _putOffs.Where(each => each.Key == gap.Key).GroupBy(each => each.What, StringComparer.Ordinal).Select(same => string.Create(
                CultureInfo.InvariantCulture,
                $"put off {same.Count()} times from {(same.First().At - begun).TotalSeconds:F1} s to {(same.Last().At - begun).TotalSeconds:F1} s: {same.Key}")),
            .. log.During(begun, gap.At),
        ];
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_acknowledgements.Count} requests acknowledged of {Sendings} sendings, {_putOffs.Count} put off, {_surprises.Count} answered as none should be; longest gap {_acknowledgements.Max(each => each.Took).TotalSeconds:F1} s");
}
