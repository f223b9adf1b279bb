using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Execution;
using CsCheck;

namespace AssessmentFlow.UnitTests.Reviews;

public sealed class AgencyReviewTests
{
    private const string Finding = """{ "type": "Shortfall", "area": "borders", "summary": "Synthetic." }""";

    private readonly LoneReview _review = new();

    [Fact]
    public void A_chapter_moves_only_along_its_life_cycle() => FixedSeeds.Check(
        Gen.Enum<Step>().Array[1, 25],
        5_000,
        steps =>
        {
            var review = new LoneReview();
            var expected = ReviewStatus.Assigned;
            foreach (var step in steps)
            {
                var next = Next(expected, step);
                var code = Do(review, step);
                Assert.Equal(next is null, code is not null);
                expected = next ?? expected;
                Assert.Equal(expected, review.State.Status);
            }
        },
        steps => string.Join(", ", steps));

    [Fact]
    public void Only_the_agency_writes_and_signs_off_its_chapter_and_only_the_mission_leader_accepts_or_returns()
    {
        Assert.Equal("role-missing", _review.Write(LoneCase.Agency("ADB")));
        Assert.Equal("role-missing", _review.Write(LoneReview.Leader));
        Assert.Equal("chapter-missing", _review.Move(ReviewMove.SignOff, LoneReview.Author));
        _review.Write();
        Assert.Equal("role-missing", _review.Move(ReviewMove.SignOff, LoneReview.Leader));
        Assert.Equal("role-missing", _review.Move(ReviewMove.SignOff, LoneCase.Secretariat));
        Assert.Null(_review.Move(ReviewMove.SignOff, LoneReview.Author));
        Assert.Equal("role-missing", _review.Move(ReviewMove.Accept, LoneReview.Author));
        Assert.Equal("reason-missing", _review.Move(ReviewMove.Return, LoneReview.Leader, " "));
        Assert.Null(_review.Move(ReviewMove.Return, LoneReview.Leader, "Sources."));
        Assert.Equal("Sources.", _review.State.ReturnReason);
    }

    [Fact]
    public void A_sign_off_names_who_and_when_and_takes_the_reason_of_a_return_away()
    {
        _review.Write();
        _review.Move(ReviewMove.SignOff, LoneReview.Author);
        _review.Move(ReviewMove.Return, LoneReview.Leader, "Sources.");
        _review.Write();
        _review.Move(ReviewMove.SignOff, LoneReview.Author);

        Assert.Equal(new SignOff(LoneReview.Author.Id, LoneCase.Start), _review.State.SignOff);
        Assert.Null(_review.State.ReturnReason);
    }

    [Fact]
    public void Every_move_is_reported_to_the_case_and_published_to_the_workflow_of_the_review()
    {
        _review.Write();
        _review.Move(ReviewMove.SignOff, LoneReview.Author);
        _review.Move(ReviewMove.Accept, LoneReview.Leader);
        _review.Code(new ReviewInput.Release());

        Assert.Equal(["Draft", "Submitted", "Accepted", "Released"], _review.Effects.OfType<ReviewEffect.Report>().Select(report => report.Status));
        Assert.Equal(["ReviewSignedOff", "ReviewAccepted", "ReviewReleased"], _review.Effects.OfType<ReviewEffect.Publish>().Select(publish => publish.Name));
        Assert.Equal([2, 3, 4, 5], _review.Effects.OfType<ReviewEffect.Report>().Select(report => report.Version));
        Assert.Equal("agency-review", Assert.Single(_review.Effects.OfType<ReviewEffect.StartWorkflow>()).DefinitionId);
    }

    [Fact]
    public void Being_assigned_twice_starts_nothing_twice()
    {
        Assert.Null(_review.Code(new ReviewInput.Assign("OTHER", "ADB", [], DueAt: null, "agency-review")));

        Assert.Equal(("SYNTHETIC", "IOM"), (_review.State.AssessmentId, _review.State.Agency));
        Assert.Single(_review.Effects.OfType<ReviewEffect.StartWorkflow>());
    }

    [Fact]
    public void A_writer_who_saw_an_older_chapter_is_told_so()
    {
        _review.Write(ifChangedAt: 0);
        var seen = _review.State.Chapter!.ChangedAt;

        Assert.Equal("version-stale", _review.Write(ifChangedAt: 0));
        Assert.Null(_review.Write(ifChangedAt: seen));
        Assert.Equal("version-stale", _review.Move(ReviewMove.SignOff, LoneReview.Author, ifChangedAt: seen));
    }

