using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Circulation;

namespace AssessmentFlow.UnitTests.Circulation;

/// <summary>The expected hashes are made here from the rules of docs/report-text.md, not by the code under test.</summary>
public sealed class ReportTextTests
{
    private const string EmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private readonly LoneCase _case = new();

    [Fact]
    public void Copies_say_which_text_they_are_of_and_a_reader_can_compute_it_from_the_portions()
    {
        // Written out of the order of their ids, with spaces and members in any order.
        Put("p2", """{ "text": "Zweiter \u00e9\n\"Satz\"", "paragraph": 2, "mark": { "scheme": "UN", "level": "confidential" } }""");
        Put("p1", """{ "mark": null, "paragraph": 1 }""");
        var written = _case.Version;
        Circulate();

        var lines = Sha256("""{"mark":{"level":"confidential","scheme":"UN"},"paragraph":2,"text":"Zweiter é\n\"Satz\""}""") + "  p2\n"
            + Sha256("""{"mark":null,"paragraph":1}""") + "  p1\n";
        Assert.Equal((Sha256(lines), written), (Last.TextSha256, Last.TextVersion));
    }

    [Fact]
    public void The_text_of_a_report_changes_with_every_portion_written_changed_or_taken_out_and_with_nothing_else()
    {
        var seen = new List<(string?, long)> { Text() };
        Assert.Equal((EmptySha256, 0), seen[0]);
        Put("p1", """{ "text": "One", "mark": null }""");
        seen.Add(Text());
        Put("p1", """{ "text": "Two", "mark": null }""");
        seen.Add(Text());
        Put("p2", """{ "text": "One", "mark": null }""");
        seen.Add(Text());
        Assert.Null(_case.Code(new AssessmentInput.RemoveItem("portion", "p1", IfChangedAt: null, LoneCase.Secretariat)));
        seen.Add(Text());
        Assert.Equal(seen.Count, seen.Select(each => each.Item1).Distinct().Count());
        Assert.Equal(seen.Select(each => each.Item2).Order(), seen.Select(each => each.Item2));

        Assert.Null(_case.Code(new AssessmentInput.PutItem(
            "programme", "x", JsonElement.Parse("""{ "donor": "FR", "title": "Synthetic" }"""), IfChangedAt: null, LoneCase.Secretariat)));
        Assert.Equal(seen[^1], Text());
    }

    [Fact]
    public void A_silence_procedure_and_the_copies_of_what_it_adopted_are_of_one_text()
    {
        Put("p1", """{ "text": "One", "mark": null }""");
        _case.Must(new AssessmentInput.OpenSilence("Report", Roster: null, RosterDate: null, _case.Now.AddDays(1)));
        _case.Now += TimeSpan.FromDays(2);
        Circulate();

        Assert.NotNull(Last.TextSha256);
        Assert.Equal((Last.TextSha256, Last.TextVersion), (_case.State.Silences[0].TextSha256, _case.State.Silences[0].TextVersion));
    }

    [Fact]
    public void A_report_with_a_portion_of_which_no_hash_is_kept_has_none()
    {
        Put("p1", """{ "text": "One", "mark": null }""");
        var older = _case.State with { Items = _case.State.Items.SetItem("portion/p1", _case.State.Items["portion/p1"] with { Sha256 = null }) };

        Assert.Null(ReportText.HashOf(older));
    }

    private ReportCirculation Last => _case.State.Circulations[^1];

    private (string? Sha256, long Version) Text() => (ReportText.HashOf(_case.State), _case.State.ReportChangedAt);

    private void Circulate() => _case.Must(new AssessmentInput.Circulate("Report", Roster: null, Date: null, Due: null));

    private void Put(string id, string body) =>
        _case.Must(new AssessmentInput.PutItem("portion", id, JsonElement.Parse(body), IfChangedAt: null, LoneCase.Secretariat));

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
