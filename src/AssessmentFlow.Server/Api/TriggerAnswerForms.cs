using System.Collections.Immutable;

namespace AssessmentFlow.Server.Api;

// The forms of what triggers and reference data are answered with; see AnswerForms.cs.

/// <summary>What starts instances of a workflow.</summary>
/// <param name="DefinitionId">The workflow.</param>
/// <param name="PublishedVersion">The version whose triggers these are; null when none is published.</param>
/// <param name="Items">The triggers.</param>
/// <param name="Next">Always null: there is one page.</param>
public sealed record TriggersAnswer(string DefinitionId, int? PublishedVersion, ImmutableArray<TriggerAnswer> Items, string? Next);

/// <summary>A trigger.</summary>
/// <param name="Activity">The activity that it stands for.</param>
/// <param name="Kind">What kind of trigger it is.</param>
/// <param name="Key">The event or endpoint that fires it.</param>
/// <param name="Schedule">The times at which it fires.</param>
/// <param name="NextAt">When it fires next.</param>
/// <param name="Refusals">Starts that were refused (count).</param>
/// <param name="LastRefusal">The last of them.</param>
public sealed record TriggerAnswer(
    string Activity, string Kind, string? Key, ScheduleAnswer? Schedule, DateTimeOffset? NextAt, long Refusals, StartRefusalAnswer? LastRefusal);

/// <summary>Times at which a trigger fires: one of the three.</summary>
/// <param name="Every">The interval.</param>
/// <param name="Cron">The cron expression.</param>
/// <param name="Once">The only time.</param>
public sealed record ScheduleAnswer(string? Every, string? Cron, DateTimeOffset? Once);

/// <summary>A start that was refused.</summary>
/// <param name="At">When.</param>
/// <param name="InstanceId">The instance that was not started.</param>
/// <param name="Code">Stable name of why.</param>
/// <param name="Message">Why; not for operators.</param>
public sealed record StartRefusalAnswer(DateTimeOffset At, string InstanceId, string Code, string? Message);

/// <summary>An entry of reference data.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its ETag.</param>
/// <param name="ChangedAt">When it last changed.</param>
/// <param name="ChangedBy">Who changed it.</param>
/// <param name="Value">The entry.</param>
public sealed record EntryAnswer<T>(string Id, long Version, DateTimeOffset ChangedAt, string ChangedBy, T Value);
