using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What Studio calls is refused to those to whom docs/roles.md refuses it, before anything is looked up.</summary>
public sealed class StudioRoleTests(RolesInstallation installation) : IClassFixture<RolesInstallation>
{
    /// <summary>Every operation of the table.</summary>
    public static TheoryData<string> Operations => [.. RoleTable.Studio.Keys];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Each_part_may_do_what_its_cell_says_and_nothing_else(string operation)
    {
        var wrong = new List<string>();
        foreach (var (part, cell) in RoleTable.Studio[operation])
        {
            var answer = await SendAsync(operation, RolesInstallation.Parts[part].Client);
            var isRefused = answer.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized;
            if (isRefused != (cell is RoleTable.No) || answer.Status >= HttpStatusCode.InternalServerError)
            {
                wrong.Add($"{part}: the table says '{cell}', the answer is {answer}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(operation, client: null)).Status);
    }

    [Fact]
    public async Task A_designer_deletes_own_drafts_only_and_is_told_whose_the_others_are()
    {
        using var designer = Client("designer");
        using var secretariat = Client(Stage.Secretariat);
        await SaveAsync(designer, "own-draft");
        await SaveAsync(secretariat, "draft-of-another");
        var changed = await SaveAsync(designer, "draft-changed-by-another");
        changed["description"] = "Changed.";
        Assert.Equal(HttpStatusCode.OK, (await secretariat.SaveAsync(changed)).Status);

        var refused = await designer.SendAsync("DELETE", "/workflow-definition-versions/draft-of-another:1");
        var several = await designer.SendAsync("POST", "/bulk-actions/delete/workflow-definitions/by-id", new JsonObject
        {
            ["ids"] = new JsonArray("draft-of-another:1", "own-draft:1", "draft-changed-by-another:1"),
        });

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("the work of secretariat", Assert.Single(refused.Shown), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, 1), (several.Status, (int)several.Json["deleted"]!));
        Assert.Equal(
            ["draft-of-another", "draft-changed-by-another"],
            several.Json["kept"]!.AsArray().Select(text => ((string)text!).Split('\'')[1]));
        Assert.Equal((1, 1, 0), (await CountAsync("draft-of-another"), await CountAsync("draft-changed-by-another"), await CountAsync("own-draft")));
        Assert.Equal(HttpStatusCode.NoContent, (await secretariat.SendAsync("DELETE", "/workflow-definition-versions/draft-changed-by-another:1")).Status);
        Assert.Equal(0, await CountAsync("draft-changed-by-another"));

        async Task<int> CountAsync(string id) => (int)(await secretariat.GetAsync($"/workflow-definitions?versionOptions=AllVersions&DefinitionIds={id}"))["totalCount"]!;
    }

    private static async Task<JsonNode> SaveAsync(StudioClient client, string id)
    {
        var saved = await client.SaveAsync(Definitions.Of(id, Definitions.Wait("wait")));
        Assert.True(saved.Status is HttpStatusCode.OK, saved.ToString());
        return saved.Json["workflowDefinition"]!;
    }

    private StudioClient Client(string client) => new(installation.Server.Address, installation.Api.Keys[client]);

    /// <summary>The operation on things that there are not: nothing is changed, whoever is let through.</summary>
    private Task<RestAnswer> SendAsync(string operation, string? client)
    {
        var (method, path) = operation.Split(' ') is [var first, var second] ? (first, second) : throw new InvalidOperationException($"'{operation}' is no operation.");
        foreach (var name in new[] { "{definitionId}", "{versionId}", "{instanceId}", "{type}", "{input}", "{name}" })
        {
            path = path.Replace(name, "made-up", StringComparison.Ordinal);
        }

        var request = new RestRequest(method, path) { Client = client };
        return installation.Api.SendAsync(method is "POST" ? request.WithJson(new JsonObject()) : request, TestContext.Current.CancellationToken);
    }
}
