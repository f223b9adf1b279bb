using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Cases;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using NodaTime;

namespace AssessmentFlow.Server.Hosting;

/// <summary>
/// The forms of bodies in the OpenAPI document. Bodies are read by contexts of their own; the options of the framework
/// serve only to describe them, and are set to say the same.
/// </summary>
internal static class ApiSchemas
{
    public const string Problem = "Problem";
    public const string Page = "Page";

    public static void Configure(JsonOptions options)
    {
        options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        options.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        options.SerializerOptions.Converters.Add(new LocalDateConverter());
    }

    /// <summary>Says of a type what its converter does not: a converter writes whatever it likes.</summary>
    public static Task CompleteAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
        }
        else if (type == typeof(LocalDate))
        {
            schema.Type = JsonSchemaType.String;
            schema.Format = "date";
        }

        return Task.CompletedTask;
    }

    /// <summary>What a body is of which only its reader knows the form: a JSON object.</summary>
    public static bool IsFree(Type? type) => type == typeof(JsonElement);

    public static OpenApiSchema Free(string description) => new() { Type = JsonSchemaType.Object, Description = description };

    /// <summary>A page of a list.</summary>
    public static OpenApiSchema OfPage() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "A page of a list.",
        Required = new HashSet<string>(StringComparer.Ordinal) { "items", "next" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["items"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object } },
            ["next"] = new OpenApiSchema { Description = "Where the next page begins; null at the end." },
        },
    };
}