    [Fact]
    public void Findings_are_written_and_taken_out_by_the_agency_until_it_has_signed_off()
    {
        Assert.Null(_review.Put("f1", Finding, ifChangedAt: 0));
        Assert.Equal("item-exists", _review.Put("f1", Finding, ifChangedAt: 0));
        Assert.Equal("version-stale", _review.Put("f1", Finding, ifChangedAt: 99));
        Assert.Equal("version-stale", _review.Put("f2", Finding, ifChangedAt: 99));
        Assert.Null(_review.Put("f1", Finding, _review.State.Findings["f1"].ChangedAt));
        Assert.Equal("role-missing", _review.Put("f2", Finding, actor: LoneCase.Agency("ADB")));
        Assert.Equal("item-unknown", _review.Code(new ReviewInput.RemoveFinding("f9", IfChangedAt: null, LoneReview.Author)));
        Assert.Equal("version-stale", _review.Code(new ReviewInput.RemoveFinding("f1", IfChangedAt: 99, LoneReview.Author)));
        _review.Write();
        _review.Move(ReviewMove.SignOff, LoneReview.Author);
        Assert.Equal("review-status", _review.Put("f2", Finding));
        Assert.Equal("review-status", _review.Code(new ReviewInput.RemoveFinding("f1", IfChangedAt: null, LoneReview.Author)));
        _review.Move(ReviewMove.Return, LoneReview.Leader, "Sources.");
        Assert.Null(_review.Code(new ReviewInput.RemoveFinding("f1", IfChangedAt: null, LoneReview.Author)));

        Assert.Empty(_review.State.Findings);
    }

    [Theory]
    [InlineData("""{ "type": "Rumour", "area": "borders", "summary": "x" }""", "f1", "item-malformed")]
    [InlineData("""{ "type": "Shortfall", "area": "borders" }""", "f1", "item-malformed")]
    [InlineData("""{ "type": "Shortfall", "area": "borders", "summary": "x", "colour": "red" }""", "f1", "item-malformed")]
    [InlineData("""[]""", "f1", "item-malformed")]
    [InlineData("""{ "type": "Shortfall", "area": "borders", "summary": "x", "mark": { "scheme": "UN", "level": "secret" } }""", "f1", "mark-unknown")]
    [InlineData("""{ "type": "Shortfall", "area": "borders", "summary": "x" }""", "a/b", "item-id-malformed")]
    [InlineData("""{ "type": "Shortfall", "area": "borders", "summary": "x" }""", "", "item-id-malformed")]
    public void A_finding_that_is_unsound_is_refused(string json, string id, string code) => Assert.Equal(code, _review.Put(id, json));

    [Fact]
    public void Whoever_writes_a_closed_chapter_is_told_what_closed_it_and_whether_it_opens_again()
    {
        _review.Write();
        _review.Move(ReviewMove.SignOff, LoneReview.Author);
        Assert.Contains("after the mission leader has returned it", Refused(), StringComparison.Ordinal);
        _review.Move(ReviewMove.Accept, LoneReview.Leader);
        Assert.Contains("accepted by the mission leader", Refused(), StringComparison.Ordinal);
        _review.Code(new ReviewInput.Release());
        var released = Refused();
        Assert.Contains("released with the circulated report", released, StringComparison.Ordinal);
        Assert.DoesNotContain("returned", released, StringComparison.Ordinal);
    }

    [Fact]
    public void The_marks_of_chapters_and_their_findings_are_kept_as_their_schemes_write_them()
    {
        Assert.Null(_review.Code(new ReviewInput.WriteChapter(new Chapter { Text = "Synthetic.", Mark = new Mark("US", "sbu") }, IfChangedAt: null, LoneReview.Author)));
        Assert.Null(_review.Put("f1", """{ "type": "Context", "area": "a", "summary": "s", "mark": { "scheme": "US", "level": "sBu" } }"""));

        Assert.Equal((new Mark("US", "SBU"), new Mark("US", "SBU")), (_review.State.Chapter!.Mark, _review.State.Findings["f1"].Mark));
    }

    private string Refused() => _review.Send(new ReviewInput.WriteChapter(new Chapter { Text = "Again." }, IfChangedAt: null, LoneReview.Author))!.Message;

    [Fact]
    public void Nothing_can_be_done_to_a_review_that_was_never_assigned() => Assert.IsType<Decision<ReviewState, ReviewFact, ReviewEffect>.Refused>(
        AgencyReview.Decide(new ReviewState { Id = "none" }, new ReviewInput.Release(), new Moment(LoneCase.Start, 1)));

    private static string? Do(LoneReview review, Step step)
    {
        switch (step)
        {
            case Step.Write:
                return review.Write();
            case Step.SignOff:
                return review.Move(ReviewMove.SignOff, LoneReview.Author);
            case Step.Return:
                return review.Move(ReviewMove.Return, LoneReview.Leader, "Sources.");
            case Step.Accept:
                return review.Move(ReviewMove.Accept, LoneReview.Leader);
            default:
                // The case releases whatever it knows of; what is not accepted simply stays.
                var before = review.State.Status;
                review.Code(new ReviewInput.Release());
                return before == review.State.Status ? "nothing to release" : null;
        }
    }

    /// <summary>The life cycle as the domain describes it: Assigned, Draft, Submitted, then Returned or Accepted, then Released.</summary>
    private static ReviewStatus? Next(ReviewStatus from, Step step) => (from, step) switch
    {
        (ReviewStatus.Assigned or ReviewStatus.Draft or ReviewStatus.Returned, Step.Write) => ReviewStatus.Draft,
        (ReviewStatus.Draft, Step.SignOff) => ReviewStatus.Submitted,
        (ReviewStatus.Submitted, Step.Return) => ReviewStatus.Returned,
        (ReviewStatus.Submitted, Step.Accept) => ReviewStatus.Accepted,
        (ReviewStatus.Accepted, Step.Release) => ReviewStatus.Released,
        _ => null,
    };

    private enum Step
    {
        Write = 0,
        SignOff = 1,
        Return = 2,
        Accept = 3,
        Release = 4,
    }
}
