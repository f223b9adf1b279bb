using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Telemetry;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Storage.Postgres;
using AssessmentFlow.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AssessmentFlow.Storage;

/// <summary>Adds the journal and its queries to a process.</summary>
public static class StorageServices
{
    /// <summary>Statements that Npgsql keeps prepared per connection (count): all of ours and those of Orleans.</summary>
    private const int PreparedMax = 80;

    /// <summary>
    /// Every statement finds its rows by an index, and its plan is made once: a plan made while a table was still
    /// empty must not read the whole table once it is not.
    /// </summary>
    private const string PlannerSettings = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_mergejoin=off -c enable_hashjoin=off -c jit=off";

    /// <summary>The pool of connections to PostgreSQL: one for the journal, the providers of Orleans and tracing alike.</summary>
    public static NpgsqlDataSource CreatePostgresSource(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConnectionStringBuilder.MaxAutoPrepare = PreparedMax;
        builder.ConnectionStringBuilder.AutoPrepareMinUsages = 2;
        builder.ConnectionStringBuilder.ApplicationName ??= "assessmentflow";

        // Nothing here leaves a setting behind on a connection: resetting it would be a transaction of its own before each use.
        builder.ConnectionStringBuilder.NoResetOnClose = true;
        builder.ConnectionStringBuilder.Options ??= PlannerSettings;

        // A statement is part of a trace and never begins one: those of turns that were left out would, and of all that looks for work.
        builder.ConfigureTracing(tracing => tracing
            .ConfigureCommandFilter(static _ => RuntimeActivity.IsRecorded)
            .ConfigureBatchFilter(static _ => RuntimeActivity.IsRecorded)
            .EnablePhysicalOpenTracing(false));
        return builder.Build();
    }

    /// <summary>Adds the ports of the runtime.</summary>
    /// <param name="services">The services of the process.</param>
    /// <param name="source">The pool of connections; null with SQLite.</param>
    public static IServiceCollection AddAssessmentFlowStorage(this IServiceCollection services, NpgsqlDataSource? source)
    {
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
            var lease = provider.GetRequiredService<IOptions<DeliveryOptions>>().Value.Lease;
            var silo = provider.GetRequiredService<ISiloName>().Name;
            return source is null
                ? (IJournalStore)new SqliteJournalStore(SqliteConnectionStrings.Of(options.SqlitePath), silo, lease, options.BatchMax)
                : new PostgresJournalStore(new PostgresConnections(source), silo, lease, options.BatchMax, options.Writers);
        });
        services.AddSingleton(provider => new TurnJournal(
            provider.GetRequiredService<IJournalStore>(), provider.GetRequiredService<IOptions<StorageOptions>>().Value));
        services.AddSingleton<ITurnJournal>(provider => provider.GetRequiredService<TurnJournal>());
        services.AddSingleton<IDeliveryStore>(provider => provider.GetRequiredService<TurnJournal>());
        services.AddSingleton<IJournalQueries>(provider => provider.GetRequiredService<TurnJournal>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<TurnJournal>());
        return services;
    }
}
