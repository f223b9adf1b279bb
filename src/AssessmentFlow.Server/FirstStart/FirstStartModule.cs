using AssessmentFlow.Server.Hosting;

namespace AssessmentFlow.Server.FirstStart;

/// <summary>What an installation needs before people can work.</summary>
internal static class FirstStartModule
{
    public static IServiceCollection AddFirstStart(this IServiceCollection services)
    {
        services.AddOptions<FirstStartOptions>().BindConfiguration(FirstStartOptions.Section);
        services.AddSingleton<Readiness>();
        services.AddSingleton<KeyFile>();
        services.AddSingleton<SampleCase>();
        services.AddHostedService<FirstStartService>();
        return services;
    }
}
