using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Who may use an installation is what its key file says at the last start.</summary>
public sealed class KeyFileTests(PostgresFixture postgres)
{
    private const string FileName = "api-keys.json";
    private const string Client = "auditor";

    [Fact]
    public async Task A_key_works_while_its_entry_is_in_the_file_and_not_a_start_longer()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Configuration = ["FirstStart:LoadSample=false"] });
        var path = Path.Combine(server.DataFolder, FileName);
        var whole = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        using var api = await RestClient.OfAsync(server);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(api));

        await RestartWithAsync(server, path, Without(whole, Client));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(api));

        await RestartWithAsync(server, path, whole);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(api));
    }

    [Fact]
    public async Task Keys_of_a_start_that_was_cut_off_before_the_file_was_in_place_are_not_lost()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Configuration = ["FirstStart:LoadSample=false"] });
        var path = Path.Combine(server.DataFolder, FileName);
        using var api = await RestClient.OfAsync(server);
        var whole = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        await server.StopAsync();
        File.Move(path, $"{path}.cut-off.new");
        await File.WriteAllTextAsync($"{path}.half.new", whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync($"{path}.lost.new", whole.Replace(api.Keys[Client], "a-key-that-nobody-has", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        await server.StartAgainAsync();

        Assert.Equal(HttpStatusCode.OK, await AskAsync(api));
        Assert.Equal(whole, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFiles(server.DataFolder, FileName + ".*.new"));
    }

    [Fact]
    public async Task Of_processes_that_start_at_once_on_an_empty_database_one_makes_the_keys_and_the_others_say_where_they_are()
    {
        var settings = new ServerSettings { PostgresConnectionString = await postgres.CreateDatabaseAsync(), Configuration = ["FirstStart:LoadSample=false"] };

        var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServerProcess.StartAsync(settings)));
        try
        {
            var maker = Assert.Single(servers, server => File.Exists(Path.Combine(server.DataFolder, FileName)));
            var keys = await RestClient.ReadKeysAsync(Path.Combine(maker.DataFolder, FileName));
            foreach (var server in servers)
            {
                using var api = new RestClient(server.Address, keys);
                Assert.Equal(HttpStatusCode.OK, await AskAsync(api));
                Assert.Empty(Directory.GetFiles(server.DataFolder, FileName + ".*.new"));
            }

            foreach (var joiner in servers.Where(server => server != maker))
            {
                Assert.Contains($"those of this installation were made by another process and are in {FileName} of {Environment.MachineName}, {maker.DataFolder}", joiner.Output, StringComparison.Ordinal);
            }
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static async Task RestartWithAsync(ServerProcess server, string path, string keys)
    {
        await server.StopAsync();
        await File.WriteAllTextAsync(path, keys);
        await server.StartAgainAsync();
    }

    private static async Task<HttpStatusCode> AskAsync(RestClient api) =>
        (await api.SendAsync(new RestRequest("GET", "/api/v1/assessments") { Client = Client }, TestContext.Current.CancellationToken)).Status;

    private static string Without(string keys, string client)
    {
        var json = JsonNode.Parse(keys)!;
        var clients = json["clients"]!.AsArray();
        clients.Remove(clients.Single(entry => (string?)entry!["id"] == client));
        return json.ToJsonString();
    }
}
