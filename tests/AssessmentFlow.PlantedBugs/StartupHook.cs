using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using AssessmentFlow.PlantedBugs;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

/// <summary>
/// Plants a mistake in a server that is started with <c>DOTNET_STARTUP_HOOKS</c> set to this assembly: its services are
/// changed right before its host is built, in the way in which test hosts do it. The server itself knows nothing of it.
/// </summary>
[SuppressMessage("Design", "MA0047:Declare types in namespaces", Justification = "The runtime looks for a class of this name outside any namespace.")]
internal static class StartupHook
{
    /// <summary>Environment variable with the name of the mistake.</summary>
    public const string Variable = "ASSESSMENTFLOW_PLANTED_BUG";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } name)
        {
            DiagnosticListener.AllListeners.Subscribe(new Listeners(name));
        }
    }

    private sealed class Listeners(string name) : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name is "Microsoft.Extensions.Hosting")
            {
                value.Subscribe(new Building(name));
            }
        }

        public void OnCompleted()
        {
            // Nothing is held that would have to go.
        }

        public void OnError(Exception error)
        {
            // The listeners of the runtime have no errors.
        }
    }

    private sealed class Building(string name) : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilding", Value: IHostBuilder host })
            {
                host.ConfigureServices((_, services) => Change(services, name));
            }
        }

        public void OnCompleted()
        {
            // Nothing is held that would have to go.
        }

        public void OnError(Exception error)
        {
            // The events of the runtime have no errors.
        }

        private static void Change(IServiceCollection services, string name)
        {
            var journal = services.Last(service => service.ServiceType == typeof(ITurnJournal)).ImplementationFactory!;
            services.AddSingleton(provider => Plant.Named(name, (ITurnJournal)journal(provider)));
        }
    }
}
