using System.Text.Json.Nodes;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>What Studio asks about the server before it shows a workflow. The names are Elsa's, because Studio writes them into definitions.</summary>
internal static class DescriptorEndpoints
{
    private const string Core = "Elsa.Workflows.ActivationValidators.AllowAlwaysStrategy, Elsa.Workflows.Core";

    private static readonly Setting[] ActivationStrategies =
    [
        new(Core, "Always", "A new instance may start at any time."),
        new(Validator("SingletonStrategy"), "Singleton", "Only while no other instance of this workflow runs."),
        new(Validator("CorrelationStrategy"), "Correlation", "Only while no instance of any workflow with the same correlation id runs."),
        new(Validator("CorrelatedSingletonStrategy"), "Correlated singleton", "Only while no instance of this workflow with the same correlation id runs."),
    ];

    private static readonly Setting[] IncidentStrategies =
    [
        new("Elsa.Workflows.IncidentStrategies.FaultStrategy, Elsa.Workflows.Core", "Fault", "A fault ends the instance; somebody can retry it."),
        new("Elsa.Workflows.IncidentStrategies.ContinueWithIncidentsStrategy, Elsa.Workflows.Core", "Continue with incidents", "Other branches go on; the incident waits for somebody."),
    ];

    private static readonly Setting[] LogStrategies =
    [
        new(Strategy("Inherit"), "Inherit", "As the workflow says."),
        new(Strategy("Include"), "Include", "The journal shows the values."),
        new(Strategy("Exclude"), "Exclude", "The journal leaves the values out."),
        new(Strategy("Configuration"), "Configuration", "As the server is set: values are shown."),
    ];

    private static readonly (string Type, string? Language, bool IsBrowsable)[] Expressions =
    [
        ("Literal", null, false), ("Object", "json", false), ("Json", "json", false), ("Variable", null, true), ("Input", null, true),
        ("JavaScript", "javascript", true), ("Liquid", "liquid", true),
    ];

    private static readonly (string Type, string Category, string Description)[] VariableTypes =
    [
        ("Object", "Primitives", "Any value."), ("String", "Primitives", "Text."), ("Boolean", "Primitives", "True or false."),
        ("Int32", "Primitives", "A whole number of 32 bits."), ("Long", "Primitives", "A whole number of 64 bits."), ("Single", "Primitives", "A floating-point number of 32 bits."),
        ("Double", "Primitives", "A floating-point number of 64 bits."), ("Decimal", "Primitives", "A decimal number."), ("Guid", "Primitives", "A unique identifier."),
        ("DateTime", "Primitives", "A date with a time of day."), ("DateTimeOffset", "Primitives", "An instant with its offset from UTC."), ("TimeSpan", "Primitives", "A length of time."),
        ("StringDictionary", "Lookups", "Texts by name."), ("ObjectDictionary", "Lookups", "Values by name."),
        ("JsonObject", "Dynamic", "A JSON object."), ("JsonElement", "Dynamic", "Any JSON value."),
    ];

    public static void MapDescriptors(this RouteGroupBuilder api)
    {
        api.MapGet("/descriptors/activities", static async (DescriptorList list, CancellationToken cancellationToken) => ElsaJson.Of(await list.ListAsync(cancellationToken)));
        api.MapGet("/descriptors/expression-descriptors", static () => ElsaJson.Of(ElsaJson.List(Expressions.Select(Show))));
        api.MapGet("/descriptors/workflow-activation-strategies", static () => Settings(ActivationStrategies));
        api.MapGet("/descriptors/incident-strategies", static () => Settings(IncidentStrategies));
        api.MapGet("/descriptors/log-persistence-strategies", static () => Settings(LogStrategies));
        api.MapGet("/descriptors/commit-strategies/workflows", static () => ElsaJson.Of(ElsaJson.List([])));
        api.MapGet("/descriptors/commit-strategies/activities", static () => ElsaJson.Of(ElsaJson.List([])));
        api.MapGet("/descriptors/variables", static () => ElsaJson.Of(new JsonObject { ["items"] = new JsonArray([.. VariableTypes.Select(Show)]) }));
        api.MapGet("/descriptors/storage-drivers", static () => ElsaJson.Of(new JsonObject { ["items"] = new JsonArray(StorageDriver()) }));
        api.MapGet("/descriptors/output-converters", static () => ElsaJson.Of(ElsaJson.List([])));
        api.MapPost("/descriptors/activities/{type}/options/{input}", static () => ElsaJson.Of(new JsonObject { ["items"] = new JsonObject() }));
        api.MapGet("/features/installed", static () => ElsaJson.Of(ElsaJson.List([Feature()])));
        api.MapGet("/package/version", static () => ElsaJson.Of(new JsonObject { ["packageVersion"] = Studio.StudioPackage.Version }));
    }

    private static string Validator(string name) => $"Elsa.Workflows.Runtime.ActivationValidators.{name}, Elsa.Workflows.Runtime";

    private static string Strategy(string name) => $"Elsa.Workflows.LogPersistence.Strategies.{name}, Elsa.Workflows.Core";

    private static IResult Settings(Setting[] settings) => ElsaJson.Of(ElsaJson.List(settings.Select(setting => (JsonNode)new JsonObject
    {
        ["typeName"] = setting.TypeName,
        ["displayName"] = setting.DisplayName,
        ["description"] = setting.Description,
    })));

    private static JsonNode Show((string Type, string? Language, bool IsBrowsable) expression) => new JsonObject
    {
        ["type"] = expression.Type,
        ["displayName"] = expression.Type,
        ["isSerializable"] = true,
        ["isBrowsable"] = expression.IsBrowsable,
        ["properties"] = expression.Language is null ? new JsonObject() : new JsonObject { ["MonacoLanguage"] = expression.Language },
    };

    private static JsonNode Show((string Type, string Category, string Description) type) => new JsonObject
    {
        ["typeName"] = type.Type,
        ["displayName"] = type.Type,
        ["category"] = type.Category,
        ["description"] = type.Description,
    };

    /// <summary>Instances are told of as they move; without it Studio would ask for them every few seconds.</summary>
    private static JsonObject Feature() => new JsonObject
    {
        ["name"] = "RealTimeWorkflowUpdates",
        ["namespace"] = "Elsa",
        ["fullName"] = "Elsa.RealTimeWorkflowUpdates",
        ["displayName"] = "Live updates",
        ["description"] = "Whoever looks at an instance sees it move.",
    };

    /// <summary>Variables lie in the state of the instance; there is nowhere else to put them.</summary>
    private static JsonObject StorageDriver() => new JsonObject
    {
        ["typeName"] = "Elsa.Workflows.WorkflowInstanceStorageDriver, Elsa.Workflows.Core",
        ["displayName"] = "Workflow instance",
        ["priority"] = 5,
        ["deprecated"] = false,
    };

    /// <summary>A setting that Studio offers and writes back by its type name.</summary>
    private sealed record Setting(string TypeName, string DisplayName, string Description);
}
