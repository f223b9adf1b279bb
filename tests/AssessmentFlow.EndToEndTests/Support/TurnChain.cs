using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>A turn as it lies in the database.</summary>
/// <param name="Entity">Whose.</param>
/// <param name="Version">The version that it made.</param>
/// <param name="InputId">Identity of its input.</param>
/// <param name="At">When (microseconds since 1970).</param>
/// <param name="Actor">Who caused it.</param>
/// <param name="Facts">The facts as stored.</param>
/// <param name="Hash">Its hash.</param>
public sealed record StoredTurn(string Entity, long Version, string InputId, long At, string Actor, byte[] Facts, byte[] Hash);

/// <summary>
/// All turns of an installation, read past the server, with the hash chain computed here once more from the
/// description of it, not with the code that made it.
/// </summary>
public sealed class TurnChain
{
    private static readonly long EpochMicros = DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond;

    private TurnChain(IReadOnlyList<StoredTurn> turns, IReadOnlyDictionary<string, (long Version, byte[] Hash)> entities)
    {
        Turns = turns;
        Entities = entities;
    }

    /// <summary>Turns by entity and version.</summary>
    public IReadOnlyList<StoredTurn> Turns { get; }

    /// <summary>Version and hash of every entity's snapshot.</summary>
    public IReadOnlyDictionary<string, (long Version, byte[] Hash)> Entities { get; }

    /// <summary>Reads the turns of an installation.</summary>
    public static Task<TurnChain> ReadAsync(Installation installation) => ReadAsync(installation.Rows);

    /// <summary>Reads both in one statement: between two of them the server may commit a turn.</summary>
    public static async Task<TurnChain> ReadAsync(DatabaseRows database)
    {
        var rows = await database.ReadAsync(
            """
            SELECT t.entity_id, t.version, t.input_id, t.at, t.actor, t.facts, t.hash, e.entity_id, e.version, e.hash
            FROM turn t FULL JOIN entity e ON e.entity_id = t.entity_id ORDER BY t.entity_id, t.version
            """,
            row => (
                Turn: row.IsDBNull(0)
                    ? null
                    : new StoredTurn(
                        row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetFieldValue<byte[]>(5), row.GetFieldValue<byte[]>(6)),
                Entity: row.IsDBNull(7) ? null : row.GetString(7),
                Snapshot: row.IsDBNull(7) ? default : (Version: row.GetInt64(8), Hash: row.GetFieldValue<byte[]>(9))));
        return new TurnChain(
            [.. rows.Select(row => row.Turn).OfType<StoredTurn>()],
            rows.Where(row => row.Entity is not null).DistinctBy(row => row.Entity).ToDictionary(row => row.Entity!, row => row.Snapshot, StringComparer.Ordinal));
    }

    /// <summary>Every turn follows the one before it without a gap, its hash is right, and the snapshot is that of the last.</summary>
    public void AssertUnbroken()
    {
        var byEntity = Turns.GroupBy(turn => turn.Entity, StringComparer.Ordinal).ToList();
        Assert.Equal(Entities.Keys.Order(StringComparer.Ordinal), byEntity.Select(turns => turns.Key).Order(StringComparer.Ordinal));
        foreach (var turns in byEntity)
        {
            var hash = new byte[SHA256.HashSizeInBytes];
            var version = 0L;
            foreach (var turn in turns)
            {
                version++;
                hash = HashOf(hash, turn);
                Assert.True(
                    turn.Version == version && turn.Hash.AsSpan().SequenceEqual(hash), $"The chain of {turn.Entity} breaks at turn {turn.Version}, expected turn {version}.");
            }

            Assert.Equal((version, Convert.ToHexString(hash)), (Entities[turns.Key].Version, Convert.ToHexString(Entities[turns.Key].Hash)));
        }
    }

    /// <summary>SHA-256 over the hash before, entity, version, input, time and actor, each text after its length, and the facts.</summary>
    public static byte[] HashOf(byte[] previous, StoredTurn turn)
    {
        using var content = new MemoryStream();
        content.Write(previous);
        Write(content, turn.Entity);
        Write(content, turn.Version);
        Write(content, turn.InputId);
        Write(content, turn.At + EpochMicros);
        Write(content, turn.Actor);
        content.Write(turn.Facts);
        return SHA256.HashData(content.ToArray());
    }

    private static void Write(MemoryStream content, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Write(content, bytes.Length);
        content.Write(bytes);
    }

    private static void Write(MemoryStream content, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        content.Write(bytes);
    }
}
