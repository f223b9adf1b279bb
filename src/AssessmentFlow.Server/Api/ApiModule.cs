using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Hosting;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>The REST interface.</summary>
internal static class ApiModule
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddOpenApi("v1", ApiDocument.Configure);
        services.AddExceptionHandler<ProblemWriter>();
        services.AddProblemDetails();
        services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(ApiSchemas.Configure);
        services.AddSingleton<ApiClients>();
        services.AddSingleton<CaseAccess>();
        services.AddSingleton<WorkflowEndpoints>();
        services.AddHealthChecks().AddCheck<ReadinessCheck>("ready");
        return services;
    }

    public static void MapApi(this IEndpointRouteBuilder app) => app.MapGroup("/api/v1")
        .MapWorkflowDefinitions()
        .MapTriggers()
        .MapAssessments()
        .MapItems()
        .MapReviews()
        .MapTasks()
        .MapSilences()
        .MapCirculations()
        .MapInstances()
        .MapReference();
}
