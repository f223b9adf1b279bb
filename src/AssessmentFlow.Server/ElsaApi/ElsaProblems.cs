using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>
/// How Studio is told that something cannot be done. It shows a text only when the status is 400 and the texts lie under
/// <c>errors</c>; anything else it takes for a failure of its own.
/// </summary>
internal static class ElsaProblems
{
    private const string MediaType = "application/problem+json";

    /// <summary>Turns refusals of the endpoints below into the form that Studio reads.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RequestProblemException problem) when (problem.Status < StatusCodes.Status500InternalServerError)
        {
            return problem.Status is StatusCodes.Status404NotFound
                ? TypedResults.NotFound()
                : Answer(
                    problem.Status is StatusCodes.Status403Forbidden or StatusCodes.Status413PayloadTooLarge or StatusCodes.Status415UnsupportedMediaType ? problem.Status : StatusCodes.Status400BadRequest,
                    TextsOf(problem));
        }
    }

    /// <summary>What is shown of a refusal: each thing that is wrong, or else the refusal itself.</summary>
    public static IEnumerable<string> TextsOf(RequestProblemException problem) =>
        problem.Errors.Count is 0 ? [problem.Message] : problem.Errors.Select(error => error.Detail);

    /// <summary>A refusal that Studio shows.</summary>
    public static RequestProblemException Refuse(string code, string detail) => new(StatusCodes.Status400BadRequest, code, detail);

    /// <summary>What is wrong with a definition.</summary>
    /// <param name="problems">All of it.</param>
    /// <param name="consequence">What was not done therefore.</param>
    public static RequestProblemException Unsound(IReadOnlyCollection<DefinitionProblem> problems, string consequence) => new(
        StatusCodes.Status400BadRequest,
        "definition-unsound",
        consequence,
        [
            new ProblemItem("$", "definition-unsound", consequence),
            .. problems.Select(problem => new ProblemItem(
                problem.Path, problem.Code, problem.Activity is null ? $"{problem.Message} ({problem.Path})" : $"{problem.Activity}: {problem.Message}")),
        ]);

    private static IResult Answer(int status, IEnumerable<string> texts) => ElsaJson.Of(
        new JsonObject
        {
            ["statusCode"] = status,
            ["message"] = "The request was refused.",
            ["errors"] = new JsonObject { ["generalErrors"] = new JsonArray([.. texts.Select(text => (JsonNode)text)]) },
        },
        status,
        MediaType);
}
