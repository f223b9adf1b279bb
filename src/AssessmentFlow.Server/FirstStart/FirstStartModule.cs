using AssessmentFlow.Server.Hosting;

namespace AssessmentFlow.Server.FirstStart;

/// <summary>What an installation needs before people can work.</summary>
internal static class FirstStartModule
{
    /// <param name="services">The services.</param>
    /// <param name="dataPath">Folder of the files that the installation makes.</param>
    public static IServiceCollection AddFirstStart(this IServiceCollection services, string dataPath)
    {
        services.AddSingleton(new DataFolder(dataPath));
        services.AddOptions<FirstStartOptions>().BindConfiguration(FirstStartOptions.Section);
        services.AddOptions<KeyOptions>().BindConfiguration(KeyOptions.Section);
        services.AddSingleton<Readiness>();
        services.AddSingleton<KeyFile>();
        services.AddSingleton<SampleCase>();
        services.AddHostedService<FirstStartService>();
        return services;
    }
}
