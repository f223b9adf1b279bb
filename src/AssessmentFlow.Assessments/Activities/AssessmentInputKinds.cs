using System.Collections.Immutable;
using System.Globalization;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Assessments.Tasks;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Assessments.Activities;

/// <summary>
/// What inputs of the category Assessment stand for. Which agencies take part, each case says for itself.
/// </summary>
internal static class AssessmentInputKinds
{
    public static readonly InputKind Role = new RoleKind();
    public static readonly InputKind DueRule = new DueRuleKind();
    public static readonly InputKind Calendar = new CalendarKind();
    public static readonly InputKind Phase = new PhaseKind();
    public static readonly InputKind Roster = new RosterKind();
    public static readonly InputKind RosterDate = new RosterDateKind();
    public static readonly InputKind State = new StateKind();
    public static readonly InputKind Agency = new AgencyKind();
    public static readonly InputKind Quorum = new QuorumKind();
    public static readonly InputKind Outcome = new OutcomeKind();
    public static readonly InputKind OutcomeWhenDue = new OutcomeWhenDueKind();
    public static readonly InputKind TaskField = new TaskFieldKind();

    private static ReferenceSnapshot? Reference(InputPlace place) => place.Surroundings as ReferenceSnapshot;

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";

    private sealed class RoleKind : InputKind
    {
        public override string Name => "role";

        public override ImmutableArray<string> ChoicesAt(InputPlace place) =>
        [
            .. Roles.WithoutName,
            .. (Reference(place)?.Rosters.Values ?? []).SelectMany(roster => roster.Terms).Select(term => Roles.OfSeat(term.Seat)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];

        public override InputFlaw? Check(string value, InputPlace place) => HumanTaskRules.IsRole(value)
            ? KeyFlaw(value)
            : new InputFlaw("role-unknown", $"'{value}' is no role. {HumanTaskRules.RolesThereAre}");
    }

    private sealed class DueRuleKind : InputKind
    {
        public override string Name => "due-rule";

        public override InputFlaw? Check(string value, InputPlace place)
        {
            if (!Deadlines.DueRule.TryParse(value, out var rule, out var error))
            {
                return new InputFlaw("due-rule-unusable", error!);
            }

            return Reference(place) is { } reference && rule!.Calendars.FirstOrDefault(name => !reference.Calendars.ContainsKey(name)) is { } unknown
                ? new InputFlaw("due-rule-unusable", $"There is no calendar '{unknown}'; known are {Listed(reference.Calendars.Keys)}.")
                : null;
        }
    }

    private sealed class CalendarKind : InputKind
    {
        public override string Name => "calendar";

        public override ImmutableArray<string> ChoicesAt(InputPlace place) => [.. Reference(place)?.Calendars.Keys.Where(Deadlines.DueRule.IsCalendarName) ?? []];

        public override InputFlaw? Check(string value, InputPlace place)
        {
            if (Reference(place) is not null && !ChoicesAt(place).Contains(value, StringComparer.Ordinal))
            {
                return new InputFlaw("calendar-unknown", $"There is no calendar '{value}'; known are {Listed(ChoicesAt(place))}.");
            }

            return place.Fixed("Due") is { } due && !due.Any(text => Deadlines.DueRule.TryParse(text, out var rule, out _) && rule!.WantsCalendar)
                ? new InputFlaw("calendar-without-effect", "A calendar counts where the due rule is of working days and names none itself: write such a rule, or clear the calendar.")
                : null;
        }
    }

    private sealed class PhaseKind : InputKind
    {
        public override string Name => "phase";

        /// <summary>Phases of the regimes that the workflow drives; of all regimes when it drives none, such as one that others use.</summary>
        public override ImmutableArray<string> ChoicesAt(InputPlace place)
        {
            var all = Reference(place)?.Regimes.Values.ToArray() ?? [];
            var driven = all.Where(regime => regime.Workflow == place.DefinitionId).ToArray();
            return [.. (driven.Length > 0 ? driven : all).SelectMany(regime => regime.Phases).Distinct(StringComparer.Ordinal)];
        }

        public override InputFlaw? Check(string value, InputPlace place)
        {
            if (Reference(place) is null)
            {
                return null;
            }

            var phases = ChoicesAt(place);
            return phases.Contains(value, StringComparer.Ordinal)
                ? null
                : new InputFlaw("phase-unknown", $"No regime of this workflow knows a phase '{value}'; known are {Listed(phases)}.");
        }
    }

    private sealed class RosterKind : InputKind
    {
        public override string Name => "roster";

        public override ImmutableArray<string> ChoicesAt(InputPlace place) => [.. Reference(place)?.Rosters.Keys ?? []];

