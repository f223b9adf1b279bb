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
        { "dev", 1, ["Deployment", "PersistentVolumeClaim", "PodDisruptionBudget", "Service", "ServiceAccount"] },
        { "production", 3, ["Deployment", "Ingress", "Job", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"] },
    };

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task An_overlay_renders_to_a_deployment_whose_ports_probes_and_settings_are_those_of_the_server(string overlay, int replicas, string[] kinds)
    {
        var documents = await RenderAsync(RepositoryFiles.PathOf($"k8s/overlays/{overlay}"));

        Assert.Equal(kinds, documents.Select(document => document.Text("kind")).Order(StringComparer.Ordinal));
        var deployment = Only(documents, "Deployment");
        var service = Only(documents, "Service");
        Assert.Equal(replicas, deployment.Number("spec.replicas"));
        Assert.Equal(
            (HealthRoutes.Live, HealthRoutes.Live, HealthRoutes.Ready),
            (deployment.InContainer("startupProbe.httpGet.path"), deployment.InContainer("livenessProbe.httpGet.path"), deployment.InContainer("readinessProbe.httpGet.path")));
        Assert.All(
            ["startupProbe", "livenessProbe", "readinessProbe"],
            probe => Assert.Equal(service.Text("spec.ports[0].targetPort"), deployment.InContainer($"{probe}.httpGet.port")));
        Assert.Equal($"http://*:{deployment.PortNamed(service.Text("spec.ports[0].targetPort"))}", deployment.EnvironmentValue("Urls"));
        Assert.Equal(deployment.PortNamed("silo").ToString(), deployment.EnvironmentValue("Cluster__SiloPort"));
        Assert.All(
            deployment.Environment.Select(variable => variable.Text("name")).Where(name => !name.StartsWith("DOTNET_", StringComparison.Ordinal) && name is not "Urls"),
            name => Assert.True(ServerSettingNames.Defaults.ContainsKey(name.Replace("__", ":", StringComparison.Ordinal)), $"Nothing reads {name}."));
        Assert.Equal(deployment.Pairs("spec.template.metadata.labels"), deployment.Pairs("spec.selector.matchLabels"));
        Assert.Equal(deployment.Pairs("spec.selector.matchLabels"), service.Pairs("spec.selector"));
    }

    [Fact]
    public async Task The_steps_of_an_upgrade_hold_back_the_deployment_and_nothing_else_until_the_job_is_done()
    {
        const string Label = "app.kubernetes.io/name";
        var documents = await RenderAsync(RepositoryFiles.PathOf("k8s/overlays/production"));
        var page = RepositoryFiles.Read("docs/operations.md");
        var job = Only(documents, "Job").Text("metadata.name");

        Assert.Contains($"kubectl delete job {job} --ignore-not-found\n", page, StringComparison.Ordinal);
        Assert.Contains($" job/{job}\n", page, StringComparison.Ordinal);
        var held = Only(documents, "Deployment").Labels[Label];
        Assert.Contains($"--selector '{Label}!={held}'\n", page, StringComparison.Ordinal);
        Assert.Equal(["Deployment"], documents.Where(document => document.Labels.GetValueOrDefault(Label) == held).Select(document => document.Text("kind")));
    }

    [Fact]
    public async Task An_overlay_like_that_in_the_operations_page_names_host_and_image_everywhere()
    {
        using var copy = new CopiedFolder(RepositoryFiles.PathOf("k8s"));
        var ours = Path.Combine(copy.Path, "overlays", "ours");
        Directory.CreateDirectory(ours);
        var page = RepositoryFiles.Read("docs/operations.md");
        var text = page[(page.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length)..];
        await File.WriteAllTextAsync(Path.Combine(ours, "kustomization.yaml"), text[..text.IndexOf("```", StringComparison.Ordinal)], TestContext.Current.CancellationToken);

        var documents = await RenderAsync(ours);

        Assert.Equal(["cases.example.org", "cases.example.org"], [Only(documents, "Ingress").Text("spec.rules[0].host"), Only(documents, "Ingress").Text("spec.tls[0].hosts[0]")]);
        Assert.All([Only(documents, "Deployment"), Only(documents, "Job")], pods => Assert.Equal("registry.example.org/assessmentflow:0.1.0", pods.InContainer("image")));
    }

    private static Manifest Only(IReadOnlyList<Manifest> documents, string kind) => documents.Single(document => document.Text("kind") == kind);

    private static async Task<IReadOnlyList<Manifest>> RenderAsync(string folder)
    {
        Assert.SkipUnless(IsInstalled(), "kubectl is not on PATH: install it to render the manifests.");
        var start = new ProcessStartInfo("kubectl", ["kustomize", folder]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var kubectl = Process.Start(start)!;
        var errors = kubectl.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var text = await kubectl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await kubectl.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(kubectl.ExitCode is 0, await errors);
        return Manifest.ReadAll(folder, text);
    }

    private static bool IsInstalled() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "kubectl")));

    /// <summary>A copy of a folder for one test.</summary>
    private sealed class CopiedFolder : IDisposable
    {
        public CopiedFolder(string source)
        {
            foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                var target = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(source, file));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("assessmentflow-k8s-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
