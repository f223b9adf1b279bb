using AssessmentFlow.Assessments.Deadlines;
using CsCheck;
using NodaTime;

namespace AssessmentFlow.UnitTests.Deadlines;

/// <summary>The calculator against a walker that knows only how to put one foot before the other.</summary>
public sealed class DayWalkerTests
{
    private const int Samples = 10_000;

    /// <summary>Zones whose clocks were never changed in the years walked, with their offset in minutes.</summary>
    private static readonly (string Name, int OffsetMinutes)[] Zones = [("UTC", 0), ("Asia/Phnom_Penh", 420), ("Asia/Kathmandu", 345), ("America/Phoenix", -420)];

    private static readonly DateTime Epoch = new(2008, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly Gen<Station> AnyStation =
        from name in Gen.OneOf("A", "B", "C")
        from weekend in Gen.OneOf<DayOfWeek[]>([DayOfWeek.Saturday, DayOfWeek.Sunday], [DayOfWeek.Friday, DayOfWeek.Saturday], [DayOfWeek.Sunday], [])
        from holidays in Gen.Int[0, 730].HashSet[0, 120]
        from coversFrom in Gen.Int[-30, 60]
        from days in Gen.Int[200, 800]
        select new Station(name, weekend, holidays, coversFrom, coversFrom + days);

    private static readonly Gen<Walk> AnyWalk =
        from amount in Gen.Int[0, 60]
        from unit in Gen.OneOf(DueUnit.Hours, DueUnit.CalendarDays, DueUnit.WorkingDays, DueUnit.WorkingDays, DueUnit.WorkingDays, DueUnit.Weeks)
        from isBefore in Gen.Bool
        from stations in AnyStation.Array[0, 3]
        from isAnyEnough in Gen.Bool
        from zone in Gen.OneOf(Zones)
        from cutOff in Gen.Int[-1, 1439]
        from anchorDay in Gen.Int[0, 500]
        from anchorSecond in Gen.Int[0, 86_399]
        select new Walk(amount, unit, isBefore, [.. stations.DistinctBy(station => station.Name)], isAnyEnough, zone.Name, zone.OffsetMinutes, cutOff, Epoch.AddDays(anchorDay).AddSeconds(anchorSecond));

    [Fact]
    public void A_deadline_is_where_a_day_walker_arrives_and_refused_where_he_cannot_see() => FixedSeeds.Check(
        AnyWalk,
        Samples,
        walk =>
        {
            var rule = Compute.Rule(walk.Rule);
            var isKnown = DeadlineCalculator.TryCompute(rule, new DateTimeOffset(walk.Anchor), walk.Calendars(), out var deadline, out var error);
            Assert.Equal(walk.Arrive()?.ToString("O"), isKnown ? deadline!.DueAt.UtcDateTime.ToString("O") : null);
            Assert.Equal(isKnown, error is null);
        },
        walk => $"{walk.Rule} from {walk.Anchor:O}");

    private sealed record Station(string Name, DayOfWeek[] Weekend, HashSet<int> Holidays, int CoversFrom, int CoversTo)
    {
        public bool Works(DateTime day) => !Weekend.Contains(day.DayOfWeek) && !Holidays.Contains(Number(day));

        public bool Sees(DateTime day) => Number(day) >= CoversFrom && Number(day) <= CoversTo;

        public HolidayCalendar Calendar() => new(
            Name,
            Version: 1,
            [.. Weekend.Select(day => day is DayOfWeek.Sunday ? IsoDayOfWeek.Sunday : (IsoDayOfWeek)(int)day)],
            [.. Holidays.Select(number => LocalDate.FromDateTime(Epoch.AddDays(number)))],
            LocalDate.FromDateTime(Epoch.AddDays(CoversFrom)),
            LocalDate.FromDateTime(Epoch.AddDays(CoversTo)),
            Source: "synthetic");

        private static int Number(DateTime day) => (day - Epoch).Days;
    }

    private sealed record Walk(
        int Amount, DueUnit Unit, bool IsBefore, Station[] Stations, bool IsAnyEnough, string Zone, int OffsetMinutes, int CutOffMinute, DateTime Anchor)
    {
        public string Rule =>
            $"{Amount} {UnitName}{(Unit is DueUnit.WorkingDays && Stations.Length > 0 ? " on " + string.Join(IsAnyEnough ? " or " : " and ", Stations.Select(station => station.Name)) : "")}"
            + (IsBefore ? " before" : "")
            + (HasCutOff ? $" by {CutOffMinute / 60:00}:{CutOffMinute % 60:00}" : "")
            + $" in {Zone}";

        private string UnitName => Unit switch
        {
            DueUnit.Hours => "hours",
            DueUnit.CalendarDays => "calendar days",
            DueUnit.Weeks => "weeks",
            _ => "working days",
        };

        private bool HasCutOff => CutOffMinute >= 0 && Unit is not DueUnit.Hours;

        public Dictionary<string, HolidayCalendar> Calendars() => Stations.ToDictionary(station => station.Name, station => station.Calendar(), StringComparer.Ordinal);

        /// <summary>The instant of arrival in UTC; null where the walker cannot see whether a day is a holiday.</summary>
        public DateTime? Arrive()
        {
            var foot = IsBefore ? -1 : 1;
            if (Unit is DueUnit.Hours)
            {
                return Anchor.AddHours(foot * Amount);
            }

            var local = Anchor.AddMinutes(OffsetMinutes);
            var day = local.Date;
            for (var left = Unit is DueUnit.Weeks ? 7 * Amount : Amount; left > 0;)
            {
                day = day.AddDays(foot);
                if (Unit is not DueUnit.WorkingDays)
                {
                    left--;
                }
                else if (Array.Exists(Stations, station => !station.Sees(day)))
                {
                    return null;
                }
                else if (Works(day))
                {
                    left--;
                }
            }

            return (day + (HasCutOff ? TimeSpan.FromMinutes(CutOffMinute) : local.TimeOfDay)).AddMinutes(-OffsetMinutes);
        }

        private bool Works(DateTime day) => Stations.Length is 0
            ? day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)
            : IsAnyEnough && Stations.Length > 1 ? Array.Exists(Stations, station => station.Works(day)) : Array.TrueForAll(Stations, station => station.Works(day));
    }
}
