using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Http;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Timers;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime;

/// <summary>Adds the runtime to a silo. The storage ports are added by whoever composes the process.</summary>
public static class RuntimeServices
{
    /// <summary>Name of the grain storage that holds reference data.</summary>
    public const string ReferenceStorage = ReferenceSetGrain.Storage;

    /// <summary>Adds grains, catalogue, outbox and timers.</summary>
    public static IServiceCollection AddAssessmentFlowRuntime(this IServiceCollection services)
    {
        services.AddOptions<DeliveryOptions>().BindConfiguration(DeliveryOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DeliveryOptions>, DeliveryOptionsValidator>();
        services.AddOptions<WorkflowOptions>().BindConfiguration(WorkflowOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WorkflowOptions>, WorkflowOptionsValidator>();
        services.AddOptions<HttpOptions>().BindConfiguration(HttpOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HttpOptions>, HttpOptionsValidator>();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(AssessmentActivities.Catalog);
        services.AddSingleton<WorkflowCatalogue>();
        services.AddSingleton<IWorkflowCatalogue>(provider => provider.GetRequiredService<WorkflowCatalogue>());
        services.AddSingleton<IDefinitionContents>(provider => provider.GetRequiredService<WorkflowCatalogue>());
        services.AddSingleton<IReferenceData, ReferenceData>();
        services.AddSingleton<IEntities, ClusterEntities>();
        services.AddSingleton<EntityServices>();
        services.AddSingleton<InstanceKind>();
        services.AddSingleton<AssessmentKind>();
        services.AddSingleton<ReviewKind>();
        services.AddSingleton<SignalKind>();
        services.AddSingleton<TriggerSetKind>();
        services.AddSingleton<TriggerRegistration>();
        services.AddSingleton<TriggerStarts>();
        services.AddSingleton<HttpCaller>();
        services.AddSingleton<HttpDelivery>();
        services.AddSingleton<MessageDelivery>();
        services.AddSingleton<LivingSilos>();
        services.AddSingleton<ILivingSilos>(provider => provider.GetRequiredService<LivingSilos>());
        services.AddSingleton<ISiloName>(provider => provider.GetRequiredService<LivingSilos>());
        services.AddSingleton<TimerPump>();
        services.AddSingleton<OutboxPump>();
        services.AddSingleton<IOutbox>(provider => provider.GetRequiredService<OutboxPump>());
        return services;
    }

    /// <summary>Starts the pumps. Added after the silo, so that they start after it and stop before it.</summary>
    public static IServiceCollection AddAssessmentFlowPumps(this IServiceCollection services)
    {
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<TimerPump>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<OutboxPump>());
        return services;
    }
}

/// <summary>Living silos, from the cluster's membership.</summary>
internal sealed class LivingSilos(ISiloStatusOracle oracle, ILocalSiloDetails own) : ILivingSilos, ISiloName
{
    public string Name { get; } = own.SiloAddress.ToParsableString();

    public IReadOnlyCollection<string> Names() => [.. oracle.GetActiveSilos().Select(silo => silo.ToParsableString())];
}
