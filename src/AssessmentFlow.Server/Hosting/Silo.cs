using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using AssessmentFlow.Runtime;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;

namespace AssessmentFlow.Server.Hosting;

/// <summary>The silo: membership, reference storage and reminders on the same database as the journal.</summary>
internal static class Silo
{
    public static void AddSilo(this WebApplicationBuilder builder, ClusterOptions cluster, SiloDatabase database) =>
        builder.Host.UseOrleans(silo =>
        {
            silo.Configure<Orleans.Configuration.ClusterOptions>(options =>
            {
                options.ClusterId = cluster.Name;
                options.ServiceId = cluster.Name;
            });
            silo.Configure<GrainCollectionOptions>(options => options.CollectionAge = cluster.IdleAge);
            // What goes wrong on the silo of an entity is told as it is on the silo of the caller, with its causes.
            silo.Services.Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.UnionWith([nameof(AssessmentFlow), nameof(Npgsql)]));
            AddMembership(silo, cluster, database);
            AddReferenceStorage(silo, database);
        });

    private static void AddMembership(ISiloBuilder silo, ClusterOptions cluster, SiloDatabase database)
    {
        var port = cluster.SiloPort is 0 ? FreePort() : cluster.SiloPort;
        if (database.Source is not { } source)
        {
            // One file has one process: membership needs no database.
            silo.UseLocalhostClustering(port, gatewayPort: 0, serviceId: cluster.Name, clusterId: cluster.Name);
            return;
        }

        silo.UseAdoNetClustering(options =>
        {
            options.Invariant = database.Invariant;
            options.DataSource = source;
        });
        silo.Configure<EndpointOptions>(options =>
        {
            options.SiloPort = port;
            options.GatewayPort = 0;
            var isOneMachine = cluster.AdvertisedAddress.Length is 0;
            options.AdvertisedIPAddress = isOneMachine ? IPAddress.Loopback : IPAddress.Parse(cluster.AdvertisedAddress);
            var all = options.AdvertisedIPAddress.AddressFamily is AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
            options.SiloListeningEndpoint = cluster.ListeningPort is 0 ? null : new IPEndPoint(isOneMachine ? IPAddress.Loopback : all, cluster.ListeningPort);
        });
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            // A small cluster must not wait for a second witness; a starved silo must not be voted dead by one lost probe.
            options.NumVotesForDeathDeclaration = 1;
            options.ProbeTimeout = TimeSpan.FromSeconds(2);
            options.NumMissedProbesLimit = 3;

            // Nobody votes against a process heard of within this times the limit above. Unset, it grows to four probe
            // timeouts, and a process that stands still holds up what lives on it for 24 s instead of 6.
            options.MaxProbeTimeout = options.ProbeTimeout;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);

            // A process that starts waits for every process that was alive lately: after a crash of all of them, whoever
            // comes back under another address must not wait longer than this for the dead.
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            options.NumMissedTableIAmAliveLimit = 3;
        });
    }

    private static void AddReferenceStorage(ISiloBuilder silo, SiloDatabase database)
    {
        silo.Services.AddSingleton<IGrainStorageSerializer, SystemTextJsonGrainStorageSerializer>();
        silo.AddAdoNetGrainStorage(RuntimeServices.ReferenceStorage, (OptionsBuilder<AdoNetGrainStorageOptions> builder) =>
            builder.Configure<IGrainStorageSerializer>((options, serializer) =>
            {
                options.Invariant = database.Invariant;
                options.ConnectionString = database.ConnectionString!;
                options.DataSource = database.Source;
                options.GrainStorageSerializer = serializer;
            }));
        silo.UseAdoNetReminderService(options =>
        {
            options.Invariant = database.Invariant;
            options.ConnectionString = database.ConnectionString!;
            options.DataSource = database.Source;
        });
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>The database that a silo shares with the journal.</summary>
/// <param name="Invariant">Name by which Orleans knows the provider.</param>
/// <param name="ConnectionString">How to reach it; null when a source does.</param>
/// <param name="Source">Pooled connections; null for a file that one process has for itself.</param>
internal sealed record SiloDatabase(string Invariant, string? ConnectionString, DbDataSource? Source)
{
    public static SiloDatabase OfFile(string connectionString) => new("System.Data.SQLite", connectionString, Source: null);

    public static SiloDatabase OfServer(DbDataSource source) => new("Npgsql", ConnectionString: null, source);
}
