using System.Collections.Immutable;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>Names of roles. Those with a prefix are held for a seat, an agency or a State, not for a person.</summary>
public static class Roles
{
    /// <summary>Designs workflows, opens cases, composes delegations, circulates reports.</summary>
    public const string Secretariat = "secretariat";

    /// <summary>Draws workflows and keeps drafts; publishes none, and reads no cases.</summary>
    public const string Designer = "designer";

    /// <summary>Leads the visit and consolidates the chapters.</summary>
    public const string MissionLeader = "mission-leader";

    /// <summary>Watches and repairs; never reads case content.</summary>
    public const string Operator = "operator";

    /// <summary>Reads everything, writes nothing.</summary>
    public const string Auditor = "auditor";

    /// <summary>Prefix of the roles of agencies.</summary>
    public const string AgencyPrefix = "agency:";

    /// <summary>Prefix of the roles of States.</summary>
    public const string StatePrefix = "state:";

    /// <summary>Prefix of the roles of seats.</summary>
    public const string SeatPrefix = "seat:";

    /// <summary>The roles that are held for nothing in particular.</summary>
    public static readonly ImmutableArray<string> WithoutName = [Secretariat, Designer, MissionLeader, Operator, Auditor];

    /// <summary>The role of an agency.</summary>
    public static string OfAgency(string agency) => AgencyPrefix + agency;

    /// <summary>The role of a State's focal point, by ISO code.</summary>
    public static string OfState(string iso2) => StatePrefix + iso2;

    /// <summary>The role of a seat.</summary>
    public static string OfSeat(string seat) => SeatPrefix + seat;

    /// <summary>Whether the text is a role that exists.</summary>
    public static bool IsKnown(string role) =>
        WithoutName.Contains(role, StringComparer.Ordinal) || IsOfParticipant(role);

    /// <summary>Whether the role makes its holder a participant of single cases: a State, an agency, a seat.</summary>
    public static bool IsOfParticipant(string role) => HasName(role, AgencyPrefix) || HasName(role, StatePrefix) || HasName(role, SeatPrefix);

    private static bool HasName(string role, string prefix) => role.StartsWith(prefix, StringComparison.Ordinal) && role.Length > prefix.Length;
}
