using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Http;

/// <summary>Files as answers: recorded with name, type and tag, the same for the same content.</summary>
public sealed class WriteFileHttpResponseTests
{
    private const string File = "({ Filename: 'case 7.pdf', ContentType: 'application/pdf', ETag: '\"v7\"', Content: 'AP+A' })";
    private const string HashOfHi = "\"8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4\"";

    [Fact]
    public void A_file_is_answered_with_its_name_type_and_tag()
    {
        var answered = Answered(("content", Js(File)));

        Assert.Equal((200, "AP+A", true, "application/pdf", false), (answered.StatusCode, answered.Body, answered.IsBase64, answered.ContentType, answered.IsResumable));
        Assert.Equal(("attachment; filename=\"case 7.pdf\"; filename*=UTF-8''case%207.pdf", "\"v7\""), (Header(answered, "Content-Disposition"), Header(answered, "ETag")));
    }

    [Fact]
    public void What_its_author_writes_counts_more_than_what_the_file_says()
    {
        var answered = Answered(
            ("content", Js(File)),
            ("filename", Literal("../résumé.txt")),
            ("contentType", Literal("text/plain; charset=utf-8")),
            ("entityTag", Literal("v8")),
            ("enableResumableDownloads", Literal("True")));

        Assert.Equal(("text/plain; charset=utf-8", true), (answered.ContentType, answered.IsResumable));
        Assert.Equal(("attachment; filename=\"r_sum_.txt\"; filename*=UTF-8''r%C3%A9sum%C3%A9.txt", "\"v8\""), (Header(answered, "Content-Disposition"), Header(answered, "ETag")));
    }

