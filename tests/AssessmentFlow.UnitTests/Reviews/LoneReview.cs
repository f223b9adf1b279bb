using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Execution;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Assessments.Reviews.ReviewState,
    AssessmentFlow.Assessments.Reviews.ReviewFact,
    AssessmentFlow.Assessments.Reviews.ReviewEffect>;

namespace AssessmentFlow.UnitTests.Reviews;

/// <summary>A synthetic review by itself, every turn replayed from its facts.</summary>
internal sealed class LoneReview
{
    public static readonly Actor Author = LoneCase.Agency("IOM");
    public static readonly Actor Leader = new("mission-leader", [Roles.MissionLeader]);

    private readonly WorldEntity<ReviewState, ReviewFact, ReviewEffect> _entity = new(
        "SYNTHETIC.IOM", new ReviewState { Id = "SYNTHETIC.IOM" }, new(ReviewJson.Plain.ReviewState, ReviewJson.Plain.ReviewFact, AgencyReview.Apply));

    public LoneReview() => Code(new ReviewInput.Assign(LoneCase.Id, "IOM", ["borders"], DueAt: null, "agency-review"));

    public ReviewState State => _entity.State;

    public List<ReviewEffect> Effects { get; } = [];

    /// <returns>The code of the refusal; null when there was none.</returns>
    public string? Code(ReviewInput input) => Send(input)?.Code;

    /// <returns>Why it was refused; null when it was not.</returns>
    public Refusal? Send(ReviewInput input)
    {
        var decision = _entity.Take(state => AgencyReview.Decide(
            state, input, new Moment(LoneCase.Start, _entity.Version + 1, LoneCase.Council("France"))));
        if (decision is Decision.Accepted accepted)
        {
            Effects.AddRange(accepted.Effects);
        }

        return (decision as Decision.Refused)?.Refusal;
    }

    public string? Write(Actor? actor = null, long? ifChangedAt = null) =>
        Code(new ReviewInput.WriteChapter(new Chapter { Text = "Synthetic." }, ifChangedAt, actor ?? Author));

    public string? Move(ReviewMove to, Actor actor, string? reason = null, long? ifChangedAt = null) => Code(new ReviewInput.Move(to, reason, ifChangedAt, actor));

    public string? Put(string id, string json, long? ifChangedAt = null, Actor? actor = null) =>
        Code(new ReviewInput.PutFinding(id, JsonElement.Parse(json), ifChangedAt, actor ?? Author));
}
