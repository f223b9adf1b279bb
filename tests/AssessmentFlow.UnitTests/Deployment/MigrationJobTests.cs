using AssessmentFlow.Cli;
using AssessmentFlow.Storage;

namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>The Job that brings the schema up to date runs what the image holds, on the database of the servers, and keeps out of their way.</summary>
public sealed class MigrationJobTests
{
    private static readonly Manifest Job = Manifest.Read(Manifest.MigrationJob);
    private static readonly Manifest Server = Manifest.Read(Manifest.BaseDeployment);
    private static readonly Manifest Production = Manifest.Read(Manifest.ProductionDeployment);

    [Fact]
    public void Its_command_is_in_the_image_and_one_of_flow()
    {
        var command = Job.List("spec.template.spec.containers[0].command").Select(word => word.Value).ToList();
        var parsed = FlowCommand.Create().Parse([.. command.Skip(1)]);

        Assert.Empty(parsed.Errors);
        Assert.Equal(MigrateCommand.Create().Name, parsed.CommandResult.Command.Name);
        Assert.Equal(typeof(FlowCommand).Assembly.GetName().Name, command[0]);
        var image = RepositoryFiles.Read("Dockerfile");
        Assert.Contains("dotnet publish src/AssessmentFlow.Cli --no-restore --configuration Release --output /flow\n", image, StringComparison.Ordinal);
        Assert.Contains("COPY --from=build /flow /flow\n", image, StringComparison.Ordinal);
        Assert.Contains($"ln -s /flow/{command[0]} /usr/local/bin/{command[0]}\n", image, StringComparison.Ordinal);
        Assert.Equal(Server.InContainer("image"), Job.InContainer("image"));
    }

    [Fact]
    public void It_works_on_the_database_of_the_servers()
    {
        const string Secret = "Host=from-a-secret";
        var values = Job.Environment.ToDictionary(variable => variable.Text("name"), variable => variable.Find("value") ?? Secret, StringComparer.Ordinal);

        Assert.All(values.Keys, name => Assert.Contains(name, DatabaseCommand.Variables.Concat(KubernetesTests.RuntimeVariables)));
        var database = DatabaseCommand.Choose(postgres: null, data: null, values.GetValueOrDefault);
        Assert.Equal((StorageProvider.Postgres, Secret), (database.Provider, database.ConnectionString));
        foreach (var name in DatabaseCommand.Variables.Where(values.ContainsKey))
        {
            Assert.Equal(Place(Production, name), Place(Job, name));
        }
    }

    [Fact]
    public void It_has_no_rights_and_writes_nowhere()
    {
        Job.ExpectConfined();
        Assert.Equal("0", Job.EnvironmentValue("DOTNET_EnableDiagnostics"));
        Assert.Empty(Job.Mounts);
    }

    [Fact]
    public void Nothing_that_selects_the_servers_selects_its_pod()
    {
        var labels = Job.Pairs("spec.template.metadata.labels").Split(", ");

        Assert.All(
            [
                Manifest.Read(Manifest.Service).Pairs("spec.selector"),
                Manifest.Read("k8s/base/poddisruptionbudget.yaml").Pairs("spec.selector.matchLabels"),
                Manifest.Read(Manifest.NetworkPolicy).Pairs("spec.podSelector.matchLabels"),
                Manifest.Read(Manifest.NetworkPolicy).Pairs("spec.ingress[1].from[0].podSelector.matchLabels"),
            ],
            selector => Assert.NotEmpty(selector.Split(", ").Except(labels)));
    }

    [Fact]
    public void It_is_tried_again_and_goes_by_itself_so_that_the_overlay_can_be_applied_again()
    {
        Assert.Equal("Never", Job.Text("spec.template.spec.restartPolicy"));
        Assert.True(Job.Number("spec.backoffLimit") > 0);
        Assert.True(Job.Number("spec.ttlSecondsAfterFinished") > 0);
    }

    /// <summary>Where the value of a variable comes from: itself, or a key of a Secret.</summary>
    private static string Place(Manifest pods, string name)
    {
        var variable = pods.Environment.Single(variable => variable.Text("name") == name);
        return variable.Find("value") ?? variable.Pairs("valueFrom.secretKeyRef");
    }
}
