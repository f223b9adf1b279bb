namespace AssessmentFlow.Server.Problems;

/// <summary>Gives the bare statuses of the framework a problem document: unknown paths, wrong methods.</summary>
internal static class StatusProblems
{
    public static Task WriteAsync(HttpContext http) => ProblemWriter.WriteAsync(http, http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new RequestProblemException(
            StatusCodes.Status404NotFound, "route-unknown", "There is nothing at this path; /openapi/v1.json lists what there is."),
        StatusCodes.Status405MethodNotAllowed => new RequestProblemException(
            StatusCodes.Status405MethodNotAllowed, "method-not-allowed", $"This path does not take {http.Request.Method}; /openapi/v1.json lists what it takes."),
        StatusCodes.Status415UnsupportedMediaType => new RequestProblemException(
            StatusCodes.Status415UnsupportedMediaType, "content-type-unsupported", "Send JSON with Content-Type: application/json."),
        var status => new RequestProblemException(status, "status-" + status, "The request could not be served."),
    });
}
