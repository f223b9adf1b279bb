using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What Studio calls keeps the promises that Studio itself does not make: nothing is lost, doubled or published unseen.</summary>
public sealed class StudioApiTests(SqliteInstallation installation) : IClassFixture<SqliteInstallation>, IDisposable
{
    private readonly StudioClient _studio = Page(installation);
    private readonly StudioClient _other = Page(installation);

    public void Dispose()
    {
        _studio.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task A_save_from_an_outdated_page_is_refused_and_says_by_whom_it_was_overtaken()
    {
        var mine = await CreateAsync("conflict");
        var theirs = await _other.OpenAsync("conflict");
        theirs["description"] = "theirs";
        Assert.Equal(HttpStatusCode.OK, (await _other.SaveAsync(theirs)).Status);
        mine["description"] = "mine";

        var refused = await _studio.SaveAsync(mine);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("secretariat has changed this workflow", Assert.Single(refused.Shown), StringComparison.Ordinal);
        Assert.Equal("theirs", (string?)(await _studio.OpenAsync("conflict"))["description"]);
    }

    [Fact]
    public async Task A_page_may_save_again_before_it_was_answered()
    {
        var drawn = await CreateAsync("impatient");
        drawn["description"] = "first";
        await _studio.SaveAsync(drawn);
        drawn["description"] = "second";

        Assert.Equal(HttpStatusCode.OK, (await _studio.SaveAsync(drawn)).Status);
        Assert.Equal("second", (string?)(await _studio.OpenAsync("impatient"))["description"]);
    }

    [Fact]
    public async Task A_repeated_save_or_creation_is_done_once()
    {
        var drawn = New(id: null, "Synthetic repeated");
        var first = (await _studio.SaveAsync(drawn)).Json["workflowDefinition"]!;
        var second = (await _studio.SaveAsync(drawn, isRepeat: true)).Json["workflowDefinition"]!;
        Assert.Equal((string?)first["definitionId"], (string?)second["definitionId"]);

        first["description"] = "changed";
        var saved = await _studio.SaveAsync(first);
        var again = await _studio.SaveAsync(first, isRepeat: true);
        Assert.Equal(saved.Json["workflowDefinition"]!["customProperties"]!.ToJsonString(), again.Json["workflowDefinition"]!["customProperties"]!.ToJsonString());
    }

    [Fact]
    public async Task What_is_drawn_undone_and_drawn_again_before_an_answer_came_is_kept()
    {
        var drawn = await CreateAsync("undone");
        foreach (var description in new[] { "first", "second", "first" })
        {
            drawn["description"] = description;
            Assert.Equal(HttpStatusCode.OK, (await _studio.SaveAsync(drawn)).Status);
        }

        Assert.Equal("first", (string?)(await _studio.OpenAsync("undone"))["description"]);
    }

    [Fact]
    public async Task A_repeated_run_starts_one_instance()
    {
        await CreateAsync("run-once");
        var first = await _studio.RunAsync("run-once");
        var again = await _studio.SendAsync("POST", "/workflow-definitions/run-once/execute", new JsonObject { ["versionOptions"] = "Latest" }, isRepeat: true);

        Assert.Equal((HttpStatusCode.OK, first), (again.Status, again.Headers["x-elsa-workflow-instance-id"]));
        Assert.NotEqual(first, await _studio.RunAsync("run-once"));
    }

    [Fact]
    public async Task A_draft_that_somebody_else_has_begun_stays_beside_what_is_imported_or_brought_back()
    {
        var published = (await _studio.SaveAsync(await CreateAsync("shared"), "First.")).Json["workflowDefinition"]!;
        var file = (await _studio.SendAsync("GET", "/workflow-definitions/shared/export?versionOptions=Latest")).Json;
        published["description"] = "By somebody else.";
        await _other.SaveAsync(published);

        file["description"] = "From a file.";
        Assert.Equal(HttpStatusCode.OK, (await _studio.SendAsync("POST", "/workflow-definitions/import", file)).Status);
        Assert.Equal(HttpStatusCode.Created, (await _studio.SendAsync("POST", "/workflow-definitions/shared/revert/1", new JsonObject())).Status);

        Assert.Equal(["", "From a file.", "By somebody else.", ""], (await VersionsAsync("shared")).Select(version => (string?)version["description"]));
    }

    [Fact]
    public async Task Saving_what_was_only_looked_at_makes_no_version()
    {
        foreach (var id in new[] { "agency-review", "report-circulation", "visit-lifecycle" })
        {
            Assert.Equal(HttpStatusCode.OK, (await _studio.SaveAsync(await _studio.OpenAsync(id))).Status);
            Assert.Single(await VersionsAsync(id));
        }
    }

    [Fact]
    public async Task Nothing_is_published_without_a_change_note_and_the_note_is_in_the_history()
    {
        var drawn = await CreateAsync("noted");
        var refused = await _studio.SendAsync("POST", "/workflow-definitions/noted/publish", new JsonObject());
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("change note", Assert.Single(refused.Shown), StringComparison.Ordinal);

        var published = await _studio.SaveAsync(drawn, "Because <of> the new rule.");

        Assert.True((bool)published.Json["workflowDefinition"]!["isPublished"]!);
        Assert.False((bool)published.Json["alreadyPublished"]!);
        var page = await PageAsync("/studio/history/noted");
        Assert.Contains("Because &lt;of&gt; the new rule.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_is_taken_back_and_published_again_keeps_who_published_it_before_and_why_and_who_took_it_back()
    {
        await _studio.SaveAsync(await CreateAsync("again"), "The first reason.");
        Assert.Equal(HttpStatusCode.OK, (await _studio.SendAsync("POST", "/workflow-definitions/again/retract", new JsonObject())).Status);
        Assert.Equal(HttpStatusCode.OK, (await _studio.SendAsync("POST", "/workflow-definitions/again/publish", new JsonObject { ["note"] = "The second reason." })).Status);

        var workflow = await installation.Api.GetAsync(Stage.Secretariat, "/api/v1/workflow-definitions/again/versions", TestContext.Current.CancellationToken);
        var publications = Assert.Single(workflow["versions"]!.AsArray())!["publications"]!.AsArray();
        Assert.Equal(
            [(Stage.Secretariat, "The first reason.", Stage.Secretariat), (Stage.Secretariat, "The second reason.", null)],
            publications.Select(each => ((string)each!["by"]!, (string)each["note"]!, (string?)each["endedBy"])));
        Assert.Matches(
            "secretariat, [^<]*: The second reason.</p><p>secretariat, [^<]*, until [^<]*, by secretariat: The first reason.",
            await PageAsync("/studio/history/again"));
    }

    [Fact]
    public async Task A_workflow_that_is_imported_while_it_is_deleted_is_in_the_list_if_it_is_there()
    {
        for (var round = 0; round < 100; round++)
        {
            await CreateAsync("raced");
            await Task.WhenAll(_studio.SendAsync("DELETE", "/workflow-definitions/raced", new JsonObject()), _studio.SaveAsync(New("raced", $"Synthetic {round}")));

            var isThere = (await _studio.SendAsync("GET", "/workflow-definitions/by-definition-id/raced", null)).Status is HttpStatusCode.OK;
            Assert.Equal(isThere ? 1 : 0, (await VersionsAsync("raced")).Count(version => (bool)version["isLatest"]!));
            await _studio.SendAsync("DELETE", "/workflow-definitions/raced", new JsonObject());
        }
    }

    [Fact]
    public async Task Whoever_asks_to_watch_what_can_be_no_instance_is_told_so()
    {
        using var hub = await HubClient.WatchAsync(installation.Server.Address, installation.Api.Keys[Stage.Secretariat], "\0");

        var said = await hub.HearAsync("\"invocationId\":\"watch\"");

        Assert.Contains("There is no such instance.", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_duplicate_is_a_workflow_of_its_own_whatever_its_original_was_made_from()
    {
        var copy = (await CreateAsync("original")).DeepClone();
        copy["definitionId"] = "";
        copy["id"] = "";
        copy["name"] = "Synthetic duplicate";

        var saved = await _studio.SaveAsync(copy);

        Assert.Equal(HttpStatusCode.OK, saved.Status);
        Assert.NotEqual("original", (string?)saved.Json["workflowDefinition"]!["definitionId"]);
    }

    [Fact]
    public async Task What_a_designer_draws_is_kept_as_a_draft_and_put_into_force_by_the_secretariat_only()
    {
        using var designer = new StudioClient(installation.Server.Address, installation.Api.Keys["designer"]);
        var drawn = (await designer.SaveAsync(New("drafted", "Synthetic draft"))).Json["workflowDefinition"]!;
        drawn["description"] = "By a designer.";

        var refused = await designer.SaveAsync(drawn, "Synthetic note.");
        var direct = await designer.SendAsync("POST", "/workflow-definitions/drafted/publish", new JsonObject(), "Synthetic note.");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Forbidden), (refused.Status, direct.Status));
        Assert.Contains("only the secretariat publishes", Assert.Single(refused.Shown), StringComparison.Ordinal);
        var kept = await _studio.OpenAsync("drafted");
        Assert.Equal(("By a designer.", false), ((string?)kept["description"], (bool)kept["isPublished"]!));
        Assert.True((bool)(await _studio.SaveAsync(kept, "Synthetic note.")).Json["workflowDefinition"]!["isPublished"]!);
    }

    [Fact]
    public async Task An_unsound_draft_is_kept_but_neither_published_nor_run_and_each_problem_is_shown()
    {
        var drawn = New("unsound", "Synthetic unsound");
        drawn["root"]!["activities"]!.AsArray().Add(new JsonObject { ["id"] = "wait", ["name"] = "Wait", ["type"] = "Elsa.Event", ["version"] = 1 });
        var kept = await _studio.SaveAsync(drawn);
        Assert.Equal(HttpStatusCode.OK, kept.Status);

        var published = await _studio.SaveAsync(kept.Json["workflowDefinition"]!, "Synthetic note.");
        var run = await _studio.SendAsync("POST", "/workflow-definitions/unsound/execute", new JsonObject());

        Assert.All([published, run], answer => Assert.Contains(answer.Shown, text => text.Contains("Wait: The input EventName is required.", StringComparison.Ordinal)));
        Assert.False((bool)(await _studio.OpenAsync("unsound"))["isPublished"]!);
    }

    [Fact]
    public async Task A_run_that_is_refused_is_told_where_Studio_looks_for_it()
    {
        var drawn = await CreateAsync("not-run");
        drawn["root"]!["activities"] = new JsonArray(new JsonObject { ["id"] = "wait", ["type"] = "Elsa.Event", ["version"] = 1 });
        await _studio.SaveAsync(drawn);

        foreach (var id in new[] { "not-run", "not-there" })
        {
            var answer = await _studio.SendAsync("POST", $"/workflow-definitions/{id}/execute", new JsonObject { ["versionOptions"] = "Latest" });
            Assert.True(answer.Status >= HttpStatusCode.BadRequest, answer.ToString());
            Assert.Equal("True", answer.Headers["x-elsa-workflow-cannot-start"]);
        }
    }

    [Fact]
    public async Task Versions_on_which_instances_ran_are_listed_by_their_ids_after_their_workflow_was_deleted()
    {
        await CreateAsync("left");
        await _studio.RunAsync("left");
        var later = await _studio.OpenAsync("left");
        later["name"] = "Synthetic left, later";
        Assert.Equal(HttpStatusCode.OK, (await _studio.SaveAsync((await _studio.SaveAsync(later)).Json["workflowDefinition"]!, "First.")).Status);
        await _studio.RunAsync("left");
        var second = await _studio.OpenAsync("left");
        second["name"] = "Synthetic left, second";
        await _studio.SaveAsync(second);
        await _studio.RunAsync("left");
        Assert.Equal(HttpStatusCode.NoContent, (await _studio.SendAsync("DELETE", "/workflow-definitions/left")).Status);

        var instances = await _studio.SendAsync("POST", "/workflow-instances", new JsonObject { ["page"] = 0, ["pageSize"] = 10, ["definitionId"] = "left" });
        var ids = instances.Json["items"]!.AsArray().Select(item => (string)item!["definitionVersionId"]!).ToList();
        var found = (await _studio.GetAsync($"/workflow-definitions?versionOptions=&{string.Join('&', ids.Select(id => $"Ids={Uri.EscapeDataString(id)}"))}&Ids=never:1"))["items"]!.AsArray();

        Assert.Equal(3, ids.Count);
        Assert.Equal(ids.Order(StringComparer.Ordinal), found.Select(item => (string)item!["id"]!).Order(StringComparer.Ordinal));
        Assert.Contains("Synthetic left, second", found.Select(item => (string?)item!["name"]));
        Assert.Empty(await VersionsAsync("left"));
    }

    [Fact]
    public async Task A_publication_tells_what_is_odd_beside_what_studio_reads()
    {
        var drawn = New("odd-output", "Synthetic odd output");
        drawn["root"]!["activities"]!.AsArray().Add(Definitions.Activity("odd", "Elsa.SetOutput", ("outputName", "String", "Literal", "Gone")));
        var kept = await _studio.SaveAsync(drawn);
        Assert.Empty(kept.Json["validationWarnings"]!.AsArray());

        var published = await _studio.SaveAsync(kept.Json["workflowDefinition"]!, "Synthetic note.");

        var warning = Assert.Single(published.Json["validationWarnings"]!.AsArray())!;
        Assert.Equal(("output-undeclared", "odd"), ((string?)warning["code"], (string?)warning["activity"]));
        Assert.Empty(published.Json["validationErrors"]!.AsArray());
    }

    [Fact]
    public async Task An_activity_that_the_server_does_not_have_survives_being_shown_and_saved()
    {
        var drawn = New("odd", "Synthetic odd");
        drawn["root"]!["activities"]!.AsArray().Add(new JsonObject { ["id"] = "odd", ["type"] = "Synthetic.Unknown", ["version"] = 2, ["kept"] = "as it is" });
        var shown = (await _studio.SaveAsync(drawn)).Json["workflowDefinition"]!;
        Assert.Equal("Elsa.NotFoundActivity", (string?)shown["root"]!["activities"]![0]!["type"]);

        shown["description"] = "changed";
        await _studio.SaveAsync(shown);
        var file = (await _studio.SendAsync("GET", "/workflow-definitions/odd/export?versionOptions=Latest")).Json;

        Assert.Equal(("Synthetic.Unknown", "as it is"), ((string?)file["root"]!["activities"]![0]!["type"], (string?)file["root"]!["activities"]![0]!["kept"]));
    }

    [Theory]
    [InlineData("""{"id":"r"}""")]
    [InlineData("{}")]
    [InlineData("""{"id":"r","type":7,"version":2,"kept":"as it is"}""")]
    [InlineData("""{"type":"Elsa.SendHttpRequest","version":1}""")]
    public async Task A_root_that_says_too_little_is_a_draft_that_can_be_shown_and_saved(string root)
    {
        var id = $"rootless-{Guid.NewGuid():n}";
        var drawn = New(id, "Synthetic rootless");
        drawn["root"] = JsonNode.Parse(root);
        var isTyped = drawn["root"]!["type"]?.GetValueKind() is System.Text.Json.JsonValueKind.String;

        var saved = await _studio.SaveAsync(drawn);
        Assert.True(saved.Status is HttpStatusCode.OK, saved.ToString());
        var shown = await _studio.OpenAsync(id);
        var types = await _studio.SendAsync("POST", $"/scripting/javascript/type-definitions/{id}", new JsonObject());
        shown["description"] = "changed";
        var again = await _studio.SaveAsync(shown);
        var file = (await _studio.SendAsync("GET", $"/workflow-definitions/{id}/export?versionOptions=Latest")).Json;

        Assert.Equal(!isTyped, (string?)shown["root"]!["type"] is "Elsa.NotFoundActivity");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (types.Status, again.Status));
        Assert.Equal((string?)JsonNode.Parse(root)!["kept"], (string?)file["root"]!["kept"]);
        Assert.Equal(JsonNode.Parse(root)!["type"]?.ToJsonString(), file["root"]!["type"]?.ToJsonString());
    }

    [Theory]
    [InlineData("List<", "any")]
    [InlineData("List<String", "any")]
    [InlineData("List<>", "any[]")]
    [InlineData("List<List<String>>", "string[][]")]
    public async Task A_variable_of_whatever_type_has_a_type_in_scripts(string type, string shown)
    {
        var id = $"odd-type-{Guid.NewGuid():n}";
        var drawn = New(id, "Synthetic odd type");
        drawn["variables"] = new JsonArray(new JsonObject { ["id"] = "v", ["name"] = "Odd", ["typeName"] = type });
        await _studio.SaveAsync(drawn);

        var types = await _studio.SendAsync("POST", $"/scripting/javascript/type-definitions/{id}", new JsonObject());

        Assert.Equal(HttpStatusCode.OK, types.Status);
        Assert.Contains($"  Odd: {shown};\n", types.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_placeholder_whose_original_cannot_be_read_is_kept_as_it_is()
    {
        const string Twice = """{"id":"odd","type":"Synthetic.Unknown","type":"Synthetic.Other","version":2}""";
        var drawn = New("placeholder", "Synthetic placeholder");
        drawn["root"]!["activities"]!.AsArray().Add(new JsonObject { ["id"] = "odd", ["type"] = "Elsa.NotFoundActivity", ["version"] = 1, ["originalActivityJson"] = Twice });

        var saved = await _studio.SaveAsync(drawn);
        Assert.True(saved.Status is HttpStatusCode.OK, saved.ToString());
        var again = await _studio.SaveAsync(await _studio.OpenAsync("placeholder"));
        var file = (await _studio.SendAsync("GET", "/workflow-definitions/placeholder/export?versionOptions=Latest")).Json;

        Assert.Equal((HttpStatusCode.OK, Twice), (again.Status, (string?)file["root"]!["activities"]![0]!["originalActivityJson"]));
    }

    [Fact]
    public async Task Whatever_is_not_published_together_with_others_is_told_why_also_when_it_was_overtaken()
    {
        var failed = 0;
        for (var race = 0; race < 20; race++)
        {
            var id = $"overtaken-{race}";
            var drawn = await CreateAsync(id);
            drawn["description"] = "changed";

            var publication = _other.SendAsync("POST", "/bulk-actions/publish/workflow-definitions/by-definition-ids", new JsonObject { ["definitionIds"] = new JsonArray(id) }, "Synthetic note.");
            await _studio.SaveAsync(drawn);
            var answer = (await publication).Json;

            if (answer["failed"]!.AsArray().Count > 0)
            {
                failed++;
                Assert.NotEmpty(answer["warnings"]![id]!.AsArray());
            }
        }

        TestContext.Current.SendDiagnosticMessage("{0} of 20 publications were overtaken.", failed);
    }

    [Theory]
    [InlineData("/diagnostics/structured-logs?workflowInstanceId=made-up")]
    [InlineData("/studio/diagnostics/structured-logs?workflowInstanceId=made-up")]
    public async Task The_link_to_logs_that_Studio_shows_leads_to_the_instances(string path)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });

        using var answer = await http.GetAsync(new Uri(installation.Server.Address, path), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Redirect, "/studio/workflows/instances"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task A_workflow_on_which_an_instance_runs_is_not_deleted_before_that_has_ended()
    {
        var drawn = New("used", "Synthetic used");
        drawn["root"]!["activities"]!.AsArray().Add(Definitions.Wait("wait"));
        await _studio.SaveAsync(drawn);
        var instance = await _studio.RunAsync("used");

        var refused = await _studio.SendAsync("DELETE", "/workflow-definitions/used");
        Assert.Contains(instance, Assert.Single(refused.Shown), StringComparison.Ordinal);
        Assert.Contains("regime", Assert.Single((await _studio.SendAsync("DELETE", "/workflow-definitions/visit-lifecycle")).Shown), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await _studio.SendAsync("POST", $"/cancel/workflow-instances/{instance}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _studio.SendAsync("DELETE", "/workflow-definitions/used")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _studio.SendAsync("GET", "/workflow-definitions/by-definition-id/used")).Status);

        // What ran can still be looked at.
        var shown = await _studio.GetAsync($"/workflow-instances/{instance}");
        Assert.Equal("Cancelled", (string?)shown["subStatus"]);
        Assert.NotNull((await _studio.GetAsync($"/workflow-definitions/by-id/{(string?)shown["definitionVersionId"]}"))["root"]);
    }

    [Fact]
    public async Task A_workflow_that_another_one_starts_is_kept_and_of_several_each_that_is_kept_is_told()
    {
        await CreateAsync("child");
        await CreateAsync("childless");
        var parent = New("parent", "Synthetic parent");
        parent["root"]!["activities"]!.AsArray().Add(Definitions.Activity("start", "Elsa.DispatchWorkflow", ("workflowDefinitionId", "String", "Literal", "child")));
        var kept = await _studio.SaveAsync(parent);
        Assert.Equal(HttpStatusCode.OK, (await _studio.SaveAsync(kept.Json["workflowDefinition"]!, "Synthetic note.")).Status);

        var both = await _studio.SendAsync("POST", "/bulk-actions/delete/workflow-definitions/by-definition-id", new JsonObject { ["definitionIds"] = new JsonArray("child", "childless") });

        Assert.Equal(1, (int)both.Json["deleted"]!);
        Assert.Contains("'parent' starts it", (string?)Assert.Single(both.Json["kept"]!.AsArray()), StringComparison.Ordinal);
        Assert.Contains("'agency-review' is kept", Assert.Single((await _studio.SendAsync("DELETE", "/workflow-definitions/agency-review")).Shown), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE", "/workflow-instances/{id}", "Instances are evidence and are kept")]
    [InlineData("POST", "/bulk-actions/delete/workflow-instances/by-id", "Instances are evidence and are kept")]
    [InlineData("POST", "/bulk-actions/import/workflow-instances", "Instances are evidence of what ran here: nothing was imported.")]
    public async Task Instances_are_neither_deleted_nor_imported_and_why_is_told(string method, string path, string why)
    {
        var definitionId = $"evidence-{Guid.NewGuid():n}";
        await CreateAsync(definitionId);
        var instance = await _studio.RunAsync(definitionId);
        var turns = await installation.CountTurnsAsync();

        var refused = await _studio.SendAsync(method, path.Replace("{id}", instance, StringComparison.Ordinal), new JsonObject { ["ids"] = new JsonArray(instance) });

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.StartsWith(why, Assert.Single(refused.Shown), StringComparison.Ordinal);
        Assert.Equal(instance, (string?)(await _studio.GetAsync($"/workflow-instances/{instance}"))["id"]);
        Assert.Equal(turns, await installation.CountTurnsAsync());
    }

    [Fact]
    public async Task What_is_gone_or_ended_already_needs_nothing_more()
    {
        await CreateAsync("gone");
        var instance = await _studio.RunAsync("gone");

        foreach (var (method, path) in new[] { ("POST", $"/cancel/workflow-instances/{instance}"), ("DELETE", "/workflow-definition-versions/gone:1"), ("DELETE", "/workflow-definitions/gone") })
        {
            var first = await _studio.SendAsync(method, path);
            Assert.Equal(((int)first.Status < 300, first.Status), (true, (await _studio.SendAsync(method, path)).Status));
        }
    }

    [Fact]
    public async Task A_version_is_retracted_and_an_older_one_brought_back_as_a_draft()
    {
        var first = await CreateAsync("reverted");
        var published = (await _studio.SaveAsync(first, "First.")).Json["workflowDefinition"]!;
        published["description"] = "second";
        var second = (await _studio.SaveAsync(published, "Second.")).Json["workflowDefinition"]!;
        Assert.Equal(2, (int)second["version"]!);

        var reverted = await _studio.SendAsync("POST", "/workflow-definitions/reverted/revert/1", new JsonObject());
        Assert.Equal(HttpStatusCode.Created, reverted.Status);
        Assert.Equal((3, true, false), ((int)reverted.Json["version"]!, (bool)reverted.Json["isLatest"]!, (bool)reverted.Json["isPublished"]!));
        Assert.Equal([3, 2, 1], (await VersionsAsync("reverted")).Select(version => (int)version["version"]!));
        Assert.Equal("", (string?)(await _studio.OpenAsync("reverted"))["description"]);

        Assert.Equal(HttpStatusCode.OK, (await _studio.SendAsync("POST", "/workflow-definitions/reverted/retract", new JsonObject())).Status);
        Assert.Equal(HttpStatusCode.OK, (await _studio.SendAsync("POST", "/workflow-definitions/reverted/retract", new JsonObject())).Status);
    }

    [Fact]
    public async Task What_was_exported_can_be_imported_singly_and_from_an_archive()
    {
        await CreateAsync("exported");
        var file = await _studio.SendAsync("GET", "/workflow-definitions/exported/export?versionOptions=Latest&includeConsumingWorkflows=False");
        Assert.Equal("attachment; filename=workflow-definition-exported-1.json", file.Headers["Content-Disposition"].Split("; filename*")[0]);
        Assert.StartsWith("https://elsaworkflows.io/schemas/workflow-definition", (string?)file.Json["$schema"], StringComparison.Ordinal);

        var archive = await _studio.SendAsync("POST", "/bulk-actions/export/workflow-definitions", new JsonObject { ["ids"] = new JsonArray("exported:1") });
        using var zip = new ZipArchive(new MemoryStream(archive.Body));
        using var reader = new StreamReader(Assert.Single(zip.Entries).Open());
        Assert.Equal(file.Text, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));

        var moved = file.Json;
        moved["definitionId"] = "imported";
        var imported = await _studio.SendAsync("POST", "/workflow-definitions/import", moved);
        Assert.Equal(("imported", false), ((string?)imported.Json["definitionId"], (bool)imported.Json["isPublished"]!));
    }

    [Theory]
    [InlineData("one")]
    [InlineData("several")]
    public async Task What_uses_an_exported_workflow_comes_along_when_that_is_asked_for(string how)
    {
        var (used, user, user2) = ($"used-by-{how}", $"user-of-{how}", $"second-user-of-{how}");
        await CreateAsync($"apart-from-{how}");
        await PublishAsync(used);
        await PublishAsync(user, used);
        await _studio.SaveAsync(Using(user2, user)); // A draft, which uses it by another one.

        Assert.Equal([used], await ExportAsync(isWithConsuming: false));
        Assert.Equal([used, user, user2], await ExportAsync(isWithConsuming: true));

        async Task<string[]> ExportAsync(bool isWithConsuming)
        {
            var answer = how is "one"
                ? await _studio.SendAsync("GET", $"/workflow-definitions/{used}/export?versionOptions=Latest&includeConsumingWorkflows={isWithConsuming}")
                : await _studio.SendAsync("POST", "/bulk-actions/export/workflow-definitions", new JsonObject { ["ids"] = new JsonArray($"{used}:1"), ["includeConsumingWorkflows"] = isWithConsuming });
            if (answer.Headers["Content-Type"] is "application/json")
            {
                return [(string)answer.Json["definitionId"]!];
            }

            using var zip = new ZipArchive(new MemoryStream(answer.Body));
            return [.. zip.Entries.Select(entry => entry.Name["workflow-definition-".Length..^"-1.json".Length])];
        }

        async Task PublishAsync(string id, params string[] uses)
        {
            var drawn = Using(id, uses);
            drawn["options"] = new JsonObject { ["usableAsActivity"] = true };
            var saved = await _studio.SaveAsync(drawn, "Synthetic note.");
            Assert.True(saved.Status is HttpStatusCode.OK, saved.ToString());
        }
    }

    [Fact]
    public async Task A_run_is_told_activity_by_activity()
    {
        var drawn = New("told", "Synthetic told");
        drawn["root"]!["activities"]!.AsArray().Add(Definitions.Activity("say", "Elsa.WriteLine", ("text", "String", "Literal", "Hello")));
        drawn["root"]!["activities"]!.AsArray().Add(Definitions.Wait("wait"));
        await _studio.SaveAsync(drawn);
        var id = await _studio.RunAsync("told");

        var instance = await _studio.GetAsync($"/workflow-instances/{id}");
        Assert.Equal(("Running", "Suspended"), ((string?)instance["status"], (string?)instance["subStatus"]));
        var root = Assert.Single(instance["workflowState"]!["activityExecutionContexts"]!.AsArray(), context => context!["parentContextId"] is null)!;
        Assert.Equal("Workflow1", (string?)root["scheduledActivityNodeId"]);

        var journal = await _studio.SendAsync("POST", $"/workflow-instances/{id}/journal?skip=0&take=110", JsonNode.Parse("""{"filter":{"activityNodeIds":null,"excludedActivityTypes":["Elsa.Workflow","Elsa.Sequence"],"eventNames":null}}"""));
        Assert.Equal(
            ["say Started", "say Line", "say Completed", "wait Started", "wait Suspended"],
            journal.Json["items"]!.AsArray().Select(line => $"{line!["activityId"]} {line["eventName"]}"));

        var report = await _studio.SendAsync("POST", "/activity-executions/report", new JsonObject { ["workflowInstanceId"] = id, ["activityNodeIds"] = new JsonArray("Workflow1:steps:say", "Workflow1:steps:wait") });
        Assert.Equal(
            [(1, 1, false), (1, 0, true)],
            report.Json["stats"]!.AsArray().Select(stats => ((int)stats!["startedCount"]!, (int)stats["completedCount"]!, (bool)stats["isBlocked"]!)));

        var runs = await _studio.GetAsync($"/activity-executions/list?WorkflowInstanceId={id}&ActivityNodeId=Workflow1:steps:say");
        var run = Assert.Single(runs["items"]!.AsArray())!;
        Assert.Equal("Hello", (string?)run["activityState"]!["Text"]);
        Assert.Equal("Done", (string?)run["payload"]!["Outcomes"]![0]);
        Assert.Equal(run.ToJsonString(), (await _studio.GetAsync($"/activity-executions/by-id?id={(string?)run["id"]}")).ToJsonString());
        Assert.Equal(3, (int)(await _studio.GetAsync($"/activity-executions/{(string?)run["id"]}/call-stack?includeCrossWorkflowChain=True"))["totalCount"]!);

        Assert.Equal(HttpStatusCode.OK, (await _studio.SendAsync("POST", "/events/go/trigger", new JsonObject { ["workflowInstanceId"] = id })).Status);
        await Eventually.HoldsAsync(
            "the instance has finished", async () => (string?)(await _studio.GetAsync($"/workflow-instances/{id}/execution-state"))["status"] is "Finished", TestContext.Current.CancellationToken);
        var list = await _studio.SendAsync("POST", "/workflow-instances", new JsonObject { ["page"] = 0, ["pageSize"] = 10, ["definitionIds"] = new JsonArray("told") });
        Assert.Equal((1, "Finished"), ((int)list.Json["totalCount"]!, (string?)list.Json["items"]![0]!["subStatus"]));
    }

    [Fact]
    public async Task The_list_tells_when_an_instance_that_still_waits_last_did_something()
    {
        var drawn = New("moved", "Synthetic moved");
        drawn["root"]!["activities"]!.AsArray().Add(Definitions.Wait("first"));
        drawn["root"]!["activities"]!.AsArray().Add(Definitions.Wait("second"));
        await _studio.SaveAsync(drawn);
        var older = await _studio.RunAsync("moved");
        var younger = await _studio.RunAsync("moved");
        Assert.Equal([younger, older], await ListAsync());

        Assert.Equal(HttpStatusCode.OK, (await _studio.SendAsync("POST", "/events/go/trigger", new JsonObject { ["workflowInstanceId"] = older })).Status);
        await Eventually.HoldsAsync("what did something last is first", async () => (await ListAsync())[0] == older, TestContext.Current.CancellationToken);

        async Task<string[]> ListAsync()
        {
            var list = await _studio.SendAsync("POST", "/workflow-instances", new JsonObject
            {
                ["page"] = 0,
                ["pageSize"] = 10,
                ["definitionId"] = "moved",
                ["orderBy"] = "LastExecuted",
                ["orderDirection"] = "Descending",
            });
            return [.. list.Json["items"]!.AsArray().Select(item => (string)item!["id"]!)];
        }
    }

    [Theory]
    [InlineData("/events/go/trigger", "correlationId")]
    [InlineData("/events/go/trigger", "workflowInstanceId")]
    [InlineData("/workflow-definitions/keyed/execute", "correlationId")]
    [InlineData("/workflow-definitions/keyed/dispatch", "correlationId")]
    public async Task What_nothing_can_be_found_by_is_refused_and_writes_nothing(string path, string member)
    {
        await CreateAsync("keyed");
        var turns = await installation.CountTurnsAsync();

        var refused = await _studio.SendAsync("POST", path, new JsonObject { [member] = new string('x', 201), ["versionOptions"] = "Latest" });

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains($"'{member}' may have 200 printable characters", Assert.Single(refused.Shown), StringComparison.Ordinal);
        Assert.Equal(turns, await installation.CountTurnsAsync());
    }

    [Fact]
    public async Task An_activity_is_tried_out_without_anything_being_kept()
    {
        var drawn = New("tried", "Synthetic tried");
        drawn["root"]!["activities"]!.AsArray().Add(Definitions.Activity("say", "Elsa.WriteLine", ("text", "String", "JavaScript", "'a' + 1")));
        await _studio.SaveAsync(drawn);
        var turns = await installation.CountTurnsAsync();

        var tried = await _studio.SendAsync("POST", "/tests/activities", JsonNode.Parse("""{"workflowDefinitionHandle":{"definitionVersionId":"tried:1"},"activityHandle":{"activityNodeId":"Workflow1:steps:say"}}"""));

        Assert.Equal(("Completed", "a1"), ((string?)tried.Json["status"], (string?)tried.Json["activityState"]!["Text"]));
        Assert.Equal(turns, await installation.CountTurnsAsync());
    }

    [Fact]
    public async Task Who_logs_in_as_Elsas_clients_do_gets_a_token_that_works()
    {
        using var nobody = new StudioClient(installation.Server.Address, key: null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.SendAsync("GET", "/features/installed")).Status);

        var wrong = await nobody.SendAsync("POST", "/identity/login", new JsonObject { ["username"] = "secretariat", ["password"] = "wrong" });
        Assert.Equal("""{"isAuthenticated":false}""", wrong.Text);
        var right = await nobody.SendAsync("POST", "/identity/login", new JsonObject { ["username"] = Stage.Secretariat, ["password"] = installation.Api.Keys[Stage.Secretariat] });
        Assert.True((bool)right.Json["isAuthenticated"]!);

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {(string?)right.Json["accessToken"]}");
        using var answer = await http.GetAsync(new Uri(installation.Server.Address, StudioClient.Api + "/features/installed"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", HttpStatusCode.Unauthorized)]
    [InlineData(null, HttpStatusCode.OK)]
    public async Task A_page_of_another_origin_cannot_use_the_session(string? origin, HttpStatusCode status)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(installation.Server.Address, StudioClient.Api + "/workflow-instances"));
        message.Headers.Add("Cookie", $"assessmentflow-key={installation.Api.Keys[Stage.Secretariat]}");
        message.Headers.Add("Origin", origin ?? installation.Server.Address.GetLeftPart(UriPartial.Authority));
        message.Content = new StringContent("{}");

        using var answer = await http.SendAsync(message, TestContext.Current.CancellationToken);

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("/elsa/api/descriptors/activities", "br", "br")]
    [InlineData("/elsa/api/descriptors/activities", "gzip", "gzip")]
    [InlineData("/elsa/api/descriptors/activities", null, null)]
    [InlineData("/studio/assets/shell.js", "gzip, br", "br")]
    [InlineData("/studio/assets/shell.js", "gzip", "gzip")]
    [InlineData("/studio/assets/shell.js", null, null)]
    [InlineData("/studio/assets/shell.css", "br", "br")]
    [InlineData("/studio/sign-in", "br", null)] // A page repeats what is in its address.
    [InlineData("/api/v1/agencies", "br", null)]
    public async Task What_Studio_loads_comes_compressed_when_that_is_asked_for_and_says_the_same(string path, string? accepted, string? encoding)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        using var plain = await AskAsync(null);
        using var answer = await AskAsync(accepted);

        Assert.Equal((HttpStatusCode.OK, encoding), (answer.StatusCode, answer.Content.Headers.ContentEncoding.SingleOrDefault()));
        var sent = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        using var stream = new MemoryStream(sent);
        await using Stream unpacked = encoding switch
        {
            "br" => new BrotliStream(stream, CompressionMode.Decompress),
            "gzip" => new GZipStream(stream, CompressionMode.Decompress),
            _ => stream,
        };
        using var reader = new StreamReader(unpacked);
        var text = await plain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(text, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.True(encoding is null || sent.Length < text.Length, $"{sent.Length} of {text.Length} bytes");

        async Task<HttpResponseMessage> AskAsync(string? encodings)
        {
            using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(installation.Server.Address, path));
            message.Headers.Add("Authorization", $"ApiKey {installation.Api.Keys[Stage.Secretariat]}");
            if (encodings is not null)
            {
                message.Headers.Add("Accept-Encoding", encodings);
            }

            return await http.SendAsync(message, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task An_answer_that_holds_a_key_is_not_compressed()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        http.DefaultRequestHeaders.Add("Accept-Encoding", "br");
        using var content = new StringContent(new JsonObject { ["username"] = Stage.Secretariat, ["password"] = installation.Api.Keys[Stage.Secretariat] }.ToJsonString());

        using var answer = await http.PostAsync(new Uri(installation.Server.Address, StudioClient.Api + "/identity/login"), content, TestContext.Current.CancellationToken);

        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Contains(installation.Api.Keys[Stage.Secretariat], await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static StudioClient Page(SqliteInstallation installation) => new(installation.Server.Address, installation.Api.Keys[Stage.Secretariat]);

    private static JsonObject New(string? id, string name) => new()
    {
        ["definitionId"] = id,
        ["name"] = name,
        ["root"] = new JsonObject { ["id"] = "steps", ["type"] = "Elsa.Sequence", ["version"] = 1, ["activities"] = new JsonArray() },
    };

    /// <summary>A workflow with other workflows as activities, which are named as it is.</summary>
    private static JsonObject Using(string id, params string[] uses)
    {
        var drawn = New(id, id);
        foreach (var used in uses)
        {
            var type = string.Concat(used.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
            drawn["root"]!["activities"]!.AsArray().Add(new JsonObject { ["id"] = "use", ["type"] = type, ["version"] = 1, ["workflowDefinitionId"] = used });
        }

        return drawn;
    }

    private async Task<JsonNode> CreateAsync(string id)
    {
        var answer = await _studio.SaveAsync(New(id, $"Synthetic {id}"));
        return answer.Status is HttpStatusCode.OK ? answer.Json["workflowDefinition"]! : throw new InvalidOperationException(answer.ToString());
    }

    private async Task<IReadOnlyList<JsonNode>> VersionsAsync(string definitionId) =>
        [.. (await _studio.GetAsync($"/workflow-definitions?versionOptions=AllVersions&DefinitionIds={definitionId}&OrderBy=Version&OrderDirection=Descending"))["items"]!.AsArray().Select(item => item!)];

    private async Task<string> PageAsync(string path)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Cookie", $"assessmentflow-key={installation.Api.Keys[Stage.Secretariat]}");
        return await http.GetStringAsync(new Uri(installation.Server.Address, path), TestContext.Current.CancellationToken);
    }
}
