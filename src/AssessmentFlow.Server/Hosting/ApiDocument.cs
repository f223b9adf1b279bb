using AssessmentFlow.Server.Api;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace AssessmentFlow.Server.Hosting;

/// <summary>Completes the OpenAPI document: headers that every change needs, problems that every route may give, the key.</summary>
internal static class ApiDocument
{
    private const string KeyScheme = "ApiKey";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "AssessmentFlow";
            document.Info.Version = "v1";
            document.Info.Description = "Country assessments, from request to circulation and follow-up.";
            document.Components ??= new OpenApiComponents();
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
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.Parameters ??= [];
            if (string.Equals(context.Description.HttpMethod, "POST", StringComparison.OrdinalIgnoreCase))
            {
                operation.Parameters.Add(Header("Idempotency-Key", isRequired: true, "A new UUID per request; a repeat with the same key and body is answered, not done again."));
            }

            if (metadata.OfType<NeedsIfMatch>().Any())
            {
                operation.Parameters.Add(Header("If-Match", isRequired: true, "The ETag of what is changed as last seen, or *."));
            }

            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse { Description = "A problem (RFC 9457): what is wrong, where, and how to mend it." };
            return Task.CompletedTask;
        });
    }

    private static OpenApiParameter Header(string name, bool isRequired, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Required = isRequired,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
