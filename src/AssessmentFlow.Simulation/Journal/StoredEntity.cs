using System.Diagnostics;
using System.Text.Json;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>An entity as the database has it.</summary>
internal sealed class StoredEntity(EntityId id)
{
    public EntityId Id => id;

    public long Version { get; private set; }

    public byte[] State { get; private set; } = [];

    public byte[] Hash { get; private set; } = [];

    public ActivityContext Trace { get; private set; }

    public List<StoredTurn> Turns { get; } = [];

    public void Add(Turn turn)
    {
        Version = turn.ExpectedVersion + 1;
        State = turn.State;
        Hash = turn.Hash;
        Trace = turn.KeptTrace;
        Turns.Add(new StoredTurn(Version, turn.Fingerprint, turn.Answer, new RecordedTurn(Version, turn.InputId, turn.At, turn.Actor, turn.Facts, turn.Hash, Trace: null)));
    }
}

/// <summary>A turn as the database has it.</summary>
/// <param name="Version">The version that it made.</param>
/// <param name="Fingerprint">SHA-256 of the request; null when none was behind it.</param>
/// <param name="Answer">The answer to the request; null when none was given.</param>
/// <param name="Recorded">The rest of it.</param>
internal sealed record StoredTurn(long Version, byte[]? Fingerprint, byte[]? Answer, RecordedTurn Recorded);

/// <summary>A message of the outbox as the database has it.</summary>
internal sealed class StoredMessage(MessageId id, byte[] body, ActivityContext trace)
{
    public MessageId Id => id;

    public byte[] Body => body;

    public ActivityContext Trace => trace;

    /// <summary>What it says.</summary>
    public OutboxMessage Message => field ??= JsonSerializer.Deserialize(body, OutboxJson.Plain.OutboxMessage)!;

    public required string Owner { get; set; }

    public required DateTimeOffset NotBefore { get; set; }

    public int Attempts { get; set; }
}
