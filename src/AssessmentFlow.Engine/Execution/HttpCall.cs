using System.Text.Json;

namespace AssessmentFlow.Engine.Execution;

/// <summary>An HTTP request that a workflow wants sent.</summary>
/// <param name="Method">Method, in capital letters.</param>
/// <param name="Url">Absolute address, of the scheme http or https.</param>
/// <param name="Headers">Values by name; null for none.</param>
/// <param name="Body">The body; null for none.</param>
/// <param name="ContentType">Media type of the body.</param>
/// <param name="IdempotencyKey">
/// The same for every sending of the request, whatever the reason: a receiver that knows it does the work once.
/// </param>
/// <param name="AsFile">Whether the body of the answer is wanted as bytes, whatever they are, and may have the size of a file only.</param>
public sealed record HttpCall(
    string Method,
    string Url,
    OrderedDictionary<string, string[]>? Headers,
    string? Body,
    string? ContentType,
    string IdempotencyKey,
    bool AsFile = false);

/// <summary>What became of an HTTP request.</summary>
public sealed record HttpAnswer
{
    /// <summary>What became of it.</summary>
    public HttpOutcome Outcome { get; init; }

    /// <summary>Status code; 0 when there was no answer.</summary>
    public int StatusCode { get; init; }

    /// <summary>Headers of the answer, values by name; null when there was no answer.</summary>
    public OrderedDictionary<string, string[]>? Headers { get; init; }

    /// <summary>Text of the body, or its bytes as Base64 when they are no text or a file was asked for; null when it is empty.</summary>
    public string? Body { get; init; }

    /// <summary>Media type of the body, without parameters; null when the answer names none.</summary>
    public string? ContentType { get; init; }

    /// <summary>Why there was no answer, for the author of the workflow; null when there was one.</summary>
    public string? Message { get; init; }

    internal static JsonContract<HttpAnswer> Contract => field ??= new(EngineJson.Plain.HttpAnswer);

    /// <summary>The answer as it is handed to an instance.</summary>
    public JsonElement ToJson() => Contract.Write(this);
}

/// <summary>What became of an HTTP request.</summary>
public enum HttpOutcome
{
    /// <summary>The receiver answered, whatever it said.</summary>
    Answered = 0,

    /// <summary>This installation does not allow the request: nothing was sent.</summary>
    Refused = 1,

    /// <summary>The receiver could not be reached, or the connection broke.</summary>
    FailedToConnect = 2,

    /// <summary>The receiver did not answer in time; it may have done the work.</summary>
    TimedOut = 3,

    /// <summary>The receiver answered with more than a workflow can take.</summary>
    TooLarge = 4,
}
