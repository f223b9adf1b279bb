using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>A YAML document, read by paths such as <c>spec.template.spec.containers[0].image</c>.</summary>
internal sealed class Manifest(string file, YamlNode root)
{
    public const string BaseDeployment = "k8s/base/deployment.yaml";
    public const string DevDeployment = "k8s/overlays/dev/deployment.yaml";
    public const string ProductionDeployment = "k8s/overlays/production/deployment.yaml";
    public const string MigrationJob = "k8s/overlays/production/migration.yaml";
    public const string Ingress = "k8s/overlays/production/ingress.yaml";
    public const string NetworkPolicy = "k8s/overlays/production/networkpolicy.yaml";
    public const string Service = "k8s/base/service.yaml";

    /// <summary>Whom the .NET images are made for.</summary>
    private const string ImageUser = "1654";

    private const string Container = "spec.template.spec.containers[0]";

    public static Manifest Read(string file) => Assert.Single(ReadAll(file, RepositoryFiles.Read(file)));

    /// <summary>The documents of a text.</summary>
    /// <param name="name">Where it comes from, for messages.</param>
    /// <param name="text">YAML.</param>
    public static IReadOnlyList<Manifest> ReadAll(string name, string text)
    {
        var yaml = new YamlStream();
        using var reader = new StringReader(text);
        yaml.Load(reader);
        return [.. yaml.Documents.Select(document => new Manifest(name, document.RootNode))];
    }

    /// <summary>The document or item itself, when it is a text.</summary>
    public string Value => ((YamlScalarNode)root).Value!;

    /// <summary>The text at a path; null when there is nothing.</summary>
    public string? Find(string path) => (NodeAt(path) as YamlScalarNode)?.Value;

    public string Text(string path) => Find(path) ?? throw new InvalidOperationException($"{file} has no {path}.");

    public int Number(string path) => int.Parse(Text(path), CultureInfo.InvariantCulture);

    public string InContainer(string path) => Text($"{Container}.{path}");

    /// <summary>The items of a list; none when there is no such list.</summary>
    public IReadOnlyList<Manifest> List(string path) =>
        NodeAt(path) is YamlSequenceNode list ? [.. list.Children.Select(child => new Manifest(file, child))] : [];

    /// <summary>A mapping of texts, as <c>name=value</c> in order of the names.</summary>
    public string Pairs(string path) => string.Join(", ", ((YamlMappingNode?)NodeAt(path) ?? []).Children
        .Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal));

    /// <summary>Labels of the object itself.</summary>
    public IReadOnlyDictionary<string, string> Labels => ((YamlMappingNode?)NodeAt("metadata.labels") ?? []).Children
        .ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => ((YamlScalarNode)pair.Value).Value!, StringComparer.Ordinal);

    public IReadOnlyList<Manifest> Environment => List($"{Container}.env");

    public IReadOnlyList<Manifest> Mounts => List($"{Container}.volumeMounts");

    public string? EnvironmentValue(string name) => Environment.SingleOrDefault(variable => variable.Text("name") == name)?.Find("value");

    public int PortNamed(string name) => List($"{Container}.ports").Single(port => port.Text("name") == name).Number("containerPort");

    /// <summary>Sees to it that what runs is nobody in particular, has no rights, and cannot get any or write to its image.</summary>
    public void ExpectConfined() => Assert.Equal(
        ("true", ImageUser, "true", "false", "ALL", "false"),
        (Text("spec.template.spec.securityContext.runAsNonRoot"),
            Text("spec.template.spec.securityContext.runAsUser"),
            InContainer("securityContext.readOnlyRootFilesystem"),
            InContainer("securityContext.allowPrivilegeEscalation"),
            InContainer("securityContext.capabilities.drop[0]"),
            Text("spec.template.spec.automountServiceAccountToken")));

    private YamlNode? NodeAt(string path)
    {
        YamlNode? node = root;
        foreach (var step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.'))
        {
            node = node switch
            {
                YamlSequenceNode list when step is ['[', .. var index, ']'] => list.Children.ElementAtOrDefault(int.Parse(index, CultureInfo.InvariantCulture)),
                YamlMappingNode map when map.Children.TryGetValue(new YamlScalarNode(step), out var child) => child,
                _ => null,
            };
        }

        return node;
    }
}
