using System.Diagnostics;
using AssessmentFlow.Server.Hosting;

namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>
/// What a cluster is given in the end: the overlays as <c>kubectl kustomize</c> renders them. Without kubectl they are
/// reported as skipped.
/// </summary>
public sealed class RenderedTests
{
    public static TheoryData<string, int, string[]> Overlays => new()
    {
        { "dev", 1, ["Deployment", "PersistentVolumeClaim", "PodDisruptionBudget", "Service"] },
        { "production", 3, ["Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service"] },
    };

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task An_overlay_renders_to_a_deployment_whose_ports_probes_and_settings_are_those_of_the_server(string overlay, int replicas, string[] kinds)
    {
        var documents = await RenderAsync(overlay);

        Assert.Equal(kinds, documents.Select(document => document.Text("kind")).Order(StringComparer.Ordinal));
        var deployment = documents.Single(document => document.Text("kind") == "Deployment");
        var service = documents.Single(document => document.Text("kind") == "Service");
        Assert.Equal(replicas, deployment.Number("spec.replicas"));
        Assert.Equal(
            (HealthRoutes.Live, HealthRoutes.Live, HealthRoutes.Ready),
            (deployment.InContainer("startupProbe.httpGet.path"), deployment.InContainer("livenessProbe.httpGet.path"), deployment.InContainer("readinessProbe.httpGet.path")));
        Assert.Equal($"http://*:{deployment.PortNamed(service.Text("spec.ports[0].targetPort"))}", deployment.EnvironmentValue("Urls"));
        Assert.Equal(deployment.PortNamed("silo").ToString(), deployment.EnvironmentValue("Cluster__SiloPort"));
        Assert.All(
            deployment.Environment.Select(variable => variable.Text("name")).Where(name => !name.StartsWith("DOTNET_", StringComparison.Ordinal) && name is not "Urls"),
            name => Assert.True(ServerSettingNames.Defaults.ContainsKey(name.Replace("__", ":", StringComparison.Ordinal)), $"Nothing reads {name}."));
        Assert.Equal(deployment.Pairs("spec.template.metadata.labels"), deployment.Pairs("spec.selector.matchLabels"));
        Assert.Equal(deployment.Pairs("spec.selector.matchLabels"), service.Pairs("spec.selector"));
    }

    private static async Task<IReadOnlyList<Manifest>> RenderAsync(string overlay)
    {
        Assert.SkipUnless(IsInstalled(), "kubectl is not on PATH: install it to render the manifests.");
        var start = new ProcessStartInfo("kubectl", ["kustomize", RepositoryFiles.PathOf($"k8s/overlays/{overlay}")]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var kubectl = Process.Start(start)!;
        var errors = kubectl.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var text = await kubectl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await kubectl.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(kubectl.ExitCode is 0, await errors);
        return Manifest.ReadAll(overlay, text);
    }

    private static bool IsInstalled() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "kubectl")));
}
