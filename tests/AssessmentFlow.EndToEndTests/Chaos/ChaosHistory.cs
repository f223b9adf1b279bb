using System.Collections.Concurrent;
using System.Globalization;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>A request that was acknowledged.</summary>
/// <param name="Key">The key under which it was sent, perhaps several times.</param>
/// <param name="Instance">The instance that it was for.</param>
/// <param name="Version">The version that the answer named.</param>
/// <param name="Took">From the first sending to the answer.</param>
public sealed record Acknowledgement(string Key, string Instance, long Version, TimeSpan Took);

/// <summary>What clients asked and were answered.</summary>
public sealed class ChaosHistory
{
    private readonly ConcurrentQueue<Acknowledgement> _acknowledgements = new();
    private readonly ConcurrentQueue<string> _putOffs = new();
    private readonly ConcurrentQueue<string> _surprises = new();
    private long _sendings;

    /// <summary>Requests that were acknowledged.</summary>
    public IReadOnlyCollection<Acknowledgement> Acknowledgements => _acknowledgements;

    /// <summary>Sendings that were not answered, or with "later".</summary>
    public IReadOnlyCollection<string> PutOffs => _putOffs;

    /// <summary>Answers that no client should get.</summary>
    public IReadOnlyCollection<string> Surprises => _surprises;

    /// <summary>Requests sent, repeats included (count).</summary>
    public long Sendings => Interlocked.Read(ref _sendings);

    public void Sent() => Interlocked.Increment(ref _sendings);

    /// <returns>The instance that the answer names.</returns>
    public string Acknowledged(RestRequest request, RestAnswer answer, TimeSpan took)
    {
        var id = (string)answer.Json["id"]!;
        _acknowledgements.Enqueue(new Acknowledgement(request.IdempotencyKey!, id, (long)answer.Json["version"]!, took));
        return id;
    }

    public void PutOff(string what) => _putOffs.Enqueue(what);

    public void Surprised(string what) => _surprises.Enqueue(what);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_acknowledgements.Count} requests acknowledged of {Sendings} sendings, {_putOffs.Count} put off, {_surprises.Count} answered as none should be; longest gap {_acknowledgements.Max(each => each.Took).TotalSeconds:F1} s");
}
