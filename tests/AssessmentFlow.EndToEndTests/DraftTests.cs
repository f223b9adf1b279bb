using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>An author may keep what is not finished; nobody runs on it before it is sound.</summary>
public sealed class DraftTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>
{
    private const string Path = "/api/v1/workflow-definitions";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_unsound_definition_is_refused_unless_it_is_sent_as_a_draft()
    {
        var refused = await SendAsync(Path, Unsound("draft-1"));
        var kept = await SendAsync($"{Path}?draft=true", Unsound("draft-1"));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "$.root.activities[0].eventName.expression.value"), (refused.Status, (string?)refused.Json["errors"]![0]!["pointer"]));
        Assert.Equal("wait", (string?)refused.Json["errors"]![0]!["activity"]);
        Assert.Equal(HttpStatusCode.Created, kept.Status);
        var problem = Assert.Single(kept.Json["problems"]!.AsArray())!;
        Assert.Equal(("$.root.activities[0].eventName.expression.value", "input-missing", "wait"), ((string?)problem["path"], (string?)problem["code"], (string?)problem["activity"]));
    }

    [Fact]
    public async Task An_unsound_draft_cannot_be_published_until_it_is_mended()
    {
        await SendAsync($"{Path}?draft=true", Unsound("draft-2"));

        var refused = await SendAsync($"{Path}/draft-2/publish", new JsonObject { ["note"] = "Synthetic." });
        var started = await SendAsync("/api/v1/instances", new JsonObject { ["definitionId"] = "draft-2" });
        await SendAsync(Path, Sound("draft-2"));
        var published = await SendAsync($"{Path}/draft-2/publish", new JsonObject { ["note"] = "Synthetic." });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal("urn:assessmentflow:problem:definition-unsound", (string?)refused.Json["type"]);
        Assert.Equal("input-missing", (string?)refused.Json["errors"]![0]!["code"]);
        Assert.Contains("wait", (string?)refused.Json["errors"]![0]!["detail"], StringComparison.Ordinal);
        Assert.Equal("definition-unknown", (string?)started.Json["errors"]![0]!["code"]);
        Assert.Equal((HttpStatusCode.OK, 2), (published.Status, (int?)published.Json["publishedVersion"])); // Nobody said that the draft was seen: it is kept beside.
    }

    [Fact]
    public async Task A_repeated_publication_is_answered_as_the_first_time_also_when_an_unsound_draft_came_after_it()
    {
        await SendAsync(Path, Sound("draft-3"));
        var publish = Request($"{Path}/draft-3/publish", new JsonObject { ["note"] = "Synthetic." });
        var first = await installation.Api.SendAsync(publish, Token);
        await SendAsync($"{Path}?draft=true", Unsound("draft-3"));

        var again = await installation.Api.SendAsync(publish, Token);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.Status, again.Status));
        Assert.Equal(first.Body, again.Body);
    }

    [Fact]
    public async Task A_draft_may_use_a_workflow_that_is_published_only_later_and_is_pinned_to_it_when_it_is_published_itself()
    {
        var uses = Definitions.Of("draft-4", new JsonObject { ["id"] = "used", ["type"] = "Draft5", ["version"] = 1, ["workflowDefinitionId"] = "draft-5" });
        var used = Sound("draft-5");
        used["name"] = "draft-5";
        used["options"] = new JsonObject { ["usableAsActivity"] = true };
        await SendAsync($"{Path}?draft=true", uses);
        await SendAsync(Path, used);

        var early = await SendAsync($"{Path}/draft-4/publish", new JsonObject { ["note"] = "Synthetic." });
        await SendAsync($"{Path}/draft-5/publish", new JsonObject { ["note"] = "Synthetic." });
        var late = await SendAsync($"{Path}/draft-4/publish", new JsonObject { ["note"] = "Synthetic." });

        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.OK), (early.Status, late.Status));
        var document = await installation.Api.GetAsync(Stage.Secretariat, $"{Path}/draft-4", Token);
        var version = (await installation.Api.GetAsync(Stage.Secretariat, $"{Path}/draft-5/versions", Token))["versions"]![0]!;
        Assert.Equal((string?)version["hash"], (string?)document["root"]!["activities"]![0]!["workflowDefinitionVersionId"]);
    }

    [Fact]
    public async Task A_publication_answers_with_the_warnings_of_the_import_also_at_a_repeat()
    {
        var odd = Definitions.Of("draft-6", Definitions.Activity("odd", "Elsa.SetOutput", ("outputName", "String", "Literal", "Nobody declared it")), Definitions.Activity("end", "Elsa.End"), Definitions.Wait("late"));
        var imported = await SendAsync(Path, odd);
        var publish = Request($"{Path}/draft-6/publish", new JsonObject { ["note"] = "Synthetic." });

        var published = await installation.Api.SendAsync(publish, Token);
        var again = await installation.Api.SendAsync(publish, Token);

        Assert.Equal(
            [("$.root.activities[2]", "activity-unreachable", "late"), ("$.root.activities[0].outputName.expression.value", "output-undeclared", "odd")],
            published.Json["warnings"]!.AsArray().Select(warning => ((string?)warning!["path"], (string?)warning["code"], (string?)warning["activity"])));
        Assert.Equal(imported.Json["warnings"]!.ToJsonString(), published.Json["warnings"]!.ToJsonString());
        Assert.Equal(published.Body, again.Body);
    }

    private static JsonObject Sound(string id) => Definitions.Of(id, Definitions.Wait("wait"));

    private static JsonObject Unsound(string id)
    {
        var definition = Sound(id);
        definition["root"]!["activities"]![0]!["eventName"]!["expression"]!["value"] = "";
        return definition;
    }

    private static RestRequest Request(string path, JsonObject body) => Edits.Request("POST", Stage.Secretariat, path, "*", body);

    private Task<RestAnswer> SendAsync(string path, JsonObject body) => installation.Api.SendAsync(Request(path, body), Token);
}