    [Theory]
    [InlineData("'hi'", "aGk=", "file.txt", "text/plain", HashOfHi)]
    [InlineData("[104, 105]", "aGk=", "file.bin", "application/octet-stream", HashOfHi)]
    [InlineData("[[104, 105]]", "aGk=", "file.bin", "application/octet-stream", HashOfHi)]
    [InlineData("['hi']", "aGk=", "file.txt", "text/plain", HashOfHi)]
    [InlineData("({ Content: 'aGk=' })", "aGk=", "file.bin", "application/octet-stream", HashOfHi)]
    [InlineData("({ Filename: 'a.CSV', Content: 'aGk=' })", "aGk=", "a.CSV", "text/csv", HashOfHi)]
    [InlineData("({ Content: 'aGk=', ETag: 'W/\"weak\"' })", "aGk=", "file.bin", "application/octet-stream", "W/\"weak\"")]
    [InlineData("({ Filename: 'a.csv', ContentType: '', Content: 'aGk=' })", "aGk=", "a.csv", "text/csv", HashOfHi)]
    [InlineData("({ Filename: 'a.csv', ContentType: 'table', Content: 'aGk=' })", "aGk=", "a.csv", "text/csv", HashOfHi)]
    [InlineData("({ ContentType: 'text/plain; x=é', ETag: 'é', Content: 'aGk=' })", "aGk=", "file.bin", "application/octet-stream", HashOfHi)]
    [InlineData("({ Content: 'aGk=', ETag: 'a\"b' })", "aGk=", "file.bin", "application/octet-stream", HashOfHi)]
    [InlineData("({ Content: '' })", "", "file.bin", "application/octet-stream", "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"")]
    public void Text_bytes_and_a_list_of_one_are_a_file(string content, string body, string name, string type, string tag)
    {
        var answered = Answered(("content", Js(content)));

        Assert.Equal((body, type, tag), (answered.Body, answered.ContentType, Header(answered, "ETag")));
        Assert.Contains($"filename=\"{name}\"", Header(answered, "Content-Disposition"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    public void Nothing_is_answered_by_no_content(string content)
    {
        var answered = Answered(("content", Js(content)));

        Assert.Equal((204, null), (answered.StatusCode, answered.Body));
    }

    [Fact]
    public void Several_files_are_one_archive_that_is_always_the_same()
    {
        const string Files = $"[{File}, 'hi', {File}, ({{ Content: 'aGk=' }})]";

        var (first, second) = (Answered(("content", Js(Files))), Answered(("content", Js(Files))));

        Assert.Equal((first.Body, Header(first, "ETag")), (second.Body, Header(second, "ETag")));
        Assert.Equal("application/zip", first.ContentType);
        Assert.Contains("filename=\"download.zip\"", Header(first, "Content-Disposition"), StringComparison.Ordinal);
        using var archive = new ZipArchive(new MemoryStream(Convert.FromBase64String(first.Body!)));
        Assert.Equal(["case 7.pdf", "file.txt", "case 7 (2).pdf", "file-3.bin"], archive.Entries.Select(entry => entry.FullName));
        Assert.All(archive.Entries, entry => Assert.Equal(new DateTime(1980, 1, 1), entry.LastWriteTime.DateTime));
        using var text = new StreamReader(archive.Entries[1].Open(), Encoding.UTF8);
        Assert.Equal("hi", text.ReadToEnd());
    }

    [Theory]
    [InlineData("content", "'https://receiver.example/case.pdf'", "file-unreadable")]
    [InlineData("content", "7", "file-unreadable")]
    [InlineData("content", "({ Filename: 'a.pdf' })", "file-unreadable")]
    [InlineData("content", "({ Content: 'not Base64' })", "file-unreadable")]
    [InlineData("content", "[256]", "file-unreadable")]
    [InlineData("content", "'x'.repeat(45 * 1024 + 1)", "http-content-too-large")]
    [InlineData("content", "['x'.repeat(23 * 1024), 'x'.repeat(23 * 1024)]", "http-content-too-large")]
    [InlineData("contentType", "'pdf'", "content-type-malformed")]
    [InlineData("contentType", "'text/plain\\r\\nX: 1'", "content-type-malformed")]
    [InlineData("entityTag", "'a\\\"b'", "entity-tag-malformed")]
    [InlineData("entityTag", "'é'", "entity-tag-malformed")]
    public void What_is_no_file_is_an_incident_that_says_why(string input, string script, string code)
    {
        var instance = Run(new EngineWorld(), Response([("content", Literal("hi")), (input, Js(script))]));

        Assert.Equal(code, Assert.Single(instance.State.Incidents).Code);
        Assert.Empty(instance.Facts.OfType<InstanceFact.HttpAnswered>());
    }

    [Fact]
    public void A_file_at_the_limit_is_answered_with() =>
        Assert.Equal(60 * 1024, Answered(("content", Js("'x'.repeat(45 * 1024)"))).Body!.Length);

    [Fact]
    public void Text_that_only_begins_like_an_address_is_text() =>
        Assert.Equal("text/plain", Answered(("content", Literal("http is a protocol"))).ContentType);

    [Theory]
    [InlineData("id-7", true)]
    [InlineData("", false)]
    public void An_id_of_the_download_is_told_to_have_no_effect(string id, bool isTold)
    {
        var warnings = new EngineWorld().Read(Definition("drawn", Response(("downloadCorrelationId", Literal(id))))).Warnings;

        Assert.Equal(isTold ? [("$.root.downloadCorrelationId", "input-without-effect")] : [], warnings.Select(warning => (warning.Path, warning.Code)));
    }

    private static InstanceFact.HttpAnswered Answered(params (string Name, JsonNode? Value)[] members) =>
        Assert.Single(Run(new EngineWorld(), Response(members)).Facts.OfType<InstanceFact.HttpAnswered>());

    private static string Header(InstanceFact.HttpAnswered answered, string name) => answered.Headers![name].Single();

    private static JsonObject Response(params (string Name, JsonNode? Value)[] members) => Activity("Elsa.WriteFileHttpResponse", "a", members);
}
