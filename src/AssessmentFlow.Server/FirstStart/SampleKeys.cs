using System.Collections.Immutable;
using System.Security.Cryptography;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.FirstStart;

/// <summary>New keys, one for each role that the sample case needs.</summary>
internal static class SampleKeys
{
    private const string Roster = "security-council";
    private const int KeyBytes = 24;

    private static readonly string[] Agencies = ["ADB", "INTERPOL", "IOM", "UNODC", "UN-SECRETARIAT"];

    public static ApiKeyFile Make(ReferenceSnapshot reference)
    {
        var cleared = reference.MarkingSchemes.ToImmutableSortedDictionary(scheme => scheme.Key, scheme => scheme.Value.Levels[^1]);
        var open = reference.MarkingSchemes.ToImmutableSortedDictionary(scheme => scheme.Key, scheme => scheme.Value.Levels[0]);
        IEnumerable<SeatTerm> terms = reference.Rosters.TryGetValue(Roster, out var roster) ? roster.Terms : [];
        var seats = terms.Select(term => term.Seat).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new ApiKeyFile(
            "Keys of this installation. They work only from this machine. Change or remove an entry and start again; whoever can read this file can act as anyone in it.",
            [
                Entry(Roles.Secretariat, cleared),
                Entry(Roles.Designer, ImmutableSortedDictionary<string, string>.Empty),
                Entry(Roles.MissionLeader, cleared),
                .. Agencies.Select(agency => Entry(Roles.OfAgency(agency), cleared)),
                Entry(Roles.OfState("KH"), open),
                .. seats.Select(seat => Entry(Roles.OfSeat(seat), cleared)),
                Entry(Roles.Operator, ImmutableSortedDictionary<string, string>.Empty),
                Entry(Roles.Auditor, cleared),
            ]);
    }

    private static ApiKeyEntry Entry(string role, ImmutableSortedDictionary<string, string> clearances) => new(
        role.Replace(':', '-').Replace(' ', '-').ToLowerInvariant(),
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)).Replace('+', '-').Replace('/', '_'),
        [role],
        clearances);
}
