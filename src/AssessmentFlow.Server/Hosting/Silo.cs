using System.Net;
using System.Net.Sockets;
using AssessmentFlow.Runtime;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Sqlite;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Storage;

namespace AssessmentFlow.Server.Hosting;

/// <summary>The silo: membership, reference storage and reminders on the same database as the journal.</summary>
internal static class Silo
{
    private const string PostgresInvariant = "Npgsql";
    private const string SqliteInvariant = "System.Data.SQLite";

    public static void AddSilo(this WebApplicationBuilder builder, StorageOptions storage, ClusterOptions cluster, NpgsqlDataSource? source) =>
        builder.Host.UseOrleans(silo =>
        {
            silo.Configure<Orleans.Configuration.ClusterOptions>(options =>
            {
                options.ClusterId = cluster.Name;
                options.ServiceId = cluster.Name;
            });
            silo.Configure<GrainCollectionOptions>(options => options.CollectionAge = cluster.IdleAge);
            if (Telemetry.IsExported(builder.Configuration))
            {
                silo.AddActivityPropagation();
            }

            AddMembership(silo, cluster, source);
            AddReferenceStorage(silo, storage, source);
        });

    private static void AddMembership(ISiloBuilder silo, ClusterOptions cluster, NpgsqlDataSource? source)
    {
        var port = cluster.SiloPort is 0 ? FreePort() : cluster.SiloPort;
        if (source is null)
        {
            // One file has one process: membership needs no database.
            silo.UseLocalhostClustering(port, gatewayPort: 0, serviceId: cluster.Name, clusterId: cluster.Name);
            return;
        }

        silo.UseAdoNetClustering(options =>
        {
            options.Invariant = PostgresInvariant;
            options.DataSource = source;
        });
        silo.Configure<EndpointOptions>(options =>
        {
            options.SiloPort = port;
            options.GatewayPort = 0;
            options.AdvertisedIPAddress = cluster.AdvertisedAddress.Length > 0 ? IPAddress.Parse(cluster.AdvertisedAddress) : IPAddress.Loopback;
        });
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            // A small cluster must not wait for a second witness; a starved silo must not be voted dead by one lost probe.
            options.NumVotesForDeathDeclaration = 1;
            options.ProbeTimeout = TimeSpan.FromSeconds(2);
            options.NumMissedProbesLimit = 3;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);

            // A process that starts waits for every process that was alive lately: after a crash of all of them, whoever
            // comes back under another address must not wait longer than this for the dead.
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            options.NumMissedTableIAmAliveLimit = 3;
        });
    }

    private static void AddReferenceStorage(ISiloBuilder silo, StorageOptions storage, NpgsqlDataSource? source)
    {
        silo.Services.AddSingleton<IGrainStorageSerializer, SystemTextJsonGrainStorageSerializer>();
        silo.AddAdoNetGrainStorage(RuntimeServices.ReferenceStorage, (OptionsBuilder<AdoNetGrainStorageOptions> builder) =>
            builder.Configure<IGrainStorageSerializer>((options, serializer) =>
            {
                options.Invariant = source is null ? SqliteInvariant : PostgresInvariant;
                options.ConnectionString = source is null ? SqliteConnectionStrings.Of(storage.SqlitePath) : null!;
                options.DataSource = source;
                options.GrainStorageSerializer = serializer;
            }));
        silo.UseAdoNetReminderService(options =>
        {
            options.Invariant = source is null ? SqliteInvariant : PostgresInvariant;
            options.ConnectionString = source is null ? SqliteConnectionStrings.Of(storage.SqlitePath) : null!;
            options.DataSource = source;
        });
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
