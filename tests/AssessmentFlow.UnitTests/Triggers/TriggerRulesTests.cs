using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Triggers;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Runtime.Triggers.TriggerSet,
    AssessmentFlow.Runtime.Triggers.TriggerFact,
    AssessmentFlow.Runtime.Outbox.OutboxMessage>;

namespace AssessmentFlow.UnitTests.Triggers;

public sealed class TriggerRulesTests
{
    private static readonly DateTimeOffset Published = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly StartTrigger Hourly = new("Workflow1:s:t", "Elsa.Timer", Key: null, new TriggerSchedule { Every = TimeSpan.FromHours(1) });
    private static readonly StartTrigger Go = new("Workflow1:s:e", StartTrigger.EventKind, "Go", Schedule: null);

    private TriggerSet _set = new() { DefinitionId = "w" };

    [Fact]
    public void The_triggers_of_a_publication_take_the_place_of_those_before_in_one_turn()
    {
        Follow(Publication(etag: 2, version: 1, Hourly, Go));
        Assert.Equal([("2.0", Published.AddHours(1))], TriggerRules.Timers(_set));

        Follow(Publication(etag: 4, version: 2, Go));

        Assert.Equal(new PinnedTrigger("w", 2, "hash-2", Go.NodeId), TriggerRules.Pin(_set, Assert.Single(_set.Triggers)));
        Assert.Empty(TriggerRules.Timers(_set));
    }

    [Fact]
    public void Following_a_publication_again_or_one_that_was_read_before_changes_nothing()
    {
        Follow(Publication(etag: 4, version: 2, Go));

        Assert.IsType<Decision.Ignored>(Decide(new TriggerInput.Follow("k"), Published, Publication(etag: 4, version: 2, Go)));
        Assert.IsType<Decision.Ignored>(Decide(new TriggerInput.Follow("k"), Published, Publication(etag: 5, version: 2, Go)));
        Assert.IsType<Decision.Ignored>(Decide(new TriggerInput.Follow("k"), Published, Publication(etag: 2, version: 1, Hourly)));
    }

    [Fact]
    public void A_workflow_of_which_nothing_is_published_any_more_has_no_triggers()
    {
        Follow(Publication(etag: 2, version: 1, Hourly));
        Follow(new Publication(3, Version: 0, Hash: "", PublishedAt: default, Triggers: []));

        Assert.Empty(_set.Triggers);
    }

    [Fact]
    public void A_time_fires_once_however_often_it_is_delivered()
    {
        Follow(Publication(etag: 2, version: 1, Hourly));

        var message = Assert.IsType<OutboxMessage.FireTrigger>(Assert.Single(Fire("2.0", Published.AddHours(1)).Effects));
        Assert.Equal(new PinnedTrigger("w", 1, "hash-1", Hourly.NodeId), message.Trigger);
        Assert.Equal([("2.0", Published.AddHours(2))], TriggerRules.Timers(_set));
        Assert.IsType<Decision.Ignored>(Decide(new TriggerInput.TimerFired("2.0"), Published.AddHours(1.5)));
    }

    [Fact]
    public void Times_that_were_missed_are_made_up_for_by_one_firing()
    {
        Follow(Publication(etag: 2, version: 1, Hourly));

        var fired = Assert.IsType<TriggerFact.TriggerFired>(Assert.Single(Fire("2.0", Published.AddHours(7.5)).Facts));

        Assert.Equal((Published.AddHours(1), Published.AddHours(8)), (fired.DueAt, fired.NextAt));
    }

    [Fact]
    public void The_same_time_of_the_same_activity_means_the_same_instance_in_every_version()
    {
        Follow(Publication(etag: 2, version: 1, Hourly));
        var first = Assert.IsType<OutboxMessage.FireTrigger>(Assert.Single(Fire("2.0", Published.AddHours(1)).Effects));
        Follow(Publication(etag: 3, version: 2, Hourly));
        var second = Assert.IsType<OutboxMessage.FireTrigger>(Assert.Single(Fire("3.0", Published.AddHours(1)).Effects));
        var third = Assert.IsType<OutboxMessage.FireTrigger>(Assert.Single(Fire("3.0", Published.AddHours(2)).Effects));

        Assert.Equal(first.InstanceId, second.InstanceId);
        Assert.NotEqual(second.InstanceId, third.InstanceId);
    }

