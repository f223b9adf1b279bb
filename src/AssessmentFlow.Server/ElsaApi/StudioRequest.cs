using System.Globalization;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>
/// Who changes something from Studio, from which page of the browser, and why. Our page numbers what it sends and repeats what
/// failed under the same number: that is one request.
/// </summary>
internal sealed class StudioRequest
{
    /// <summary>Names the page of the browser; our page sets it.</summary>
    public const string PageHeader = "X-Studio-Page";

    /// <summary>Numbers what a page sends; our page sets it.</summary>
    public const string StepHeader = "X-Studio-Step";

    /// <summary>Says why something is published, as a percent-encoded text.</summary>
    public const string NoteHeader = "X-Change-Note";

    private const int PageLengthMax = 100;
    private const int NoteLengthMax = 1_000;

    private readonly string? _page;
    private readonly int? _step;

    private StudioRequest(Actor actor, string? page, int? step, string? note)
    {
        Actor = actor;
        _page = page;
        _step = step;
        Note = note;
    }

    public Actor Actor { get; }

    /// <summary>Why something is published; null when nobody said.</summary>
    public string? Note { get; }

    /// <summary>
    /// The page as the catalogue knows it: pages of others are others, whatever they are called. Null when the request comes from elsewhere.
    /// </summary>
    public string? Editor => _page is null ? null : $"{Actor.Id}/{_page}";

    /// <summary>Reads who sends a request.</summary>
    public static StudioRequest Of(HttpContext http)
    {
        var headers = http.Request.Headers;
        var page = headers[PageHeader].ToString();
        var note = Uri.UnescapeDataString(headers[NoteHeader].ToString()).Trim();
        return new StudioRequest(
            http.Caller().Actor,
            page.Length is > 0 and <= PageLengthMax && !page.Any(char.IsControl) ? page : null,
            int.TryParse(headers[StepHeader], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null,
            note.Length > 0 ? note : null);
    }

    /// <summary>Reads who sends a request that changes a workflow.</summary>
    /// <exception cref="RequestProblemException">The sender draws no workflows.</exception>
    public static StudioRequest ToDraft(HttpContext http)
    {
        http.Caller().Actor.NeedDraft();
        return Of(http);
    }

    /// <summary>Reads who sends a request that puts a workflow into force or out of it.</summary>
    /// <exception cref="RequestProblemException">The sender publishes no workflows.</exception>
    public static StudioRequest ToPublish(HttpContext http)
    {
        http.Caller().Actor.NeedPublish();
        return ToDraft(http);
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
    /// <param name="what">What is done, to what.</param>
    /// <returns>The same for each repeat; another one each time when the sender numbers nothing.</returns>
    public string KeyOf(string what) => _page is null || _step is null
        ? $"studio/{Actor.Id}/{Guid.CreateVersion7():n}"
        : string.Create(CultureInfo.InvariantCulture, $"studio/{Editor}/{_step}/{what}");

    /// <summary>An id for something new: the same for each repeat of the request.</summary>
    /// <param name="what">What is made.</param>
    public string NewId(string what) => InstanceIds.From(KeyOf(what));
}
