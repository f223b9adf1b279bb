namespace AssessmentFlow.Server.Hosting;

/// <summary>How long stopping may take.</summary>
internal static class Shutdown
{
    /// <summary>
    /// Longest that a process may take to answer what it has begun, hand its entities over and write what is queued.
    /// It is what .NET takes by default, said here because whoever kills processes has to wait longer than this.
    /// </summary>
    public static readonly TimeSpan TimeoutMax = TimeSpan.FromSeconds(30);

    public static void AddShutdown(this IServiceCollection services) => services
        .Configure<HostOptions>(options => options.ShutdownTimeout = TimeoutMax)
        .AddHostedService<Drain>();
}
