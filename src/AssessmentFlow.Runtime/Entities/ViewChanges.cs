using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>Collects the rows of lists that a turn changes.</summary>
internal sealed class ViewChanges(EntityId entity, long version, DateTimeOffset now)
{
    private readonly ImmutableArray<ViewChange>.Builder _changes = ImmutableArray.CreateBuilder<ViewChange>();
    private int _events;

    public void Put(string view, string id, ViewRow row) => _changes.Add(new ViewChange(view, id, row));

    public void Remove(string view, string id) => _changes.Add(new ViewChange(view, id, Row: null));

    /// <summary>Adds to the timeline of a case.</summary>
    /// <param name="scope">The case; nothing is added when it is null.</param>
    /// <param name="what">Kind of event.</param>
    /// <param name="details">What a reader needs to know, by name: ids and words, never the text of a portion.</param>
    public void Happened(string? scope, string what, params ReadOnlySpan<(string Name, JsonElement Value)> details)
    {
        if (scope is null)
        {
            return;
        }

        var body = JsonValues.Object([("at", JsonValues.Of(now)), ("event", JsonValues.Of(what)), ("source", JsonValues.Of(entity.ToString())), .. details]);
        Put(Views.Timeline, $"{entity}#{version}.{_events++}", new ViewRow(scope, what, null, null, null, Micros(now), version, Bytes(body)));
    }

    public ImmutableArray<ViewChange> ToImmutable() => _changes.ToImmutable();

    public static long Micros(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static byte[] Bytes(JsonElement json) => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(json).ToArray();

    /// <summary>What changed between two sets of timers.</summary>
    public static ImmutableArray<TimerChange> Timers(IEnumerable<(string Timer, DateTimeOffset DueAt)> before, IEnumerable<(string Timer, DateTimeOffset DueAt)> after)
    {
        var old = before.ToDictionary(timer => timer.Timer, timer => timer.DueAt, StringComparer.Ordinal);
        var changes = ImmutableArray.CreateBuilder<TimerChange>();
        foreach (var (timer, dueAt) in after)
        {
            if (!old.Remove(timer, out var was) || was != dueAt)
            {
                changes.Add(new TimerChange(timer, dueAt));
            }
        }

        foreach (var gone in old.Keys.Order(StringComparer.Ordinal))
        {
            changes.Add(new TimerChange(gone, DueAt: null));
        }

        return changes.ToImmutable();
    }
}
