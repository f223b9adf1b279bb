using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Outbox;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Runtime.Triggers.TriggerSet,
    AssessmentFlow.Runtime.Triggers.TriggerFact,
    AssessmentFlow.Runtime.Outbox.OutboxMessage>;

namespace AssessmentFlow.Runtime.Triggers;

/// <summary>What becomes of the triggers of a workflow. Pure: time and publication come in with the input.</summary>
internal static class TriggerRules
{
    /// <summary>Name of the timer at which announcements are looked after.</summary>
    public const string CheckTimer = "check";

    /// <summary>How long a maker of a publication is left alone before it is looked what became of it; doubled at each look.</summary>
    public static readonly TimeSpan CheckFirst = TimeSpan.FromSeconds(10);

    /// <summary>How long it is looked for a publication whose maker is gone.</summary>
    public static readonly TimeSpan CheckedFor = TimeSpan.FromDays(1);

    /// <summary>Whether an input needs to know what is published.</summary>
    public static bool LooksAtPublication(TriggerInput input) => input is TriggerInput.Follow or TriggerInput.TimerFired { Timer: CheckTimer };

    /// <summary>Decides one input.</summary>
    /// <param name="state">The set.</param>
    /// <param name="input">What reaches it.</param>
    /// <param name="published">What is published; null when nothing is, or the input does not look.</param>
    /// <param name="now">When.</param>
    public static Decision Decide(TriggerSet state, TriggerInput input, Publication? published, DateTimeOffset now)
    {
        ImmutableArray<OutboxMessage> messages = [];
        ImmutableArray<TriggerFact> facts = input switch
        {
            TriggerInput.Announce announce => [new TriggerFact.PublicationAnnounced(new Announcement(announce.Key, now, now + CheckFirst))],
            TriggerInput.Follow follow => Check(state, published, [.. state.Announcements.Where(each => each.Key != follow.Key)]),
            TriggerInput.TimerFired { Timer: CheckTimer } => Check(state, published, StillOpen(state, now)),
            TriggerInput.TimerFired timer => Fire(state, timer.Timer, now, out messages),
            TriggerInput.Refuse refuse => Refuse(refuse, now),
            _ => throw new UnreachableException($"Input {input.GetType().Name} has no rule."),
        };
        return facts.IsEmpty ? new Decision.Ignored() : new Decision.Accepted(facts.Aggregate(state, Apply), facts, messages);
    }

    /// <summary>The timers of a set. A name is used for one registration only: the same time may come again after the next.</summary>
    public static IEnumerable<(string Timer, DateTimeOffset DueAt)> Timers(TriggerSet state)
    {
        if (!state.Announcements.IsEmpty)
        {
            yield return (CheckTimer, state.Announcements.Min(each => each.CheckAt));
        }

        for (var i = 0; i < state.Triggers.Length; i++)
        {
            if (state.Triggers[i].NextAt is { } next)
            {
                yield return (TimerOf(state, i), next);
            }
        }
    }

    /// <summary>A trigger with the version that it belongs to.</summary>
    public static PinnedTrigger Pin(TriggerSet state, RegisteredTrigger trigger) =>
        new(state.DefinitionId, state.DefinitionVersion, state.DefinitionHash, trigger.Trigger.NodeId);

    /// <summary>The set after a fact.</summary>
    public static TriggerSet Apply(TriggerSet state, TriggerFact fact) => fact switch
    {
        TriggerFact.PublicationAnnounced announced => state with
        {
            Announcements = [.. state.Announcements.Where(each => each.Key != announced.Announcement.Key), announced.Announcement],
        },
        TriggerFact.AnnouncementsChecked looked => state with { Announcements = looked.Left },
        TriggerFact.TriggersRegistered registered => state with
        {
            Etag = registered.Etag,
            DefinitionVersion = registered.DefinitionVersion,
            DefinitionHash = registered.DefinitionHash,
            PublishedAt = registered.PublishedAt,
            Triggers = registered.Triggers,
        },
        TriggerFact.TriggerFired fired => Change(state, fired.NodeId, trigger => trigger with { NextAt = fired.NextAt }),
        TriggerFact.StartRefused refused => Change(
            state, refused.NodeId, trigger => trigger with { Refusals = trigger.Refusals + 1, LastRefusal = refused.Refusal }),
        _ => throw new UnreachableException($"Fact {fact.GetType().Name} has no rule."),
    };

    /// <summary>
    /// Follows the publication if it is another one than before. A workflow is asked where it stands and not told, so
    /// that answers that overtake each other do no harm: an older ETag is one that was read before.
    /// </summary>
    private static ImmutableArray<TriggerFact> Check(TriggerSet state, Publication? published, ImmutableArray<Announcement> left)
    {
        var facts = ImmutableArray.CreateBuilder<TriggerFact>();
        var isNews = published is not null
            && published.Etag > state.Etag
            && (published.Version, published.Hash, published.PublishedAt) != (state.DefinitionVersion, state.DefinitionHash, state.PublishedAt);
        if (isNews)
        {
            facts.Add(new TriggerFact.TriggersRegistered(
                published!.Etag,
                published.Version,
                published.Hash,
                published.PublishedAt,
                [.. published.Triggers.Select(trigger => new RegisteredTrigger(trigger, trigger.Schedule?.Next(published.PublishedAt, published.PublishedAt)))]));
        }

        if (!state.Announcements.SequenceEqual(left))
        {
            facts.Add(new TriggerFact.AnnouncementsChecked(left));
        }

        return facts.ToImmutable();
    }

    private static ImmutableArray<Announcement> StillOpen(TriggerSet state, DateTimeOffset now) =>
    [
        .. state.Announcements
            .Where(each => each.CheckAt > now || now - each.At < CheckedFor)
            .Select(each => each.CheckAt > now ? each : each with { CheckAt = now + (now - each.At) }),
    ];

    /// <summary>
    /// One firing for the time that was waited for; times after it that have passed as well are left out, however many
    /// there were. The id of the instance is that of the time: whoever fires it again means the same instance.
    /// </summary>
    private static ImmutableArray<TriggerFact> Fire(TriggerSet state, string timer, DateTimeOffset now, out ImmutableArray<OutboxMessage> messages)
    {
        messages = [];
        for (var i = 0; i < state.Triggers.Length; i++)
        {
            var trigger = state.Triggers[i];
            if (TimerOf(state, i) == timer && trigger.NextAt is { } due && due <= now)
            {
                var instanceId = InstanceIds.From(string.Create(
                    CultureInfo.InvariantCulture, $"trigger/{state.DefinitionId}/{trigger.Trigger.NodeId}/{due.UtcTicks}"));
                messages = [new OutboxMessage.FireTrigger(instanceId, Pin(state, trigger))];
                return [new TriggerFact.TriggerFired(trigger.Trigger.NodeId, due, instanceId, trigger.Trigger.Schedule!.Next(now, state.PublishedAt))];
            }
        }

        return [];
    }

    private static ImmutableArray<TriggerFact> Refuse(TriggerInput.Refuse refuse, DateTimeOffset now) =>
        [new TriggerFact.StartRefused(refuse.NodeId, new StartRefusal(now, refuse.InstanceId, refuse.Code, refuse.Message))];

    private static TriggerSet Change(TriggerSet state, string nodeId, Func<RegisteredTrigger, RegisteredTrigger> change) => state with
    {
        Triggers = [.. state.Triggers.Select(trigger => trigger.Trigger.NodeId == nodeId ? change(trigger) : trigger)],
    };

    private static string TimerOf(TriggerSet state, int position) => string.Create(CultureInfo.InvariantCulture, $"{state.Etag}.{position}");
}
