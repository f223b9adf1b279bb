using System.Net;
using System.Text.RegularExpressions;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Server.FirstStart;
using AssessmentFlow.Server.Hosting;
using AssessmentFlow.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>The files under k8s/ and the image name what the server really has.</summary>
public sealed partial class KubernetesTests
{
    /// <summary>Read by the .NET runtime, not by our programs.</summary>
    internal static readonly string[] RuntimeVariables = ["DOTNET_EnableDiagnostics"];

    private static readonly Manifest Base = Manifest.Read(Manifest.BaseDeployment);

    public static TheoryData<string> Deployments => [Manifest.BaseDeployment, Manifest.DevDeployment, Manifest.ProductionDeployment];

    public static TheoryData<string> Overlays => [Manifest.DevDeployment, Manifest.ProductionDeployment];

    [Theory]
    [MemberData(nameof(Deployments))]
    public void Every_environment_variable_is_a_setting_that_the_server_reads(string file)
    {
        var settings = new ConfigurationBuilder().AddJsonFile(RepositoryFiles.PathOf("src/AssessmentFlow.Server/appsettings.json")).Build();
        foreach (var name in Manifest.Read(file).Environment.Select(variable => variable.Text("name")))
        {
            Assert.True(
                ServerSettingNames.Defaults.ContainsKey(name.Replace("__", ":", StringComparison.Ordinal)) || settings[name] is not null || RuntimeVariables.Contains(name),
                $"{file} sets {name}, which nothing reads.");
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void The_server_takes_the_values_of_every_overlay(string file)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(Settings(Base).Concat(Settings(Manifest.Read(file)))).Build();

        Check(new StorageOptionsValidator(), settings.GetSection(StorageOptions.Section).Get<StorageOptions>()!);
        Check(new ClusterOptionsValidator(), settings.GetSection(ClusterOptions.Section).Get<ClusterOptions>()!);
        Check(new DoorOptionsValidator(), settings.GetSection(DoorOptions.Section).Get<DoorOptions>() ?? new DoorOptions());
        Check(new DeliveryOptionsValidator(), settings.GetSection(DeliveryOptions.Section).Get<DeliveryOptions>() ?? new DeliveryOptions());
        _ = settings.GetSection(FirstStartOptions.Section).Get<FirstStartOptions>();
    }

    [Fact]
    public void Probes_ask_where_the_server_answers()
    {
        Assert.Equal(
            (HealthRoutes.Live, HealthRoutes.Live, HealthRoutes.Ready),
            (Base.InContainer("startupProbe.httpGet.path"), Base.InContainer("livenessProbe.httpGet.path"), Base.InContainer("readinessProbe.httpGet.path")));
        foreach (var probe in new[] { "startupProbe", "livenessProbe", "readinessProbe" })
        {
            Assert.Equal("http", Base.InContainer($"{probe}.httpGet.port"));
        }
    }

    [Fact]
    public void The_server_listens_on_the_ports_that_everybody_names()
    {
        var address = Base.EnvironmentValue("Urls")!;
        var http = Base.PortNamed("http");
        var silo = Base.PortNamed("silo");

        Assert.Equal($"http://*:{http}", address);
        Assert.Equal(silo.ToString(), Base.EnvironmentValue("Cluster__SiloPort"));
        var service = Manifest.Read(Manifest.Service);
        Assert.Equal("http", service.Text("spec.ports[0].targetPort"));
        Assert.Contains($"port-forward service/{service.Text("metadata.name")} 5080:{service.Number("spec.ports[0].port")}\n", RepositoryFiles.Read("docs/operations.md"), StringComparison.Ordinal);
        var policy = Manifest.Read(Manifest.NetworkPolicy);
        Assert.Equal((http, silo), (policy.Number("spec.ingress[0].ports[0].port"), policy.Number("spec.ingress[1].ports[0].port")));

        var image = RepositoryFiles.Read("Dockerfile");
        Assert.Contains($"Urls={address} ", image, StringComparison.Ordinal);
        Assert.Contains($"EXPOSE {http}\n", image, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_pods_of_the_installation_reach_the_port_between_processes()
    {
        var policy = Manifest.Read(Manifest.NetworkPolicy);

        Assert.Equal(Base.Pairs("spec.template.metadata.labels"), policy.Pairs("spec.ingress[1].from[0].podSelector.matchLabels"));
        Assert.Equal(2, policy.List("spec.ingress").Count);
    }

    [Fact]
    public void Pods_tell_each_other_the_address_of_the_pod()
    {
        var variable = Base.Environment.Single(variable => variable.Text("name") == "Cluster__AdvertisedAddress");

        Assert.Equal("status.podIP", variable.Text("valueFrom.fieldRef.fieldPath"));
    }

    /// <summary>A Service may send requests for seconds after a pod began to stop; the pause, or the server's own, outlasts that.</summary>
    [Fact]
    public void A_pod_answers_until_its_Service_knows_that_it_stops_and_is_given_longer_than_the_server_takes_to_stop()
    {
        var pause = TimeSpan.FromSeconds(int.Parse(Base.InContainer("lifecycle.preStop.sleep.seconds")));

        Assert.True(pause >= TimeSpan.FromSeconds(5));
        Assert.True(TimeSpan.FromSeconds(Base.Number("spec.template.spec.terminationGracePeriodSeconds")) >= pause + Shutdown.TimeoutMax + TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_start_after_all_processes_died_is_waited_for()
    {
        var patience = TimeSpan.FromSeconds(
            int.Parse(Base.InContainer("startupProbe.periodSeconds")) * int.Parse(Base.InContainer("startupProbe.failureThreshold")));

        // Joining waits until the dead have missed three signs of life, five seconds apart; a migration may come on top.
        Assert.True(patience >= TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void A_SQLite_file_never_has_two_processes()
    {
        var overlay = Manifest.Read(Manifest.DevDeployment);

        Assert.Equal(nameof(StorageProvider.Sqlite), overlay.EnvironmentValue("Storage__Provider"));
        Assert.Equal((1, "Recreate"), (overlay.Number("spec.replicas"), overlay.Text("spec.strategy.type")));
        Assert.Equal(
            Manifest.Read("k8s/overlays/dev/persistentvolumeclaim.yaml").Text("metadata.name"),
            overlay.List("spec.template.spec.volumes").Single(volume => volume.Text("name") == "data").Text("persistentVolumeClaim.claimName"));
    }

    [Fact]
    public void Several_processes_share_a_database()
    {
        var overlay = Manifest.Read(Manifest.ProductionDeployment);

        Assert.True(overlay.Number("spec.replicas") >= 3);
        Assert.Equal(nameof(StorageProvider.Postgres), overlay.EnvironmentValue("Storage__Provider"));
        Assert.NotNull(overlay.Environment.Single(variable => variable.Text("name") == "Storage__ConnectionString").Find("valueFrom.secretKeyRef.key"));
        Assert.Empty(overlay.Mounts);
    }

    [Fact]
    public void Every_process_has_the_keys_of_the_operator_which_come_in_through_the_service()
    {
        var mount = Base.Mounts.Single(mount => mount.Text("name") == "keys");

        Assert.Equal(($"{mount.Text("mountPath")}/{KeyFile.FileName}", "true"), (Base.EnvironmentValue("Keys__File"), mount.Text("readOnly")));
        Assert.Equal("assessmentflow-keys", Base.List("spec.template.spec.volumes").Single(volume => volume.Text("name") == "keys").Text("secret.secretName"));
    }

    [Fact]
    public void The_container_has_no_rights_and_writes_only_where_a_volume_is()
    {
        Base.ExpectConfined();
        var dataPath = Base.EnvironmentValue("Storage__DataPath")!;
        Assert.Contains(dataPath, Base.Mounts.Select(mount => mount.Text("mountPath")));
        Assert.Contains($"Storage__DataPath={dataPath} ", RepositoryFiles.Read("Dockerfile"), StringComparison.Ordinal);
        Assert.Contains("USER $APP_UID\n", RepositoryFiles.Read("Dockerfile"), StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_selects_pods_selects_these()
    {
        var labels = Base.Pairs("spec.template.metadata.labels");

        Assert.Equal(labels, Base.Pairs("spec.selector.matchLabels"));
        Assert.Equal(labels, Manifest.Read(Manifest.Service).Pairs("spec.selector"));
        Assert.Equal(labels, Manifest.Read("k8s/base/poddisruptionbudget.yaml").Pairs("spec.selector.matchLabels"));
        Assert.Equal(labels, Manifest.Read(Manifest.NetworkPolicy).Pairs("spec.podSelector.matchLabels"));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void An_overlay_changes_the_deployment_and_the_container_of_the_base(string file)
    {
        var overlay = Manifest.Read(file);

        Assert.Equal(
            (Base.Text("metadata.name"), Base.InContainer("name")),
            (overlay.Text("metadata.name"), overlay.InContainer("name")));
    }

    [Theory]
    [InlineData("k8s/base")]
    [InlineData("k8s/overlays/dev")]
    [InlineData("k8s/overlays/production")]
    public void Every_file_is_part_of_its_kustomization(string folder)
    {
        var kustomization = Manifest.Read($"{folder}/kustomization.yaml");
        var named = kustomization.List("resources").Select(item => item.Value).Concat(kustomization.List("patches").Select(patch => patch.Text("path")));
        var files = Directory.EnumerateFiles(RepositoryFiles.PathOf(folder)).Select(path => Path.GetFileName(path)!).Where(name => name is not "kustomization.yaml");

        Assert.Equal(files.Order(StringComparer.Ordinal), named.Where(name => name is not "../../base").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_image_is_built_from_every_project_that_its_programs_need()
    {
        var image = RepositoryFiles.Read("Dockerfile");
        foreach (var project in new[] { "Engine", "Assessments", "Runtime", "Storage", "Server", "Cli" }.Select(name => $"src/AssessmentFlow.{name}"))
        {
            var text = RepositoryFiles.Read($"{project}/{Path.GetFileName(project)}.csproj");
            foreach (Match reference in ProjectReference().Matches(text))
            {
                Assert.Contains($"COPY src/{reference.Groups["name"].Value}/", image, StringComparison.Ordinal);
            }

            Assert.Contains($"COPY {project}/", image, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> Settings(Manifest deployment) => deployment.Environment.Select(variable =>
        KeyValuePair.Create(
            variable.Text("name").Replace("__", ":", StringComparison.Ordinal),
            (string?)(variable.Find("value") ?? (variable.Find("valueFrom.fieldRef.fieldPath") is "status.podIP" ? IPAddress.Loopback.ToString() : "from a secret"))));

    private static void Check<T>(IValidateOptions<T> validator, T options)
        where T : class
    {
        var result = validator.Validate(name: null, options);
        Assert.True(result.Succeeded, result.FailureMessage);
    }

    [GeneratedRegex(@"ProjectReference Include=""\.\./(?<name>[\w.]+)/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProjectReference();
}
