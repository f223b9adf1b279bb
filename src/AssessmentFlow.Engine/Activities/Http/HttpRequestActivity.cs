using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// What the activities that send an HTTP request have in common. The request is sent after the commit; what became of
/// it comes back as an answer, which the journal records like every other. Each further attempt is a wait and a
/// request of its own.
/// </summary>
internal abstract class HttpRequestActivity : Activity
{
    protected const string ExpectedStatusCodes = "ExpectedStatusCodes";
    private const string EnableResiliency = "EnableResiliency";
    private const string Attempt = "Attempt";

    /// <summary>Inputs beside the status codes, in the order in which Studio shows them.</summary>
    protected static ImmutableArray<InputDescriptor> CommonInputs { get; } =
    [
        new(HttpCallReader.Url, "UnregisteredClrType:System.Uri, System.Private.Uri", "Where to send the request: an absolute address.") { IsRequired = true, Kind = HttpInputKinds.Url },
        new(HttpCallReader.Method, "String", "The HTTP method to use.")
        {
            UiHint = "dropdown", Default = JsonValues.Of("GET"), AllowsOtherValues = true, Options = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"],
        },
        new(HttpCallReader.Content, "Object", "What to send: text, or a value that is written as its content type asks."),
        new(HttpCallReader.ContentType, "String", "Media type of the content.")
        {
            DisplayName = "Content Type",
            UiHint = "dropdown",
            AllowsOtherValues = true,
            Options =
            [
                "application/json", "application/soap+xml", "application/x-www-form-urlencoded", "application/xml",
                "text/html", "text/json", "text/plain", "text/richtext", "text/xml",
            ],
        },
        new(HttpCallReader.Authorization, "String", "Value of the header Authorization, such as a bearer token; the journal does not show it.") { IsSensitive = true },
        new("DisableAuthorizationHeaderValidation", "Boolean", "Has no effect: the header is sent as it is written.")
        {
            DisplayName = "Disable Authorization Header Validation", UiHint = "checkbox", Default = JsonValues.False,
        },
        new(HttpCallReader.RequestHeaders, "HttpHeaders", "Further headers, as a JSON object of names and values.") { DisplayName = "Request Headers", UiHint = "json-editor" },
        new(EnableResiliency, "Boolean", "Whether to send the request again, up to three times, when it fails for a reason that may pass.")
        {
            DisplayName = "Enable Resiliency", UiHint = "checkbox", Default = JsonValues.False,
        },
    ];

    protected static ImmutableArray<OutputDescriptor> CommonOutputs { get; } =
    [
        new("StatusCode", "Int32", "The status code of the answer."),
        new("ParsedContent", "Object", "The content of the answer: a value when it is JSON, else its text."),
        new("ResponseHeaders", "HttpHeaders", "The headers of the answer: a list of values by name."),
        new("Result", "HttpResponseMessage", "The answer as a whole: StatusCode, Headers, Content."),
    ];

    public override void Execute(ActivityContext context) => Send(context, attempt: 1);

    public override void OnDue(ActivityContext context, Bookmark bookmark)
    {
        context.Burn(bookmark, JsonValues.Null);
        Send(context, (int)bookmark.Payload.Member(Attempt).GetInt64());
    }

