using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Worlds;

/// <summary>How states and facts of a kind of entity are stored, and how facts become state.</summary>
/// <param name="State">Form of the state as JSON.</param>
/// <param name="Fact">Form of a fact as JSON.</param>
/// <param name="Apply">The state after a fact; may change and return the state given.</param>
public sealed record EntityForm<TState, TFact>(JsonTypeInfo<TState> State, JsonTypeInfo<TFact> Fact, Func<TState, TFact, TState> Apply);

/// <summary>
/// One entity in memory: its state, its journal and its version. Every turn proves that the state given was not
/// changed, and that its facts alone, read back from JSON, lead from the old state to the new one.
/// </summary>
public sealed class WorldEntity<TState, TFact, TEffect>(string id, TState initial, EntityForm<TState, TFact> form)
{
    public string Id => id;

    /// <summary>Number of turns that changed the entity.</summary>
    public long Version { get; private set; }

    public TState State { get; private set; } = initial;

    public List<TFact> Facts { get; } = [];

    /// <summary>Largest snapshot that a turn began with (bytes).</summary>
    public int StateSizeMaxBytes { get; private set; }

    /// <summary>Takes one turn.</summary>
    /// <param name="decide">The pure decision.</param>
    /// <exception cref="InvalidOperationException">The decision changed the state it was given, or its facts do not lead to its state.</exception>
    public Decision<TState, TFact, TEffect> Take(Func<TState, Decision<TState, TFact, TEffect>> decide)
    {
        var before = JsonSerializer.SerializeToUtf8Bytes(State, form.State);
        var decision = decide(State);
        if (!before.AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(State, form.State)))
        {
            throw new InvalidOperationException($"A decision changed the state that '{id}' had committed.");
        }

        if (decision is Decision<TState, TFact, TEffect>.Accepted accepted)
        {
            CheckReplay(before, accepted);
            StateSizeMaxBytes = Math.Max(StateSizeMaxBytes, before.Length);
            Version++;
            State = accepted.State;
            Facts.AddRange(accepted.Facts);
        }

        return decision;
    }

    /// <summary>The state is read anew from what was stored of it, as after a restart.</summary>
    public void Restart() => State = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(State, form.State), form.State)!;

    private void CheckReplay(byte[] before, Decision<TState, TFact, TEffect>.Accepted accepted)
    {
        var replayed = JsonSerializer.Deserialize(before, form.State)!;
        foreach (var fact in accepted.Facts)
        {
            replayed = form.Apply(replayed, JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(fact, form.Fact), form.Fact)!);
        }

        var live = JsonSerializer.Serialize(accepted.State, form.State);
        var told = JsonSerializer.Serialize(replayed, form.State);
        if (live != told)
        {
            throw new InvalidOperationException($"The facts of turn {Version + 1} of '{id}' lead to\n{told}\nand not to\n{live}");
        }
    }
}
