using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
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

    [Fact]
    public async Task A_key_that_a_first_start_made_works_from_this_machine_and_no_further()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { ListensOn = "0.0.0.0", Configuration = ["FirstStart:LoadSample=false"] });
        using var local = await RestClient.OfAsync(server);
        using var remote = new RestClient(OverTheNetwork(server), local.Keys);

        Assert.Equal(HttpStatusCode.OK, await AskAsync(local));
        var refused = await remote.SendAsync(Request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Unauthorized, "urn:assessmentflow:problem:key-not-from-here"), (refused.Status, (string?)refused.Json["type"]));
        Assert.Contains("Keys:File", (string?)refused.Json["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Forwarded", "for=203.0.113.7")]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    public async Task A_key_of_this_machine_does_not_work_through_a_proxy_on_it(string header, string value)
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Configuration = ["FirstStart:LoadSample=false"] });
        using var local = await RestClient.OfAsync(server);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/api/v1/assessments"));
        request.Headers.Add("Authorization", $"ApiKey {local.Keys[Client]}");
        request.Headers.Add(header, value);

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_that_the_operator_has_configured_works_from_anywhere_and_replaces_those_of_the_first_start()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys.json");
        await using var server = await ServerProcess.StartAsync(new ServerSettings { DataFolder = folder.Path, Configuration = ["FirstStart:LoadSample=false"] });
        using var before = await RestClient.OfAsync(server);
        await server.StopAsync();
        var key = new string('k', 32);
        await File.WriteAllTextAsync(path, KeysOf(Client, key), TestContext.Current.CancellationToken);

        await using var configured = await ServerProcess.StartAsync(new ServerSettings
        {
            DataFolder = folder.Path,
            ListensOn = "0.0.0.0",
            Configuration = ["FirstStart:LoadSample=false", $"Keys:File={path}"],
        });
        using var remote = new RestClient(OverTheNetwork(configured), new Dictionary<string, string>(StringComparer.Ordinal) { [Client] = key });
        using var old = new RestClient(configured.Address, before.Keys);

        Assert.Equal(HttpStatusCode.OK, await AskAsync(remote));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(old));
        Assert.Equal(HttpStatusCode.Unauthorized, (await old.SendAsync(Request with { Client = "secretariat" }, TestContext.Current.CancellationToken)).Status);
    }

    [Theory]
    [InlineData(null, "does not exist")]
    [InlineData("short", "has 32 to 200, chosen at random")]
    public async Task A_key_file_of_the_operator_that_is_missing_or_has_weak_keys_stops_the_start(string? key, string message)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys.json");
        if (key is not null)
        {
            await File.WriteAllTextAsync(path, KeysOf(Client, key), TestContext.Current.CancellationToken);
        }

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(new ServerSettings { Configuration = ["FirstStart:LoadSample=false", $"Keys:File={path}"] }));

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    private static readonly RestRequest Request = new("GET", "/api/v1/assessments") { Client = Client };

    private static string KeysOf(string client, string key) => new JsonObject
    {
        ["note"] = "synthetic",
        ["clients"] = new JsonArray(new JsonObject { ["id"] = client, ["key"] = key, ["roles"] = new JsonArray("auditor"), ["clearances"] = new JsonObject() }),
    }.ToJsonString();

    /// <summary>The server as seen from elsewhere: at an address of this machine that is not loopback.</summary>
    private static Uri OverTheNetwork(ServerProcess server)
    {
        var own = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(each => each.GetIPProperties().UnicastAddresses)
            .Select(each => each.Address)
            .FirstOrDefault(address => address.AddressFamily is AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assert.True(own is not null, "This machine has no IPv4 address but loopback.");
        return new UriBuilder(server.Address) { Host = own.ToString() }.Uri;
    }

    private static async Task RestartWithAsync(ServerProcess server, string path, string keys)
    {
        await server.StopAsync();
        await File.WriteAllTextAsync(path, keys);
        await server.StartAgainAsync();
    }

    private static async Task<HttpStatusCode> AskAsync(RestClient api) =>
        (await api.SendAsync(Request, TestContext.Current.CancellationToken)).Status;

    private static string Without(string keys, string client)
    {
        var json = JsonNode.Parse(keys)!;
        var clients = json["clients"]!.AsArray();
        clients.Remove(clients.Single(entry => (string?)entry!["id"] == client));
        return json.ToJsonString();
    }
}
