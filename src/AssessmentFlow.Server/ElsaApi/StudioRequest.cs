using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>
/// Who changes something from Studio, from which page of the browser, and why. Studio repeats a request that failed, up to
/// three times and without saying so: what it sends from one page, made from one state of a workflow, is one request.
/// </summary>
internal sealed class StudioRequest
{
    /// <summary>Names the page of the browser; our page sets it.</summary>
    public const string PageHeader = "X-Studio-Page";

    /// <summary>Says why something is published, as a percent-encoded text.</summary>
    public const string NoteHeader = "X-Change-Note";

    private const int PageLengthMax = 100;
    private const int NoteLengthMax = 1_000;

    private StudioRequest(Actor actor, string? page, string? note)
    {
        Actor = actor;
        Page = page;
        Note = note;
    }

    public Actor Actor { get; }

    /// <summary>The page; null when the request comes from elsewhere.</summary>
    public string? Page { get; }

    /// <summary>Why something is published; null when nobody said.</summary>
    public string? Note { get; }

    /// <summary>The page as the catalogue knows it: pages of others are others, whatever they are called.</summary>
    public string? Editor => Page is null ? null : $"{Actor.Id}/{Page}";

    /// <summary>Reads who sends a request that changes a workflow.</summary>
    /// <exception cref="RequestProblemException">The sender draws no workflows.</exception>
    public static StudioRequest Of(HttpContext http)
    {
        var actor = http.Caller().Actor;
        actor.NeedDraft();
        var page = http.Request.Headers[PageHeader].ToString();
        var note = Uri.UnescapeDataString(http.Request.Headers[NoteHeader].ToString()).Trim();
        return new StudioRequest(actor, page.Length is > 0 and <= PageLengthMax && !page.Any(char.IsControl) ? page : null, note.Length > 0 ? note : null);
    }

    /// <summary>Reads who sends a request that puts a workflow into force or out of it.</summary>
    /// <exception cref="RequestProblemException">The sender publishes no workflows.</exception>
    public static StudioRequest ToPublish(HttpContext http)
    {
        http.Caller().Actor.NeedPublish();
        return Of(http);
    }

    /// <summary>Why something is published.</summary>
    /// <param name="body">The body, for clients that say it there.</param>
    /// <exception cref="RequestProblemException">Nobody said.</exception>
    public string NeedNote(JsonObject body)
    {
        var note = Note ?? body.Text("note")?.Trim();
        return note is { Length: > 0 and <= NoteLengthMax }
            ? note
            : throw ElsaProblems.Refuse(
                "change-note-missing", $"Nothing was published: a publication needs a change note of 1 to {NoteLengthMax} characters (the header {NoteHeader}, or \"note\" in the body). What was drawn is kept as a draft.");
    }

    /// <summary>Identity of a request over its repeats.</summary>
    /// <param name="what">What is done, to which workflow.</param>
    /// <param name="seen">The ETag that it was made from; null when it names none, and then each sending is a request of its own.</param>
    /// <param name="content">What is sent.</param>
    public string KeyOf(string what, long? seen, ReadOnlySpan<byte> content) => seen is null
        ? $"studio/{Actor.Id}/{Guid.CreateVersion7():n}"
        : string.Create(CultureInfo.InvariantCulture, $"studio/{Actor.Id}/{Page}/{what}/{seen}/{HashOf(content)}");

    /// <summary>An id for something new that repeats of the request name the same.</summary>
    public string NewId(ReadOnlySpan<byte> content) => HashOf(Page is null
        ? Guid.CreateVersion7().ToByteArray()
        : [.. Encoding.UTF8.GetBytes(Editor!), .. content])[..16];

    private static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
