using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>One turn of an assessment: the state as the facts recorded so far leave it.</summary>
internal sealed class CaseTurn(AssessmentState before, Moment moment)
{
    private readonly List<AssessmentFact> _facts = [];
    private readonly List<CaseEffect> _effects = [];

    public AssessmentState State { get; private set; } = before;

    public Moment Moment => moment;

    public DateTimeOffset Now => moment.Now;

    public ReferenceSnapshot Reference => ReferenceSnapshot.Of(moment);

    public void Record(AssessmentFact fact)
    {
        State = AssessmentStateApply.Apply(State, fact);
        _facts.Add(fact);
    }

    public void Tell(CaseEffect effect) => _effects.Add(effect);

    public Decision<AssessmentState, AssessmentFact, CaseEffect> Conclude() => _facts.Count is 0
        ? new Decision<AssessmentState, AssessmentFact, CaseEffect>.Ignored()
        : new Decision<AssessmentState, AssessmentFact, CaseEffect>.Accepted(State, [.. _facts], [.. _effects]);
}
