using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.UnitTests.Cases;

public sealed class ItemTests
{
    private readonly LoneCase _case = new();

    [Theory]
    [InlineData("2008-05-09", "2008-05-05", false)]
    [InlineData("2008-05", "2007", false)]
    [InlineData("2008-05-09", "2008", true)]
    [InlineData("2008", "2008-01-01", true)]
    [InlineData("2008-05-09", "2008-05-09", true)]
    [InlineData("next spring", "2007", true)]
    [InlineData(null, "2007", true)]
    public void A_programme_ends_no_earlier_than_it_begins_as_far_as_both_are_stated_as_dates(string? start, string end, bool isSound)
    {
        var refusal = _case.Send(Put("programme", $$"""{ "donor": "FR", "title": "Synthetic", "start": {{(start is null ? "null" : $"\"{start}\"")}}, "end": "{{end}}" }"""));

        Assert.Equal(isSound ? (null, null) : ("programme-ends-before-it-begins", "end"), (refusal?.Code, refusal?.Path));
    }

    [Theory]
    [InlineData("portion", """{ "text": "x", "mark": { "level": "CONFIDENTIAL", "scheme": "UN" } }""")]
    [InlineData("finding", """{ "type": "Context", "area": "a", "summary": "s", "mark": { "level": "CONFIDENTIAL", "scheme": "UN" } }""")]
    public void A_mark_is_kept_as_its_scheme_writes_it_in_the_item_and_beside_it(string kind, string body)
    {
        _case.Must(Put(kind, body));

        var put = Assert.IsType<AssessmentFact.ItemPut>(_case.Facts[^1]);
        Assert.Equal((new Mark("UN", "confidential"), "confidential"), (put.Mark, put.Body.Member("mark").Member("level").AsText()));
        Assert.Equal(new Mark("UN", "confidential"), _case.State.Items[$"{kind}/x"].Mark);
    }

    [Theory]
    [InlineData("programme", """{ "donor": "FR", "title": "Synthetic" }""", "FR")]
    [InlineData("commitment", """{ "summary": "Synthetic", "facts": { "by": "FR", "to": "KH" } }""", "FR")]
    [InlineData("commitment", """{ "summary": "Synthetic" }""", null)]
    [InlineData("event", """{ "summary": "Synthetic", "facts": { "by": "FR" } }""", null)]
    public void The_case_knows_whose_programmes_and_commitments_are(string kind, string body, string? donor)
    {
        _case.Must(Put(kind, body));

        Assert.Equal(donor, _case.State.Items[$"{kind}/x"].Donor);
    }

    [Fact]
    public void A_member_that_an_item_does_not_have_is_refused_where_it_stands()
    {
        var refusal = _case.Send(Put("programme", """{ "donor": "FR", "title": "Synthetic", "titel": "misspelt" }"""));

        Assert.Equal(("item-malformed", "titel"), (refusal?.Code, refusal?.Path));
    }

    private static AssessmentInput.PutItem Put(string kind, string body) => new(kind, "x", JsonElement.Parse(body), IfChangedAt: null, LoneCase.Secretariat);
}
