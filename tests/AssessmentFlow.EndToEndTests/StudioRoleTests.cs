using System.Net;
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

    /// <summary>The operation on things that there are not: nothing is changed, whoever is let through.</summary>
    private Task<RestAnswer> SendAsync(string operation, string? client)
    {
        var (method, path) = operation.Split(' ') is [var first, var second] ? (first, second) : throw new InvalidOperationException($"'{operation}' is no operation.");
        foreach (var name in new[] { "{definitionId}", "{versionId}", "{instanceId}", "{type}", "{input}", "{name}" })
        {
            path = path.Replace(name, "made-up", StringComparison.Ordinal);
        }

        var request = new RestRequest(method, path) { Client = client };
        return installation.Api.SendAsync(method is "POST" ? request.WithJson(new System.Text.Json.Nodes.JsonObject()) : request, TestContext.Current.CancellationToken);
    }
}
