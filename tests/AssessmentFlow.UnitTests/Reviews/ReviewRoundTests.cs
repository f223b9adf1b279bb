using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using CsCheck;

namespace AssessmentFlow.UnitTests.Reviews;

public sealed class ReviewRoundTests
{
    private static readonly Origin Waiting = new("instance", 5);

    /// <summary>Who signs off, in which order, and which of them the mission leader returns once before.</summary>
    private static readonly Gen<(int Quorum, int[] Order)> Rounds =
        from agencies in Gen.Int[1, 7]
        from quorum in Gen.Int[1, agencies]
        from order in Gen.Shuffle(Enumerable.Range(0, agencies).ToArray())
        select (quorum, order);

    private readonly LoneCase _case = new();
    private long _reports;

    [Fact]
    public void The_case_goes_on_exactly_once_when_the_quorum_has_signed_off_and_annexes_the_rest() => FixedSeeds.Check(
        Rounds,
        2_000,
        sample =>
        {
            var (quorum, order) = sample;
            var lone = new LoneCase();
            lone.Compose([.. order.Order().Select(agency => $"A{agency}")]);
            lone.Must(new AssessmentInput.OpenReviews([], quorum, DueAt: null, Workflow: null), Waiting);
            foreach (var (position, agency) in order.Index())
            {
                Assert.Equal(position >= quorum ? 1 : 0, lone.Answers.Count());
                lone.Must(new AssessmentInput.ReviewReported($"A{agency}", "Submitted", lone.Now, 10 + position));
            }

            var answer = Assert.Single(lone.Answers);
            Assert.Equal("QuorumReached", answer.Payload.Member("outcome").AsText());
            Assert.Equal(quorum, answer.Payload.Member("signedOff").GetArrayLength());
            Assert.Equal(order.Length - quorum, answer.Payload.Member("missing").GetArrayLength());
            Assert.Equal(
                order.Skip(quorum).Select(agency => $"A{agency}").Order(),
                lone.State.Reviews!.Reviews.Where(review => review.IsAnnexed).Select(review => review.Agency).Order());
        },
        sample => $"quorum {sample.Quorum} of {string.Join(", ", sample.Order)}");

