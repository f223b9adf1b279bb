using System.Net;
using System.Text.RegularExpressions;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Every operation, sent by every part that there is in a case, is answered as docs/roles.md says.</summary>
public sealed partial class RoleMatrixTests(RolesInstallation installation) : IClassFixture<RolesInstallation>
{
    private const string MadeUp = "made-up";

    /// <summary>Every operation of the table.</summary>
    public static TheoryData<string> Operations => [.. RoleTable.Rows.Keys];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_table_has_a_line_for_every_operation_and_a_cell_for_every_part()
    {
        var document = await OpenApi.ReadAsync(installation.Api);

        Assert.Equal(
            document.Operations.Select(operation => operation.ToString()).Order(StringComparer.Ordinal),
            RoleTable.Rows.Keys.Order(StringComparer.Ordinal));
        Assert.All(RoleTable.Rows, row => Assert.Equal(RolesInstallation.Parts.Keys.Order(StringComparer.Ordinal), row.Value.Keys.Order(StringComparer.Ordinal)));
        Assert.All(RoleTable.Rows.SelectMany(row => row.Value.Values), cell => Assert.Contains(cell, new[] { RoleTable.Yes, RoleTable.Own, RoleTable.No, RoleTable.Hidden }));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Each_part_may_do_what_its_cell_says_and_nothing_else(string operation)
    {
        var sound = (await installation.SoundAsync()).All.Single(each => each.Operation.ToString() == operation);
        var shared = await WithCopiesAsync(sound.Request);
        var wrong = new List<string>();

        // What is refused changes nothing, so that one request serves all who are refused; they come first.
        foreach (var (part, cell) in RoleTable.Rows[operation].OrderBy(cell => IsAllowed(cell.Value)))
        {
            var request = IsAllowed(cell) && shared.Method is not "GET"
                ? await AllowedAsync(sound.Operation)
                : shared;
            var answer = await SendAsync(request, RolesInstallation.Parts[part].Client);
            if (!IsAs(cell, answer))
            {
                wrong.Add($"{part}: the table says '{cell}', the answer is {answer}");
            }
            else if (sound.Operation.Json["responses"]![((int)answer.Status).ToString()] is null)
            {
                wrong.Add($"{part}: {(int)answer.Status} is not described");
            }
            else if (cell is RoleTable.Hidden && await TellsAsync(sound.Operation, request, part, answer) is { } told)
            {
                wrong.Add($"{part}: {told}");
            }
        }

        var nobody = await SendAsync(shared, client: null);
        if (nobody.Status is not HttpStatusCode.Unauthorized)
        {
            wrong.Add($"without a key: {nobody}");
        }

        Assert.True(wrong.Count is 0, $"{operation}\n{string.Join('\n', wrong)}");
    }

    private static bool IsAllowed(string cell) => cell is RoleTable.Yes or RoleTable.Own;

    private static bool IsAs(string cell, RestAnswer answer) => cell switch
    {
        RoleTable.No => answer.Status is HttpStatusCode.Forbidden && answer.ETag is null,
        RoleTable.Hidden => answer.Status is HttpStatusCode.NotFound && answer.ETag is null,
        _ => answer.Status is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted,
    };

    /// <summary>What an answer about something hidden tells beyond that about something that there is not; null when nothing.</summary>
    private async Task<string?> TellsAsync(ApiOperation operation, RestRequest request, string part, RestAnswer hidden)
    {
        var names = operation.Path.Split('/');
        var place = Array.FindIndex(names, name => name.StartsWith('{'));
        var parts = request.Path.Split('/');
        var real = parts[place];
        parts[place] = MadeUp;
        var nothing = await SendAsync(request with { Path = string.Join('/', parts) }, RolesInstallation.Parts[part].Client);
        return nothing.Status == hidden.Status && nothing.Text == hidden.Text.Replace(real, MadeUp, StringComparison.Ordinal)
            ? null
            : $"something hidden is answered {hidden}, but something that there is not {nothing}";
    }

    /// <summary>A request that whoever may make it can make: a report that is circulated changes no more.</summary>
    private async Task<RestRequest> AllowedAsync(ApiOperation operation)
    {
        var request = await SoundRequests.PrepareChangeAsync(operation, installation.Stage);
        return operation.Path.Contains("/report/portions", StringComparison.Ordinal) ? request : await WithCopiesAsync(request);
    }

    /// <summary>The request, once the seats of its case hold copies of its report.</summary>
    private async Task<RestRequest> WithCopiesAsync(RestRequest request)
    {
        if (request.Method is not "GET" && CaseOf().Match(request.Path) is { Success: true } found)
        {
            await installation.Stage.CirculateAsync(found.Groups["id"].Value);
        }

        return request;
    }

    private Task<RestAnswer> SendAsync(RestRequest request, string? client) => installation.Api.SendAsync(
        request with { Client = client, IdempotencyKey = request.Method is "POST" ? Guid.NewGuid().ToString() : null }, Token);

    [GeneratedRegex("^/api/v1/assessments/(?<id>[^/]+)/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CaseOf();
}
