using AssessmentFlow.Server.Problems;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace AssessmentFlow.Server.Hosting;

/// <summary>Completes the OpenAPI document: what every operation has in common, the key, the form of problems and pages.</summary>
internal static class ApiDocument
{
    private const string KeyScheme = "ApiKey";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer(static (document, context, cancellationToken) => DescribeAsync(document, context, cancellationToken));
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            ApiOperations.Describe(operation, context);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer(ApiSchemas.CompleteAsync);
    }

    private static async Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "AssessmentFlow";
        document.Info.Version = "v1";
        document.Info.Description = "Country assessments, from request to circulation and follow-up.";
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        document.Components.Schemas[ApiSchemas.Problem] = await context.GetOrCreateSchemaAsync(typeof(ProblemDocument), parameterDescription: null, cancellationToken);
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [KeyScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "Authorization",
                Description = "ApiKey followed by a space and the key.",
            },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, document)] = [] }];
    }
}
