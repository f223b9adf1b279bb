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
        else if (context.JsonTypeInfo.Properties.Any(property => property.IsExtensionData))
        {
            schema.AdditionalProperties = new OpenApiSchema();
        }

        return Task.CompletedTask;
    }

    /// <summary>What a body is of which only its reader knows the form: a JSON object.</summary>
    public static bool IsFree(Type? type) => type == typeof(JsonElement);

    public static OpenApiSchema Free(string description) => new() { Type = JsonSchemaType.Object, Description = description };
}