    [Fact]
    public void Without_a_quorum_all_must_have_signed_off()
    {
        Open(quorum: null, "ADB", "IOM");
        Report("ADB", "Submitted");
        Assert.Empty(_case.Answers);
        Report("IOM", "Submitted");

        Assert.Equal("QuorumReached", Assert.Single(_case.Answers).Payload.Member("outcome").AsText());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_quorum_that_the_agencies_cannot_reach_is_refused(int quorum)
    {
        _case.Compose("ADB", "IOM");

        Assert.Equal("quorum-unreachable", _case.Code(new AssessmentInput.OpenReviews([], quorum, DueAt: null, Workflow: null)));
    }

    [Fact]
    public void An_agency_that_is_named_twice_counts_once_towards_the_quorum()
    {
        _case.Compose("ADB");

        Assert.Equal("quorum-unreachable", _case.Code(new AssessmentInput.OpenReviews(["ADB", "ADB"], Quorum: 2, DueAt: null, Workflow: null)));
    }

    [Theory]
    [InlineData("UNODC")]
    [InlineData("adb")]
    public void An_agency_that_nobody_knows_is_not_asked_for_a_review(string agency)
    {
        _case.Compose("ADB");

        Assert.Equal("agency-unknown", _case.Code(new AssessmentInput.OpenReviews(["ADB", agency], Quorum: 1, DueAt: null, Workflow: null)));
        Assert.Null(_case.State.Reviews);
    }

    [Fact]
    public void Reviews_are_asked_for_once_and_only_of_somebody()
    {
        Assert.Equal("delegation-empty", _case.Code(new AssessmentInput.OpenReviews([], 1, DueAt: null, Workflow: null)));
        Open(1, "ADB");
        Assert.Equal("reviews-open", _case.Code(new AssessmentInput.OpenReviews([], 1, DueAt: null, Workflow: null)));
    }

    [Fact]
    public void A_report_that_was_overtaken_by_a_newer_one_is_dropped()
    {
        Open(1, "ADB", "IOM");
        _case.Must(new AssessmentInput.ReviewReported("ADB", "Returned", _case.Now, 7));
        _case.Must(new AssessmentInput.ReviewReported("ADB", "Submitted", _case.Now, 6));
        _case.Must(new AssessmentInput.ReviewReported("UNKNOWN", "Submitted", _case.Now, 6));

        Assert.Equal("Returned", _case.State.Reviews!.Reviews[0].Status);
        Assert.Empty(_case.Answers);
    }

    [Fact]
    public void A_chapter_that_was_returned_before_the_quorum_does_not_count_until_it_is_signed_off_again()
    {
        Open(2, "ADB", "IOM", "UNODC");
        Report("ADB", "Submitted");
        Report("ADB", "Returned");
        Report("IOM", "Submitted");
        Assert.Empty(_case.Answers);
        Report("ADB", "Draft");
        Report("ADB", "Submitted");

        Assert.Single(_case.Answers);
    }

    [Fact]
    public void A_chapter_that_came_in_time_is_no_annex_when_it_is_returned_and_signed_off_again_later()
    {
        Open(1, "ADB", "IOM");
        Report("ADB", "Submitted");
        Report("ADB", "Returned");
        Report("ADB", "Submitted");
        Report("IOM", "Submitted");

        Assert.Equal([false, true], _case.State.Reviews!.Reviews.Select(review => review.IsAnnexed));
    }

    [Fact]
    public void Whoever_waits_is_told_once_when_the_reviews_are_overdue_and_may_wait_again()
    {
        _case.Compose("ADB", "IOM");
        _case.Must(new AssessmentInput.OpenReviews([], 2, _case.Now.AddDays(10), Workflow: null), Waiting);
        Report("ADB", "Submitted");
        _case.Now = _case.Now.AddDays(10);
        Report("IOM", "Submitted"); // At the very instant: the wait is over first.
        Assert.Equal("Overdue", Assert.Single(_case.Answers).Payload.Member("outcome").AsText());
        Assert.Equal([false, true], _case.State.Reviews!.Reviews.Select(review => review.IsAnnexed));

        _case.Must(new AssessmentInput.OpenReviews([], 2, DueAt: null, Workflow: null), Waiting);
        Assert.Equal("QuorumReached", _case.Answers.Last().Payload.Member("outcome").AsText());
        Assert.Equal([false, false], _case.State.Reviews!.Reviews.Select(review => review.IsAnnexed));
        Assert.Equal(2, _case.Effects.OfType<CaseEffect.AssignReview>().Count());
    }

    [Fact]
    public void Circulating_releases_what_was_accepted_and_what_is_accepted_later_follows()
    {
        Open(1, "ADB", "IOM");
        Report("ADB", "Submitted");
        Report("ADB", "Accepted");
        Report("IOM", "Submitted");
        _case.Must(new AssessmentInput.Circulate("Report", Roster: null, Date: null, Due: null));
        Assert.Equal(["SYNTHETIC.ADB"], _case.Effects.OfType<CaseEffect.ReleaseReview>().Select(release => release.ReviewId));
        Report("IOM", "Accepted");

        Assert.Equal(["SYNTHETIC.ADB", "SYNTHETIC.IOM"], _case.Effects.OfType<CaseEffect.ReleaseReview>().Select(release => release.ReviewId));
    }

    private void Open(int? quorum, params string[] agencies)
    {
        _case.Compose(agencies);
        _case.Must(new AssessmentInput.OpenReviews([], quorum, DueAt: null, Workflow: null), Waiting);
    }

    private void Report(string agency, string status) => _case.Must(new AssessmentInput.ReviewReported(agency, status, _case.Now, ++_reports));
}
