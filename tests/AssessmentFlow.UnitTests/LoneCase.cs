using System.Collections.Immutable;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Execution;
using NodaTime;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Assessments.Cases.AssessmentState,
    AssessmentFlow.Assessments.Cases.AssessmentFact,
    AssessmentFlow.Assessments.Cases.CaseEffect>;

namespace AssessmentFlow.UnitTests;

/// <summary>A synthetic case by itself: the real decisions without workflows, every turn replayed from its facts.</summary>
internal sealed class LoneCase
{
    public const string Id = "SYNTHETIC";

    public static readonly DateTimeOffset Start = new(2030, 1, 7, 9, 0, 0, TimeSpan.Zero);

    public static readonly Actor Secretariat = new("secretariat", [Roles.Secretariat]);

    private readonly WorldEntity<AssessmentState, AssessmentFact, CaseEffect> _entity = new(
        Id, new AssessmentState { Id = Id }, new(CaseJson.Plain.AssessmentState, CaseJson.Plain.AssessmentFact, AssessmentStateApply.Apply));

    public LoneCase(ReferenceSnapshot? reference = null)
    {
        Reference = reference ?? Council("France", "Viet Nam", "Peru");
        Must(new AssessmentInput.Open("Synthetic", new AssessedState("Ruritania", "RR"), "synthetic", null, null, null, "synthetic", Secretariat));
    }

    public ReferenceSnapshot Reference { get; set; }

    public DateTimeOffset Now { get; set; } = Start;

    public AssessmentState State => _entity.State;

    public long Version => _entity.Version;

    public IReadOnlyList<AssessmentFact> Facts => _entity.Facts;

    public List<CaseEffect> Effects { get; } = [];

    public IEnumerable<CaseEffect.Answer> Answers => Effects.OfType<CaseEffect.Answer>();

    /// <summary>A synthetic regime whose council has these seats through 2030, and two marking schemes.</summary>
    public static ReferenceSnapshot Council(params string[] seats) => ReferenceSnapshot.Empty with
    {
        Rosters = ReferenceSnapshot.Empty.Rosters.Add("council", new Roster(
            "council", "Council", [.. seats.Select(seat => new SeatTerm(seat, new LocalDate(2030, 1, 1), new LocalDate(2030, 12, 31), "synthetic"))])),
        Regimes = ReferenceSnapshot.Empty.Regimes.Add("synthetic", new Regime("synthetic", "Synthetic", ["Proposed", "Silence", "Held", "Closed"], "none", "council", "council", "synthetic")),
        MarkingSchemes = ReferenceSnapshot.Empty.MarkingSchemes
            .Add("UN", new MarkingScheme("UN", ["unclassified", "confidential", "strictly confidential"], "ST/SGB/2007/6"))
            .Add("US", new MarkingScheme("US", ["U", "SBU"], "12 FAM 540")),
    };

    public static Actor Seat(string name) => new("seat-" + name, [Roles.OfSeat(name)]);

    public static Actor Agency(string name) => new("agency-" + name, [Roles.OfAgency(name)]);

    /// <returns>Why it was refused; null when it was not.</returns>
    public Refusal? Send(AssessmentInput input, Origin? origin = null)
    {
        var decision = _entity.Take(state => Assessment.Decide(state, input, origin, new Moment(Now, _entity.Version + 1, Reference)));
        if (decision is Decision.Accepted accepted)
        {
            Effects.AddRange(accepted.Effects);
        }

        return (decision as Decision.Refused)?.Refusal;
    }

    public void Must(AssessmentInput input, Origin? origin = null)
    {
        var refusal = Send(input, origin);
        Assert.True(refusal is null, refusal?.Message);
    }

    public string? Code(AssessmentInput input) => Send(input)?.Code;

    /// <summary>Composes a delegation of agencies that the reference data know from now on.</summary>
    public void Compose(params string[] agencies)
    {
        Reference = Reference with { Agencies = Reference.Agencies.SetItems(agencies.Select(agency => KeyValuePair.Create(agency, new Agency(agency, agency, "synthetic")))) };
        Must(Delegation(agencies));
    }

    public static AssessmentInput.ComposeDelegation Delegation(params string[] agencies) => new(
        Leader: null, [.. agencies.Select(agency => new DelegationMember(agency, [], Representative: null))], IfChangedAt: null, Secretariat);
}
