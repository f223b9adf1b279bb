using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Server.Problems;

/// <summary>A request cannot be served: which status, what is wrong, where, and how to mend it.</summary>
internal sealed class RequestProblemException(int status, string code, string detail, IReadOnlyList<ProblemItem>? errors = null) : Exception(detail)
{
    private const string BodyMalformed = "body-malformed";

    public int Status => status;

    public string Code => code;

    public IReadOnlyList<ProblemItem> Errors => errors ?? [];

    /// <summary>The problem behind a refusal of pure code.</summary>
    public static RequestProblemException Of(Refusal refusal) => new(
        refusal.Kind switch
        {
            RefusalKind.Invalid => StatusCodes.Status422UnprocessableEntity,
            RefusalKind.NotFound => StatusCodes.Status404NotFound,
            RefusalKind.Conflict => StatusCodes.Status409Conflict,
            RefusalKind.Stale => StatusCodes.Status412PreconditionFailed,
            _ => StatusCodes.Status403Forbidden,
        },
        refusal.Code,
        refusal.Message,
        refusal.Path is { } path ? [new ProblemItem(path, refusal.Code, refusal.Message)] : null);

    public static RequestProblemException NotFound(string what) => new(
        StatusCodes.Status404NotFound, "not-found", $"There is no {what}, or it is not for this client to see.");

    public static RequestProblemException Forbidden(string detail) => new(StatusCodes.Status403Forbidden, "role-missing", detail);

    public static RequestProblemException KeyReused() => new(
        StatusCodes.Status422UnprocessableEntity, "idempotency-key-reused", "This Idempotency-Key was used for another request. Use a new key for a new request.");

    public static RequestProblemException Invalid(string pointer, string code, string detail) =>
        new(StatusCodes.Status422UnprocessableEntity, code, detail, [new ProblemItem(pointer, code, detail)]);

    public static RequestProblemException Malformed(string pointer, string code, string detail) =>
        new(StatusCodes.Status400BadRequest, code, detail, [new ProblemItem(pointer, code, detail)]);

    /// <summary>What a request finds something by, such as a business identity; null when it names none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pointer">Where it stands.</param>
    /// <exception cref="RequestProblemException">Nothing can be found by it.</exception>
    public static string? Key(string? text, string pointer) => string.IsNullOrEmpty(text) ? null : EngineLimits.IsKey(text)
        ? text
        : throw Malformed(pointer, "key-malformed", $"'{pointer}' may have {EngineLimits.KeyLengthMax} printable characters.");

    /// <summary>The problem of a body that cannot be read: each fault with its place.</summary>
    public static RequestProblemException Malformed(IReadOnlyList<JsonFault> faults)
    {
        var first = $"{faults[0].Pointer}: {faults[0].Message}";
        return new RequestProblemException(
            StatusCodes.Status400BadRequest,
            BodyMalformed,
            faults.Count is 1 ? first : $"{first} There are {faults.Count} such faults; \"errors\" lists them.",
            [.. faults.Select(fault => new ProblemItem(fault.Pointer, BodyMalformed, fault.Message))]);
    }
}

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Pointer">Where: a JSON path of the body, or the name of a header or parameter.</param>
/// <param name="Code">Stable name of what is wrong.</param>
/// <param name="Detail">What is wrong and how to mend it.</param>
/// <param name="Activity">Name or id of the activity concerned, where the body is a workflow definition; absent elsewhere.</param>
public sealed record ProblemItem(string Pointer, string Code, string Detail, string? Activity = null);