    [Fact]
    public void A_timer_of_a_version_that_was_replaced_fires_nothing()
    {
        Follow(Publication(etag: 2, version: 1, Hourly));
        Follow(Publication(etag: 3, version: 2, Hourly));

        Assert.IsType<Decision.Ignored>(Decide(new TriggerInput.TimerFired("2.0"), Published.AddHours(1)));
    }

    [Fact]
    public void A_publication_whose_maker_died_is_found_by_looking()
    {
        Take(new TriggerInput.Announce("k"), Published);
        Assert.Equal([(TriggerRules.CheckTimer, Published + TriggerRules.CheckFirst)], TriggerRules.Timers(_set));

        Take(new TriggerInput.TimerFired(TriggerRules.CheckTimer), Published + TriggerRules.CheckFirst, Publication(etag: 2, version: 1, Hourly));

        Assert.Single(_set.Triggers);
    }

    [Fact]
    public void It_is_looked_less_and_less_often_for_a_publication_and_no_longer_than_a_day()
    {
        Take(new TriggerInput.Announce("k"), Published);
        var looks = 0;
        while (TriggerRules.Timers(_set).SingleOrDefault() is { Timer: TriggerRules.CheckTimer } timer)
        {
            Assert.True(timer.DueAt - Published < 2 * TriggerRules.CheckedFor, $"It is looked until {timer.DueAt}.");
            Take(new TriggerInput.TimerFired(TriggerRules.CheckTimer), timer.DueAt);
            looks++;
        }

        Assert.InRange(looks, 10, 20);
    }

    [Fact]
    public void Following_one_publication_leaves_the_announcement_of_another()
    {
        Take(new TriggerInput.Announce("mine"), Published);
        Take(new TriggerInput.Announce("theirs"), Published);
        Take(new TriggerInput.Follow("mine"), Published, Publication(etag: 2, version: 1, Go));

        Assert.Equal("theirs", Assert.Single(_set.Announcements).Key);
    }

    [Fact]
    public void A_refused_start_is_counted_and_the_last_one_is_kept()
    {
        Follow(Publication(etag: 2, version: 1, Hourly, Go));
        Take(new TriggerInput.Refuse(Go.NodeId, "i1", "code-1", "First."), Published);
        Take(new TriggerInput.Refuse(Go.NodeId, "i2", "code-2", "Second."), Published);

        Assert.Equal((0, 2), (_set.Triggers[0].Refusals, _set.Triggers[1].Refusals));
        Assert.Equal(new StartRefusal(Published, "i2", "code-2", "Second."), _set.Triggers[1].LastRefusal);
    }

    private static Publication Publication(long etag, int version, params ImmutableArray<StartTrigger> triggers) =>
        new(etag, version, $"hash-{version}", Published, triggers);

    private void Follow(Publication publication) => Take(new TriggerInput.Follow("k"), Published, publication);

    private Decision.Accepted Fire(string timer, DateTimeOffset now) => Take(new TriggerInput.TimerFired(timer), now);

    private Decision Decide(TriggerInput input, DateTimeOffset now, Publication? published = null) => TriggerRules.Decide(_set, input, published, now);

    /// <summary>Takes a turn; the facts as stored lead from the state as stored to the same state.</summary>
    private Decision.Accepted Take(TriggerInput input, DateTimeOffset now, Publication? published = null)
    {
        var accepted = Assert.IsType<Decision.Accepted>(Decide(input, now, published));
        var facts = JsonSerializer.Deserialize(
            JsonSerializer.SerializeToUtf8Bytes([.. accepted.Facts], TriggerJson.Plain.TriggerFactArray), TriggerJson.Plain.TriggerFactArray)!;
        Assert.Equal(Stored(accepted.State), Stored(facts.Aggregate(Read(Stored(_set)), TriggerRules.Apply)));
        _set = Read(Stored(accepted.State));
        return accepted;
    }

    private static string Stored(TriggerSet set) => JsonSerializer.Serialize(set, TriggerJson.Plain.TriggerSet);

    private static TriggerSet Read(string stored) => JsonSerializer.Deserialize(stored, TriggerJson.Plain.TriggerSet)!;
}
