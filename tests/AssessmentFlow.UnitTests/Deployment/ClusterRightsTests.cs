namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>Rights in the cluster and what needs them come together or not at all: decision 0026.</summary>
public sealed class ClusterRightsTests
{
    /// <summary>It asks the cluster's API for pods. Without it nothing here does.</summary>
    private const string NeedsRights = "Microsoft.Orleans.Hosting.Kubernetes";

    private static readonly Manifest Account = Manifest.Read("k8s/base/serviceaccount.yaml");

    [Fact]
    public void No_program_asks_the_API_of_the_cluster_and_no_role_is_given()
    {
        Assert.DoesNotContain(NeedsRights, RepositoryFiles.Read("Directory.Packages.props"), StringComparison.Ordinal);
        var kinds = Directory.EnumerateFiles(RepositoryFiles.PathOf("k8s"), "*.yaml", SearchOption.AllDirectories)
            .SelectMany(file => Manifest.ReadAll(file, File.ReadAllText(file)))
            .Select(document => document.Text("kind"));
        Assert.DoesNotContain(kinds, kind => kind.Contains("Role", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Manifest.BaseDeployment)]
    [InlineData(Manifest.MigrationJob)]
    public void Pods_have_the_account_of_the_installation_and_no_token_of_it(string file)
    {
        var pods = Manifest.Read(file);

        Assert.Equal(Account.Text("metadata.name"), pods.Text("spec.template.spec.serviceAccountName"));
        Assert.Equal(("false", "false"), (Account.Text("automountServiceAccountToken"), pods.Text("spec.template.spec.automountServiceAccountToken")));
    }
}
