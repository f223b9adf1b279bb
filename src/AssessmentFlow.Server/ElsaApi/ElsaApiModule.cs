namespace AssessmentFlow.Server.ElsaApi;

/// <summary>
/// What Elsa Studio 3.8 calls, in the shapes that it reads. Everything here is done by the same catalogue and the same
/// commands as in our own interface; what Studio does not ask for is not here.
/// </summary>
internal static class ElsaApiModule
{
    /// <summary>Path below which Studio expects its server.</summary>
    public const string Base = "/elsa";

    /// <summary>Path of the interface. Studio joins it with a slash of its own.</summary>
    public const string ApiBase = Base + "/api";

    /// <summary>The one route that needs no key: it takes one.</summary>
    public const string LoginPath = ApiBase + "/identity/login";

    public static IServiceCollection AddElsaApi(this IServiceCollection services)
    {
        services.AddSignalR();
        services.AddHostedService<InstanceNews>();
        return services
            .AddSingleton<InstanceObservers>()
            .AddSingleton<UsableWorkflows>()
            .AddSingleton<ConsumingWorkflows>()
            .AddSingleton<InputChoices>()
            .AddSingleton<DescriptorList>()
            .AddSingleton<DefinitionAnswers>()
            .AddSingleton<DefinitionWriting>()
            .AddSingleton<WatchedInstances>();
    }

    public static void MapElsaApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup(ApiBase).ExcludeFromDescription().AddEndpointFilter(ElsaProblems.FilterAsync);
        api.MapLogin();
        api.MapDescriptors();
        api.MapDefinitions();
        api.MapDefinitionCommands();
        api.MapDefinitionFiles();
        api.MapInstanceReading();
        api.MapInstanceCommands();
        api.MapScriptTypes();
        api.MapActivityTrial();
        api.MapSubgraphs();
        app.MapLiveInstances();
    }
}
