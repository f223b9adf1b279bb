using System.Text.Json;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Recorded turns as the API shows them.</summary>
internal static class Journals
{
    public static async Task<IResult> PageAsync(IJournalQueries queries, EntityId entity, long? after, int? limit, CancellationToken cancellationToken)
    {
        if (after < 0)
        {
            throw RequestProblemException.Malformed("after", "after-out-of-bounds", "\"after\" is a version, from 0.");
        }

        var max = Cursor.Size(limit);
        var turns = await queries.ReadTurnsAsync(entity, after ?? 0, max, cancellationToken);
        return Answers.Of(JsonValues.Object(
            ("items", JsonValues.Array(turns.Select(Show))),
            ("next", turns.Count == max ? JsonValues.Of(turns[^1].Version) : JsonValues.Null)));
    }

    private static JsonElement Show(RecordedTurn turn) => JsonValues.Object(
        ("turn", JsonValues.Of(turn.Version)),
        ("at", JsonValues.Of(turn.At)),
        ("actor", JsonValues.Of(turn.Actor)),
        ("input", JsonValues.Of(turn.InputId)),
        ("hash", JsonValues.Of(Convert.ToHexStringLower(turn.Hash))),
        ("facts", JsonElement.Parse(turn.Facts)));
}
