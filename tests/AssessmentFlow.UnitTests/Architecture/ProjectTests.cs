using System.Xml.Linq;

namespace AssessmentFlow.UnitTests.Architecture;

/// <summary>What the projects may know of each other and of the world.</summary>
public sealed class ProjectTests
{
    /// <summary>Server → Runtime → Engine, Assessments; Storage → Runtime. Server knows Storage for its composition only, the command line for backups.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["AssessmentFlow.Engine"] = [],
        ["AssessmentFlow.Assessments"] = ["AssessmentFlow.Engine"],
        ["AssessmentFlow.Runtime"] = ["AssessmentFlow.Assessments", "AssessmentFlow.Engine"],
        ["AssessmentFlow.Storage"] = ["AssessmentFlow.Runtime"],
        ["AssessmentFlow.Simulation"] = ["AssessmentFlow.Runtime"],
        ["AssessmentFlow.Server"] = ["AssessmentFlow.Runtime", "AssessmentFlow.Storage"],
        ["AssessmentFlow.Cli"] = ["AssessmentFlow.Storage"],
    };

    private static readonly string[] PureProjects = ["AssessmentFlow.Engine", "AssessmentFlow.Assessments"];

    /// <summary>Families of packages that bring a clock, a thread, a socket or a database.</summary>
    private static readonly string[] ImpurePackages = ["Microsoft.Orleans", "Microsoft.AspNetCore", "Microsoft.Data", "Microsoft.Extensions", "Npgsql", "OpenTelemetry", "dbup", "DbUp"];

    [Fact]
    public void Projects_refer_to_each_other_in_one_direction_only()
    {
        var actual = Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => Items(file, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).Order().ToArray());

        Assert.Equal(Allowed.Keys.Order(), actual.Keys.Order());
        Assert.All(Allowed, project => Assert.Equal(project.Value, actual[project.Key]));
    }

    [Fact]
    public void Only_the_composition_of_the_server_knows_the_storage()
    {
        var server = Repository.PathOf("src", "AssessmentFlow.Server");
        var knowing = SourceFiles.Under("src", "AssessmentFlow.Server")
            .Where(file => File.ReadAllText(file).Contains("AssessmentFlow.Storage", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(server, file));

        Assert.Equal(["Program.cs"], knowing);
    }

    [Fact]
    public void The_pure_projects_ban_clock_chance_threads_and_input_and_output()
    {
        var banned = File.ReadAllLines(Repository.PathOf("src", "BannedSymbols.txt")).Select(line => line.Split(';')[0]).ToArray();

        Assert.All(PureProjects, project => Assert.Contains("../BannedSymbols.txt", Items(Repository.PathOf("src", project, project + ".csproj"), "AdditionalFiles")));
        Assert.All(
            [
                "P:System.DateTime.Now", "P:System.DateTime.UtcNow", "P:System.DateTimeOffset.Now", "P:System.DateTimeOffset.UtcNow", "T:System.TimeProvider",
                "M:System.Guid.NewGuid", "T:System.Random", "T:System.Threading.Tasks.Task", "T:System.Threading.Tasks.ValueTask", "M:System.Threading.Thread.Sleep(System.Int32)",
                "T:System.IO.File", "T:System.IO.Directory", "T:System.Net.Http.HttpClient", "T:System.Console", "T:System.Environment",
            ],
            symbol => Assert.Contains(symbol, banned));
        Assert.Contains("dotnet_diagnostic.RS0030.severity = error", File.ReadAllText(Repository.PathOf(".editorconfig")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_pure_projects_use_no_package_that_reaches_out() => Assert.All(PureProjects, project =>
        Assert.DoesNotContain(
            Items(Repository.PathOf("src", project, project + ".csproj"), "PackageReference"),
            package => Array.Exists(ImpurePackages, family => package.StartsWith(family, StringComparison.Ordinal))));

    [Fact]
    public void The_ban_and_the_warnings_are_switched_off_nowhere_in_the_product() => Assert.All(
        SourceFiles.Under("src").Concat(Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)),
        file =>
        {
            var text = File.ReadAllText(file);
            Assert.DoesNotContain("RS0030", text, StringComparison.Ordinal);
            Assert.DoesNotContain("<NoWarn>", text, StringComparison.Ordinal);
            Assert.DoesNotContain("TreatWarningsAsErrors", text, StringComparison.Ordinal);
        });

    private static IEnumerable<string> Items(string project, string name) =>
        XDocument.Load(project).Descendants(name).Select(item => (string?)item.Attribute("Include")).OfType<string>();
}
