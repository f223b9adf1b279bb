using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>
/// What takes something away is done once: a page whose answer was lost repeats its request, perhaps long after somebody went on.
/// Whose work a draft holds is looked at when it is deleted, and not before.
/// </summary>
public sealed class StudioLateRepeatTests(RolesInstallation installation) : IClassFixture<RolesInstallation>, IDisposable
{
    /// <summary>Times two requests are sent at once (count). One time in a few, the work of one would be lost by the other.</summary>
    private const int Races = 20;

    private readonly StudioClient _studio = Page(installation, Stage.Secretariat);
    private readonly StudioClient _other = Page(installation, Stage.Secretariat);

    public void Dispose()
    {
        _studio.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData("DELETE", "/workflow-definition-versions/{0}:2", "{}")]
    [InlineData("POST", "/bulk-actions/delete/workflow-definitions/by-id", """{"ids":["{0}:2"]}""")]
    public async Task A_repeated_deletion_of_a_draft_leaves_the_next_draft_alone(string method, string path, string body)
    {
        var id = NewId();
        await PublishAsync(id, "First.");
        await DrawAsync(id, "Deleted.");
        var first = await _studio.SendAsync(method, With(path, id), JsonNode.Parse(With(body, id)));
        await DrawAsync(id, "Drawn since.");

        var again = await _studio.SendAsync(method, With(path, id), JsonNode.Parse(With(body, id)), isRepeat: true);

        Assert.Equal((true, first.Status, first.Text), ((int)first.Status < 300, again.Status, again.Text));
        Assert.Equal((2, "Drawn since."), await NewestAsync(id));
    }

    [Theory]
    [InlineData("/workflow-definitions/{0}/retract", "{}")]
    [InlineData("/bulk-actions/retract/workflow-definitions/by-definition-ids", """{"definitionIds":["{0}"]}""")]
    public async Task A_repeated_retraction_leaves_in_force_what_was_published_since(string path, string body)
    {
        var id = NewId();
        await PublishAsync(id, "First.");
        var first = await _studio.SendAsync("POST", With(path, id), JsonNode.Parse(With(body, id)));
        var between = await _studio.SendAsync("POST", With(path, id), JsonNode.Parse(With(body, id)), isRepeat: true);
        await PublishAsync(id, "Second.");

        var again = await _studio.SendAsync("POST", With(path, id), JsonNode.Parse(With(body, id)), isRepeat: true);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, first.Text), (first.Status, again.Status, between.Text));
        Assert.True((bool)(await _other.OpenAsync(id))["isPublished"]!);
    }

    [Theory]
    [InlineData("DELETE", "/workflow-definitions/{0}", "{}")]
    [InlineData("DELETE", "/workflow-definition-versions/{0}:1", "{}")]
    [InlineData("POST", "/bulk-actions/delete/workflow-definitions/by-definition-id", """{"definitionIds":["{0}"]}""")]
    public async Task A_repeated_deletion_leaves_alone_what_was_imported_since_and_is_answered_as_the_first_time_although_that_is_in_use(string method, string path, string body)
    {
        var id = NewId();
        await DrawAsync(id, "Deleted.");
        var first = await _studio.SendAsync(method, With(path, id), JsonNode.Parse(With(body, id)));
        await DrawAsync(id, "Imported since.");
        var unused = await _studio.SendAsync(method, With(path, id), JsonNode.Parse(With(body, id)), isRepeat: true);
        var isThere = await NewestAsync(id);
        await _other.RunAsync(id);

        var used = await _studio.SendAsync(method, With(path, id), JsonNode.Parse(With(body, id)), isRepeat: true);

        Assert.True((int)first.Status < 300, first.ToString());
        Assert.All([unused, used], again => Assert.Equal((first.Status, first.Text), (again.Status, again.Text)));
        Assert.Equal((1, "Imported since."), isThere);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData("Synthetic note.", true)]
    public async Task What_the_secretariat_saves_or_publishes_while_a_designer_deletes_the_draft_is_not_lost(string? note, bool isOnlyVersion)
    {
        using var designer = Page(installation, "designer");
        for (var race = 0; race < Races; race++)
        {
            var id = NewId();
            if (!isOnlyVersion)
            {
                await PublishAsync(id, "First.");
            }

            await SaveAsync(designer, id, "By the designer.");
            var version = isOnlyVersion ? 1 : 2;
            var draft = await _other.OpenAsync(id);
            draft["description"] = "By the secretariat.";

            var deletion = designer.SendAsync("DELETE", $"/workflow-definition-versions/{id}:{version}");
            var saved = await _other.SaveAsync(draft, note);
            var deleted = await deletion;

            Assert.True(saved.Status is HttpStatusCode.OK != deleted.Status is HttpStatusCode.NoContent, $"Saved: {saved}; deleted: {deleted}");
            if (saved.Status is HttpStatusCode.OK)
            {
                Assert.Equal((version, "By the secretariat."), await NewestAsync(id));
            }
        }
    }

    private static StudioClient Page(RolesInstallation installation, string client) => new(installation.Server.Address, installation.Api.Keys[client]);

    private static string NewId() => $"repeat-{Guid.NewGuid():n}";

    private static string With(string text, string id) => text.Replace("{0}", id, StringComparison.Ordinal);

    private Task DrawAsync(string id, string description) => SaveAsync(_other, id, description);

    private Task PublishAsync(string id, string description) => SaveAsync(_other, id, description, "Synthetic note.");

    private static async Task SaveAsync(StudioClient client, string id, string description, string? note = null)
    {
        var definition = Definitions.Of(id, Definitions.Wait("wait"));
        definition["description"] = description;
        var saved = await client.SaveAsync(definition, note);
        Assert.True(saved.Status is HttpStatusCode.OK, saved.ToString());
    }

    private async Task<(int Version, string? Description)> NewestAsync(string id)
    {
        var newest = await _other.OpenAsync(id);
        return ((int)newest["version"]!, (string?)newest["description"]);
    }
}
