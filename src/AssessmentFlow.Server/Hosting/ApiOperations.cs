using System.Globalization;
using AssessmentFlow.Server.Api;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace AssessmentFlow.Server.Hosting;

/// <summary>Describes what an operation takes in headers and what it answers, from what its route says of itself.</summary>
internal static class ApiOperations
{
    private const string Json = "application/json";
    private const string ProblemJson = "application/problem+json";

    public static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var method = context.Description.HttpMethod ?? "";
        operation.Parameters ??= [];
        operation.Responses ??= [];
        if (HttpMethods.IsPost(method))
        {
            operation.Parameters.Add(Header("Idempotency-Key", isRequired: true, "A new UUID per request; a repeat with the same key and body is answered, not done again."));
        }

        if (Has<NeedsIfMatch>(metadata) || Has<TakesIfMatch>(metadata))
        {
            operation.Parameters.Add(Header("If-Match", Has<NeedsIfMatch>(metadata), "The ETag of what is changed as last seen, or *."));
        }

        if (ApiSchemas.IsFree(metadata.OfType<IAcceptsMetadata>().FirstOrDefault()?.RequestType) && operation.RequestBody?.Content is { } content)
        {
            content[Json] = new OpenApiMediaType { Schema = ApiSchemas.Free("A workflow definition in the JSON form of Elsa 3.") };
        }

        foreach (var (status, answer) in operation.Responses)
        {
            if (answer is OpenApiResponse success)
            {
                DescribeSuccess(success, status, Has<GivesPage>(metadata), context.Document);
            }
        }

        foreach (var status in Problems(operation, method, metadata).Except(metadata.OfType<NeverAnswers>().SelectMany(never => never.Statuses)))
        {
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = Problem(status, context.Document);
        }
    }

    private static IEnumerable<int> Problems(OpenApiOperation operation, string method, IList<object> metadata)
    {
        var isCommand = !HttpMethods.IsGet(method);
        if (isCommand || operation.Parameters!.Any(parameter => parameter.In is ParameterLocation.Query))
        {
            yield return StatusCodes.Status400BadRequest;
        }

        yield return StatusCodes.Status401Unauthorized;
        yield return StatusCodes.Status403Forbidden;
        if (operation.Parameters!.Any(parameter => parameter.In is ParameterLocation.Path))
        {
            yield return StatusCodes.Status404NotFound;
        }

        if (isCommand)
        {
            yield return StatusCodes.Status409Conflict;
            yield return StatusCodes.Status413PayloadTooLarge;
            yield return StatusCodes.Status415UnsupportedMediaType;
            yield return StatusCodes.Status422UnprocessableEntity;
            yield return StatusCodes.Status429TooManyRequests;
        }

        if (Has<NeedsIfMatch>(metadata) || Has<TakesIfMatch>(metadata))
        {
            yield return StatusCodes.Status412PreconditionFailed;
        }

        if (Has<NeedsIfMatch>(metadata))
        {
            yield return StatusCodes.Status428PreconditionRequired;
        }

        yield return StatusCodes.Status503ServiceUnavailable;
    }

    private static void DescribeSuccess(OpenApiResponse answer, string status, bool isPage, OpenApiDocument? document)
    {
        answer.Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
        {
            [Json] = new() { Schema = isPage ? new OpenApiSchemaReference(ApiSchemas.Page, document) : ApiSchemas.Free("The thing as it now is.") },
        };
        answer.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
        if (!isPage)
        {
            answer.Headers["ETag"] = Text("Version of the thing, for If-Match.");
        }

        if (status is "201")
        {
            answer.Headers["Location"] = Text("Where the new thing is.");
        }
    }

    private static OpenApiHeader Text(string description) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static OpenApiResponse Problem(int status, OpenApiDocument? document) => new()
    {
        Description = status switch
        {
            StatusCodes.Status400BadRequest => "The request cannot be read: its body, a parameter or a header.",
            StatusCodes.Status401Unauthorized => "There is no key, or it does not work from there.",
            StatusCodes.Status403Forbidden => "The roles of the client do not allow it.",
            StatusCodes.Status404NotFound => "There is no such thing, or it is not for this client to see.",
            StatusCodes.Status409Conflict => "It cannot be done as things stand.",
            StatusCodes.Status412PreconditionFailed => "The thing has changed since the version in If-Match.",
            StatusCodes.Status413PayloadTooLarge => "The body is too large.",
            StatusCodes.Status415UnsupportedMediaType => "The body is not JSON.",
            StatusCodes.Status422UnprocessableEntity => "What the body says is not sound, or its Idempotency-Key was used for another request.",
            StatusCodes.Status428PreconditionRequired => "If-Match is missing.",
            StatusCodes.Status429TooManyRequests => "Too much waits to be written: send it again after Retry-After.",
            _ => "The server cannot answer just now: send it again after Retry-After.",
        },
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
        {
            [ProblemJson] = new() { Schema = new OpenApiSchemaReference(ApiSchemas.Problem, document) },
        },
    };

    private static OpenApiParameter Header(string name, bool isRequired, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Required = isRequired,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static bool Has<T>(IEnumerable<object> metadata) => metadata.OfType<T>().Any();
}
