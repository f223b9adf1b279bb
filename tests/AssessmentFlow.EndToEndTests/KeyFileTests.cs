using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Who may use an installation is what its key file says at the last start.</summary>
public sealed class KeyFileTests
{
    private const string Client = "auditor";

    [Fact]
    public async Task A_key_works_while_its_entry_is_in_the_file_and_not_a_start_longer()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Configuration = ["FirstStart:LoadSample=false"] });
        var path = Path.Combine(server.DataFolder, "api-keys.json");
        var whole = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        using var api = await RestClient.OfAsync(server);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(api));

        await RestartWithAsync(server, path, Without(whole, Client));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(api));

        await RestartWithAsync(server, path, whole);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(api));
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
