using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>The OpenAPI document says what the interface takes and answers, and its page needs nothing from elsewhere.</summary>
public sealed partial class OpenApiTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    private static readonly string[] Always = ["401", "503"];
    private static readonly string[] OfCommands = ["400", "413", "415", "422", "429"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_is_described_with_what_it_takes_and_answers()
    {
        var document = await OpenApi.ReadAsync(installation.Api);

        Assert.NotEmpty(document.Operations);
        Assert.Empty(document.Operations.SelectMany(operation => Missing(document.Json, operation).Select(what => $"{operation} lacks {what}")));
    }

    [Fact]
    public async Task The_key_is_described_and_needed_everywhere_but_for_the_document_itself()
    {
        var document = await OpenApi.ReadAsync(installation.Api);

        var scheme = document.Json["components"]!["securitySchemes"]!["ApiKey"]!;
        Assert.Equal(("apiKey", "header", "Authorization"), ((string?)scheme["type"], (string?)scheme["in"], (string?)scheme["name"]));
        Assert.Contains("ApiKey", document.Json["security"]!.AsArray().SelectMany(each => each!.AsObject().Select(name => name.Key)));
        Assert.All(document.Operations, operation => Assert.True(operation.Json["security"] is null, $"{operation} has a security of its own."));
    }

    [Fact]
    public async Task Enumerations_are_described_by_the_names_that_bodies_carry()
    {
        var schemas = (await OpenApi.ReadAsync(installation.Api)).Json["components"]!["schemas"]!.AsObject();

        Assert.Equal(
            ["NotStated", "Undertaken", "Underway", "UnderConsideration"],
            schemas["ProgrammeStatus"]!["enum"]!.AsArray().Select(name => (string?)name));
        var enumerations = schemas.Where(schema => schema.Value!["enum"] is not null).ToList();
        Assert.True(enumerations.Count > 2, "The document has few enumerations.");
        Assert.All(enumerations, schema => Assert.Equal("string", (string?)schema.Value!["type"]));
        Assert.Equal(("string", "date"), ((string?)schemas["LocalDate"]!["type"], (string?)schemas["LocalDate"]!["format"]));
    }

    [Fact]
    public async Task Every_reference_within_the_document_leads_somewhere()
    {
        var document = await OpenApi.ReadAsync(installation.Api);

        var references = Values(document.Json).Where(value => value.Name is "$ref").Select(value => (string)value.Node!).Distinct(StringComparer.Ordinal).ToList();

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.True(
            reference.TrimStart('#', '/').Split('/').Aggregate((JsonNode?)document.Json, (node, name) => node?[name]) is not null, $"{reference} leads nowhere."));
    }

    [Fact]
    public async Task The_page_and_all_that_it_loads_come_from_this_server_and_browsers_are_told_to_take_nothing_else()
    {
        var page = await GetAsync("/scalar/v1");
        var html = await page.Content.ReadAsStringAsync(Token);

        var loaded = Loaded().Matches(html).Select(match => match.Groups["url"].Value).ToList();
        Assert.NotEmpty(loaded);
        foreach (var url in loaded)
        {
            Assert.True(!url.Contains("//", StringComparison.Ordinal), $"The page loads {url}.");
            using var asset = await GetAsync($"/scalar/{url}");
            AssertOwnOriginOnly(asset);
        }

        AssertOwnOriginOnly(page);
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        foreach (var (name, expected) in new[] { ("withDefaultFonts", "false"), ("telemetry", "false"), ("showDeveloperTools", "\"never\"") })
        {
            Assert.Contains($"\"{name}\":{expected}", html, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Missing(JsonNode document, ApiOperation operation)
    {
        var isCommand = operation.Method is not "GET";
        var answers = operation.Json["responses"]!.AsObject();
        if (string.IsNullOrWhiteSpace((string?)operation.Json["summary"]))
        {
            yield return "a summary";
        }

        var done = answers.Where(answer => answer.Key is "200" or "201" or "202").ToList();
        if (done.Count is not 1 || done[0].Value!["content"]?["application/json"]?["schema"] is null)
        {
            yield return "one success with a body";
        }

        var headers = operation.Parameters("header").Select(header => (string)header["name"]!).ToList();
        if (operation.Method is "POST" && !headers.Contains("Idempotency-Key"))
        {
            yield return "Idempotency-Key";
        }

        if (operation.Method is "PUT" or "DELETE" && !operation.NeedsIfMatch)
        {
            yield return "If-Match";
        }

        if (operation.TakesBody && !HasForm(document, operation.Json["requestBody"]!["content"]?["application/json"]?["schema"]))
        {
            yield return "the form of its body";
        }

        string[] expected =
        [
            .. Always,
            .. isCommand ? OfCommands : [],
            .. operation.NeedsIfMatch ? ["412", "428"] : Array.Empty<string>(),
            .. operation.Method is not "PUT" && operation.Path.Contains('{', StringComparison.Ordinal) ? ["404"] : Array.Empty<string>(),
            .. isCommand ? ["403"] : Array.Empty<string>(),
        ];
        foreach (var status in expected.Except(answers.Select(answer => answer.Key), StringComparer.Ordinal))
        {
            yield return status;
        }

        foreach (var (status, answer) in answers.Where(answer => answer.Key[0] is '4' or '5'))
        {
            if ((string?)answer!["content"]?["application/problem+json"]?["schema"]?["$ref"] is not "#/components/schemas/Problem")
            {
                yield return $"the form of the problem {status}";
            }
        }
    }

    private static bool HasForm(JsonNode document, JsonNode? schema)
    {
        var named = (string?)schema?["$ref"] is { } reference ? document["components"]!["schemas"]![reference[(reference.LastIndexOf('/') + 1)..]] : schema;
        return (string?)named?["type"] is "object" && (named["properties"] is not null || named["description"] is not null);
    }

    private static IEnumerable<(string Name, JsonNode? Node)> Values(JsonNode? node) => node switch
    {
        JsonObject json => json.SelectMany(member => Values(member.Value).Prepend((member.Key, member.Value))),
        JsonArray array => array.SelectMany(Values),
        _ => [],
    };

    private async Task<HttpResponseMessage> GetAsync(string path)
    {
        using var http = new HttpClient();
        var answer = await http.GetAsync(new Uri(installation.Server.Address, path), Token);
        Assert.True(answer.StatusCode is HttpStatusCode.OK, $"{path} is answered {answer.StatusCode}.");
        return answer;
    }

    private static void AssertOwnOriginOnly(HttpResponseMessage answer)
    {
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        var directives = policy.Split(';', StringSplitOptions.TrimEntries).ToDictionary(each => each.Split(' ')[0], each => each.Split(' ')[1..], StringComparer.Ordinal);
        Assert.Equal(["'self'"], directives["default-src"]);
        Assert.Equal(["'self'"], directives["connect-src"]);
        Assert.All(directives.SelectMany(each => each.Value), source => Assert.Contains(source, new[] { "'self'", "'none'", "'unsafe-inline'", "data:" }));
    }

    [GeneratedRegex("""(?:src|href|from)\s*=?\s*["'](?<url>[^"']+)["']""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Loaded();
}