        public override InputFlaw? Check(string value, InputPlace place) => Reference(place) is { } reference && !reference.Rosters.ContainsKey(value)
            ? new InputFlaw("roster-unknown", $"There is no roster '{value}'; known are {Listed(reference.Rosters.Keys)}.")
            : null;
    }

    private sealed class RosterDateKind : InputKind
    {
        public override string Name => "roster-date";

        public override InputFlaw? Check(string value, InputPlace place)
        {
            if (CaseRequests.TryReadDate(value) is not { } date)
            {
                return new InputFlaw("value-unreadable", $"'{value}' is no date; write it as yyyy-MM-dd, such as 2008-11-20.");
            }

            return place.Fixed("Roster") is [var id] && Reference(place)?.Rosters.GetValueOrDefault(id) is { } roster && roster.SeatsOn(date).IsEmpty
                ? new InputFlaw("roster-empty", $"The roster '{id}' names no seats on {date:uuuu-MM-dd}; it knows {roster.Span}.")
                : null;
        }
    }

    private sealed class StateKind : InputKind
    {
        public override string Name => "state";

        public override InputFlaw? Check(string value, InputPlace place) => value.Length is 2 && value.All(char.IsAsciiLetterUpper)
            ? null
            : new InputFlaw("iso2-malformed", $"'{value}' is no State; write its ISO 3166-1 alpha-2 code: two capital letters, such as KH.");
    }

    private sealed class AgencyKind : InputKind
    {
        public override string Name => "agency";

        public override ImmutableArray<string> ChoicesAt(InputPlace place) => [.. Reference(place)?.Agencies.Keys ?? []];

        public override InputFlaw? Check(string value, InputPlace place) => value.StartsWith(Roles.AgencyPrefix, StringComparison.Ordinal)
            ? new InputFlaw("agency-malformed", $"'{value}' is a role; write the name of the agency alone, such as IOM.")
            : !DelegationMember.IsAgencyName(value) || string.IsNullOrWhiteSpace(value)
                ? new InputFlaw("agency-malformed", DelegationMember.AgencyForm)
                : Reference(place) is { } reference && !reference.Agencies.ContainsKey(value)
                    ? new InputFlaw("agency-unknown", $"There is no agency '{value}'; known are {Listed(reference.Agencies.Keys)}.")
                    : null;
    }

    private sealed class QuorumKind : InputKind
    {
        public override string Name => "quorum";

        public override InputFlaw? Check(string value, InputPlace place)
        {
            var quorum = int.Parse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            if (quorum < 1)
            {
                return new InputFlaw("quorum-unreachable", $"A quorum is at least 1, not {quorum}; leave it empty for all agencies.");
            }

            return place.Fixed("Agencies") is { IsEmpty: false } agencies && agencies.Distinct(StringComparer.Ordinal).Count() is var count && quorum > count
                ? new InputFlaw("quorum-unreachable", $"A quorum of {quorum} cannot be reached by {count} agencies; choose 1 to {count}.")
                : null;
        }
    }

    private sealed class OutcomeKind : InputKind
    {
        public override string Name => "outcome";

        public override InputFlaw? Check(string value, InputPlace place) => string.IsNullOrWhiteSpace(value) || !EngineLimits.IsKey(value)
            ? new InputFlaw("outcome-malformed", $"An outcome is the name of a port: 1 to {EngineLimits.KeyLengthMax} printable characters.")
            : null;
    }

    private sealed class OutcomeWhenDueKind : InputKind
    {
        public override string Name => "outcome-when-due";

        public override ImmutableArray<string> ChoicesAt(InputPlace place) => place.Fixed("Outcomes") ?? [];

        /// <summary>It need not be one that people choose from: that nothing came in time is for the clock to say.</summary>
        public override InputFlaw? Check(string value, InputPlace place) => Outcome.Check(value, place);
    }

    private sealed class TaskFieldKind : InputKind
    {
        public override string Name => "task-field";

        public override InputFlaw? Check(string value, InputPlace place)
        {
            // A date may be compared with another field, so each is read beside the others.
            var all = place.Fixed("Fields") ?? [value];
            return TaskFieldRules.TryRead([value], out _, out var error)
                || TaskFieldRules.TryRead(all, out _, out _)
                || all.Any(other => TaskFieldRules.TryRead([value, other], out _, out _))
                    ? null
                    : new InputFlaw("field-unreadable", error!);
        }
    }

    private static InputFlaw? KeyFlaw(string value) => EngineLimits.IsKey(value)
        ? null
        : new InputFlaw("key-malformed", $"A role may have {EngineLimits.KeyLengthMax} printable characters.");
}
