using System.Data.Common;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using AssessmentFlow.Runtime.Turns;
using Microsoft.AspNetCore.Diagnostics;
using Orleans.Storage;

namespace AssessmentFlow.Server.Problems;

/// <summary>Turns whatever stops a request into a problem document (RFC 9457).</summary>
internal sealed partial class ProblemWriter(ILogger<ProblemWriter> logger) : IExceptionHandler
{
    private const string TypePrefix = "urn:assessmentflow:problem:";
    private const int RetryAfterSeconds = 1;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            return true; // Nobody is there to read it.
        }

        var problem = ProblemOf(exception);
        if (problem.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            // Expected of a cluster in motion, and many at once: a line each, without where in the code it was.
            LogPutOff(logger, httpContext.Request.Method, httpContext.Request.Path, problem.Code, exception.GetType().Name, exception.Message);
            await PutOffAsync(httpContext, problem);
            return true;
        }

        if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            LogFailed(logger, exception, httpContext.Request.Method, httpContext.Request.Path);
        }

        await WriteAsync(httpContext, problem);
        return true;
    }

    /// <summary>The problem of a request that is one too many.</summary>
    public static RequestProblemException TooBusy(string why) =>
        new(StatusCodes.Status429TooManyRequests, "too-busy", $"{why} Send the request again, with the same Idempotency-Key.");

    /// <summary>Tells a client to come again.</summary>
    public static Task PutOffAsync(HttpContext http, RequestProblemException problem)
    {
        http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString();
        return WriteAsync(http, problem);
    }

    public static Task WriteAsync(HttpContext http, RequestProblemException problem)
    {
        http.Response.StatusCode = problem.Status;
        return http.Response.WriteAsJsonAsync(
            new ProblemDocument(
                TypePrefix + problem.Code,
                Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(problem.Status),
                problem.Status,
                problem.Message,
                http.Request.Path,
                problem.Errors.Count > 0 ? problem.Errors : null),
            ProblemJson.Default.ProblemDocument,
            "application/problem+json",
            CancellationToken.None);
    }

    private static RequestProblemException ProblemOf(Exception exception) => exception switch
    {
        RequestProblemException problem => problem,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new RequestProblemException(
            StatusCodes.Status413PayloadTooLarge, "body-too-large", "The body is larger than this route takes. Send less, or send it in parts."),
        BadHttpRequestException bad when UnreadParameter().Match(bad.Message) is { Success: true } match => RequestProblemException.Malformed(
            match.Groups["name"].Value,
            "parameter-malformed",
            $"The parameter '{match.Groups["name"].Value}' cannot be read. Send it once, in the form that the description of the interface gives, or leave it out."),
        BadHttpRequestException bad => new RequestProblemException(
            bad.StatusCode, "request-malformed", "The request cannot be read: it is not complete, or not in the form that HTTP asks for."),
        JournalBusyException => TooBusy("More is waiting to be written than this server takes at once."),
        JournalUnavailableException or DbException or Orleans.Runtime.OrleansException { InnerException: DbException } => new RequestProblemException(
            StatusCodes.Status503ServiceUnavailable, "database-unavailable", "The database cannot be reached. Send the request again later, with the same Idempotency-Key: nothing is done twice."),
        InconsistentStateException or Orleans.Runtime.OrleansException or TimeoutException => new RequestProblemException(
            StatusCodes.Status503ServiceUnavailable, "moving", "What the request is for is just moving between servers. Send it again, with the same Idempotency-Key: nothing is done twice."),
        _ => new RequestProblemException(StatusCodes.Status500InternalServerError, "internal", "The server failed; the failure was logged. Nothing was written unless a repeat with the same Idempotency-Key says so."),
    };

    /// <summary>How the framework says that it cannot read a parameter: with the type that this program reads it as.</summary>
    [GeneratedRegex("""^Failed to bind parameter "\S+ (?<name>\w+)" from """, RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnreadParameter();

    [LoggerMessage(Level = LogLevel.Warning, EventName = "RequestPutOff", Message = "{Method} {Path} was answered {Problem}: {Exception}: {Reason}")]
    private static partial void LogPutOff(ILogger logger, string method, string path, string problem, string exception, string reason);

    [LoggerMessage(Level = LogLevel.Error, EventName = "RequestFailed", Message = "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string path);
}

/// <summary>A problem document (RFC 9457).</summary>
/// <param name="Type">Stable name of the kind of problem.</param>
/// <param name="Title">Reason phrase of the status.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What is wrong and how to mend it.</param>
/// <param name="Instance">The path asked for.</param>
/// <param name="Errors">Each thing that is wrong, with its place.</param>
public sealed record ProblemDocument(string Type, string Title, int Status, string Detail, string Instance, IReadOnlyList<ProblemItem>? Errors = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class ProblemJson : JsonSerializerContext;