    public override void OnReply(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        var answer = HttpAnswer.Contract.Read(payload);
        context.Burn(bookmark, context.ShowsOutput("Result") ? Shown(payload) : HttpAnswer.Contract.Write(answer with { Body = null, Headers = null }));
        var attempt = (int)bookmark.Payload.Member(Attempt).GetInt64();
        if (context.Flag(EnableResiliency) && attempt < EngineLimits.HttpAttemptsMax && MayPass(context, answer))
        {
            var at = context.Moment.Now + (EngineLimits.HttpRetryWait * Math.Pow(2, attempt - 1));
            context.Wait(JsonValues.Object((Attempt, JsonValues.Of(attempt + 1)), (Timers.ResumeAt, JsonValues.Of(at))), dueAt: at, goesOn: true);
            return;
        }

        switch (answer.Outcome)
        {
            case HttpOutcome.Answered:
                SetOutputs(context, answer, bookmark.Payload.Member(HttpCallReader.Url).AsText()!);
                OnAnswered(context, answer.StatusCode);
                break;
            case HttpOutcome.TooLarge:
                throw new ActivityFaultException("http-answer-too-large", answer.Message ?? "The answer is too large.");
            case HttpOutcome.Refused when !HandlesFailure(context):
                throw new ActivityFaultException("http-request-refused", answer.Message ?? "The request is not allowed.");
            case HttpOutcome.TimedOut:
                OnTimedOut(context);
                break;
            default:
                OnFailed(context);
                break;
        }
    }

    /// <summary>Name of the input with the media type of what is sent.</summary>
    protected virtual string ContentTypeInput => HttpCallReader.ContentType;

    /// <summary>Whether the answer is wanted as a file: bytes, whatever they are.</summary>
    protected virtual bool IsForFile => false;

    /// <summary>What the journal shows of an answer beside the outputs of the activity.</summary>
    protected virtual JsonElement Shown(JsonElement answer) => answer;

    /// <summary>Whether the author says what to do when the receiver cannot be reached.</summary>
    protected abstract bool HandlesFailure(ActivityContext context);

    /// <summary>Whether the author expects a status code.</summary>
    protected abstract bool Expects(ActivityContext context, int statusCode);

    protected abstract void OnAnswered(ActivityContext context, int statusCode);

    protected abstract void OnFailed(ActivityContext context);

    protected abstract void OnTimedOut(ActivityContext context);

    /// <summary>Tells what came back.</summary>
    /// <param name="context">The run.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="url">The address that was asked for.</param>
    protected virtual void SetOutputs(ActivityContext context, HttpAnswer answer, string url)
    {
        var headers = HeadersOf(answer, static _ => true);
        context.SetOutput("StatusCode", JsonValues.Of(answer.StatusCode));
        context.SetOutput("ParsedContent", HttpContents.Parse(answer.Body, answer.ContentType));
        context.SetOutput("ResponseHeaders", headers);
        context.SetOutput("Result", JsonValues.Object(
            ("StatusCode", JsonValues.Of(answer.StatusCode)), ("Headers", headers), ("Content", JsonValues.Of(answer.Body))));
    }

    /// <summary>Headers of an answer as scripts see them: a list of values by name.</summary>
    protected static JsonElement HeadersOf(HttpAnswer answer, Func<string, bool> isMeant) => JsonValues.Object(
        [.. (answer.Headers ?? []).Where(header => isMeant(header.Key)).Select(header => (header.Key, JsonValues.Of(header.Value)))]);

    private void Send(ActivityContext context, int attempt)
    {
        var call = HttpCallReader.Read(context, isRepeatable: context.Flag(EnableResiliency), ContentTypeInput) with { AsFile = IsForFile };
        var bookmark = context.Wait(
            JsonValues.Object(
                (HttpCallReader.Method, JsonValues.Of(call.Method)),
                (HttpCallReader.Url, JsonValues.Of(call.Url)),
                ("IdempotencyKey", JsonValues.Of(call.IdempotencyKey)),
                (Attempt, JsonValues.Of(attempt))),
            goesOn: true);
        context.Tell(new InstanceEffect.CallHttp(call, bookmark.Id));
    }

    /// <summary>Whether the same request may fare better a little later.</summary>
    private bool MayPass(ActivityContext context, HttpAnswer answer) => answer.Outcome switch
    {
        HttpOutcome.FailedToConnect or HttpOutcome.TimedOut => true,
        HttpOutcome.Answered => answer.StatusCode is 408 or 429 or >= 500 && !Expects(context, answer.StatusCode),
        _ => false,
    };
}
