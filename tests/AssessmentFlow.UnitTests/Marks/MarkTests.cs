using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Engine.Execution;
using CsCheck;

namespace AssessmentFlow.UnitTests.Marks;

public sealed class MarkTests
{
    private const string Sbu = """{ "scheme": "US", "level": "SBU" }""";

    private static readonly System.Collections.Immutable.ImmutableSortedDictionary<string, MarkingScheme> Shipped = Repository.ShippedReference().MarkingSchemes;

    private static readonly Gen<Mark> AnyMark = Gen.OneOf(
        [.. Shipped.Values.SelectMany(scheme => scheme.Levels.Select(level => new Mark(scheme.Id, level))), new Mark("UN", "CONFIDENTIAL"), new Mark("US", "sbu")]);

    [Fact]
    public void The_level_of_a_document_is_per_scheme_that_of_its_highest_portion() => FixedSeeds.Check(
        AnyMark.Array[0, 12],
        2_000,
        portions =>
        {
            var level = Mark.Highest(portions, Shipped);
            Assert.Equal(portions.Select(portion => portion.Scheme).Distinct().Order(StringComparer.Ordinal), level.Select(mark => mark.Scheme));
            Assert.All(level, mark =>
            {
                Assert.Contains(mark, portions);
                Assert.All(portions.Where(portion => portion.Scheme == mark.Scheme), portion => Assert.True(Rank(portion) <= Rank(mark)));
            });
        },
        portions => string.Join(", ", portions.Select(portion => portion.ToString())));

    [Fact]
    public void No_mark_is_translated_into_another_scheme() => Assert.Equal(
        [new Mark("UN", "strictly confidential"), new Mark("US", "U")],
        Mark.Highest([new Mark("US", "U"), new Mark("UN", "strictly confidential"), new Mark("UN", "unclassified")], Shipped));

    [Fact]
    public void A_document_without_marks_has_no_level() => Assert.Empty(Mark.Highest([], Shipped));

    [Fact]
    public void A_reader_reads_up_to_the_level_cleared_for_in_the_same_scheme_and_nothing_else() => FixedSeeds.Check(
        Gen.Select(AnyMark, AnyMark.Array[0, 2]),
        2_000,
        sample =>
        {
            var (mark, cleared) = sample;
            var clearances = cleared.DistinctBy(each => each.Scheme).ToDictionary(each => each.Scheme, each => each.Level, StringComparer.Ordinal);
            Assert.Equal(
                cleared.DistinctBy(each => each.Scheme).Any(each => each.Scheme == mark.Scheme && Rank(mark) <= Rank(each)),
                mark.IsReadableBy(clearances, Shipped));
        },
        sample => $"{sample.Item1} by {string.Join(", ", sample.Item2.Select(each => each.ToString()))}");

    [Theory]
    [InlineData("NATO", "secret")]
    [InlineData("UN", "secret")]
    public void A_mark_that_no_scheme_knows_hides_what_bears_it(string scheme, string level) => Assert.False(
        new Mark(scheme, level).IsReadableBy(new Dictionary<string, string>(StringComparer.Ordinal) { ["NATO"] = "secret", ["UN"] = "strictly confidential" }, Shipped));

    [Theory]
    [InlineData("NATO", "secret", "marking-scheme-unknown")]
    [InlineData("UN", "secret", "mark-unknown")]
    [InlineData("US", "confidential", "mark-unknown")]
    [InlineData("US", "SBU", null)]
    public void An_item_bears_only_marks_of_a_known_scheme(string scheme, string level, string? code)
    {
        var body = JsonElement.Parse($$"""{ "paragraph": 1, "mark": { "scheme": "{{scheme}}", "level": "{{level}}" } }""");

        Assert.Equal(code, new LoneCase().Code(new AssessmentInput.PutItem("portion", "p1", body, IfChangedAt: 0, LoneCase.Secretariat)));
    }

    [Fact]
    public void A_donor_that_reports_on_its_programme_keeps_the_mark_that_others_gave_it()
    {
        var lone = new LoneCase();
        var donor = new Actor("state-au", [Roles.OfState("AU")]);
        lone.Must(new AssessmentInput.PutItem("programme", "a1", Programme(status: "UnderConsideration", mark: Sbu), IfChangedAt: 0, LoneCase.Secretariat));

        Assert.Equal("mark-of-others", lone.Code(new AssessmentInput.PutItem("programme", "a1", Programme(status: "Underway", mark: "null"), IfChangedAt: null, donor)));
        Assert.Null(lone.Code(new AssessmentInput.PutItem("programme", "a1", Programme(status: "Underway", mark: Sbu), IfChangedAt: null, donor)));
        Assert.Null(lone.Code(new AssessmentInput.PutItem("programme", "a1", Programme(status: "Underway", mark: "null"), IfChangedAt: null, LoneCase.Secretariat)));
    }

    private static JsonElement Programme(string status, string mark) =>
        JsonElement.Parse($$"""{ "donor": "AU", "title": "Synthetic", "status": "{{status}}", "mark": {{mark}} }""");

    private static int Rank(Mark mark) =>
        Array.FindIndex([.. Shipped[mark.Scheme].Levels], level => string.Equals(level, mark.Level, StringComparison.OrdinalIgnoreCase));
}
