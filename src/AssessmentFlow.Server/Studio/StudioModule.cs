namespace AssessmentFlow.Server.Studio;

/// <summary>Elsa Studio on our own pages.</summary>
internal static class StudioModule
{
    /// <summary>Path below which everything of Studio is served.</summary>
    public const string Base = "/studio";

    public static IServiceCollection AddStudio(this IServiceCollection services) => services.AddSingleton<StudioPackage>();

    public static void MapStudio(this IEndpointRouteBuilder app) => app.MapPages();
}
