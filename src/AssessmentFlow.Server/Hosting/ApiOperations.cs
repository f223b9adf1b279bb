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
                DescribeSuccess(success, status, metadata);
            }
        }

        if (HttpMethods.IsGet(method) && FormOf(metadata, "200") is { } form && HasVersion(form))
        {
            operation.Parameters.Add(Header("If-None-Match", isRequired: false, "The ETag of the thing as last seen: while it is the same, nothing is sent."));
            operation.Responses["304"] = new OpenApiResponse { Description = "The thing is as it was last seen." };
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
        }

        if (Has<NeedsIfMatch>(metadata) || Has<TakesIfMatch>(metadata))
        {
            yield return StatusCodes.Status412PreconditionFailed;
        }

        if (Has<NeedsIfMatch>(metadata))
        {
            yield return StatusCodes.Status428PreconditionRequired;
        }

        yield return StatusCodes.Status429TooManyRequests;
        yield return StatusCodes.Status503ServiceUnavailable;
    }

    private static void DescribeSuccess(OpenApiResponse answer, string status, IList<object> metadata)
    {
        var form = FormOf(metadata, status);
        if (ApiSchemas.IsFree(form))
        {
            answer.Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [Json] = new() { Schema = ApiSchemas.Free("A workflow definition in the JSON form of Elsa 3.") } };
        }

        answer.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
        if (Has<GivesEtag>(metadata) || (form is not null && HasVersion(form)))
        {
            answer.Headers["ETag"] = Text("Version of the thing, for If-Match.");
        }

        if (status is "201" && form != typeof(ImportedWorkflowAnswer))
        {
            answer.Headers["Location"] = Text("Where the new thing is.");
        }
    }

    private static Type? FormOf(IList<object> metadata, string status) =>
        metadata.OfType<IProducesResponseTypeMetadata>().FirstOrDefault(answer => answer.StatusCode.ToString(CultureInfo.InvariantCulture) == status)?.Type;

    private static bool HasVersion(Type form) => form.GetProperty("Version") is not null;

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
            StatusCodes.Status429TooManyRequests => "More is under way or waits to be written than the server takes at once: send it again after Retry-After.",
            _ => "The server cannot answer just now: send it again after Retry-After.",
        },
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
        {
            [ProblemJson] = new() { Schema = new OpenApiSchemaReference(ApiSchemas.Problem, document) },
        },
        Headers = status switch
        {
            StatusCodes.Status401Unauthorized => new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal) { ["WWW-Authenticate"] = Text("ApiKey.") },
            StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable => new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal) { ["Retry-After"] = Text("After how many seconds to send it again.") },
            _ => null,
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
