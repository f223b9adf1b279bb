using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What starts a workflow by itself starts it exactly once, whatever happens to the server.</summary>
public abstract class TriggerSpec(Installation installation)
{
    private readonly Triggered _triggered = new(installation);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_starts_one_instance_by_each_trigger_however_often_its_publication_is_sent()
    {
        var name = Triggered.Unique("event");
        string[] ids = [await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("first"), Triggered.OnEvent(name))), await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("second"), Triggered.OnEvent(name)))];
        var signal = Triggered.Signal(name, correlationId: "synthetic-correlation");

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => installation.Api.SendAsync(signal, Token)));
        await _triggered.RestAsync();
        await installation.Api.SendAsync(signal, Token);
        await _triggered.RestAsync();

        foreach (var id in ids)
        {
            var instance = Assert.Single(await _triggered.InstancesAsync(id));
            Assert.Equal(("Finished", "synthetic-correlation", 1), ((string?)instance["subStatus"], (string?)instance["correlationId"], (int)instance["definitionVersion"]!));
        }
    }

    [Fact]
    public async Task An_instance_that_waits_for_the_event_that_started_it_waits_for_the_next_one()
    {
        var name = Triggered.Unique("event");
        var wait = Definitions.Activity("wait", "Elsa.Event", ("eventName", "String", "Literal", name));
        var id = await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("waits"), Triggered.OnEvent(name), wait));
        await installation.Api.SendAsync(Triggered.Signal(name), Token);
        await _triggered.RestAsync();
        Assert.Equal("Suspended", (string?)Assert.Single(await _triggered.InstancesAsync(id))["subStatus"]);

        await installation.Api.SendAsync(Triggered.Signal(name), Token);
        await _triggered.RestAsync();

        Assert.Equal(["Finished", "Suspended"], (await _triggered.InstancesAsync(id)).Select(instance => (string?)instance["subStatus"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Publishing_another_version_replaces_the_triggers_of_the_one_before()
    {
        var (before, after) = (Triggered.Unique("before"), Triggered.Unique("after"));
        var id = await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("replaced"), Triggered.OnEvent(before), Triggered.OnEvent(before + "-too")));
        await _triggered.PublishAsync(Definitions.Of(id, Triggered.OnEvent(after)));

        Assert.Equal(after, (string?)Assert.Single(await _triggered.TriggersAsync(id))["key"]);
        foreach (var name in new[] { before, before + "-too", after })
        {
            await installation.Api.SendAsync(Triggered.Signal(name), Token);
        }

        await _triggered.RestAsync();
        Assert.Equal(2, (int)Assert.Single(await _triggered.InstancesAsync(id))["definitionVersion"]!);
    }

    [Fact]
    public async Task An_event_that_was_acknowledged_starts_its_instance_once_although_the_server_is_killed_at_once()
    {
        var name = Triggered.Unique("event");
        var id = await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("killed"), Triggered.OnEvent(name)));
        var signal = Triggered.Signal(name);
        await installation.Api.SendAsync(signal, Token);

        await installation.Server.KillAsync();
        await installation.Server.StartAgainAsync();
        await installation.Api.SendAsync(signal, Token);
        await _triggered.RestAsync();

        Assert.Single(await _triggered.InstancesAsync(id));
    }

    [Fact]
    public async Task An_event_that_nobody_waited_for_reaches_who_comes_to_wait_soon_after_also_over_a_restart()
    {
        var name = Triggered.Unique("early");
        var waits = await _triggered.PublishAsync(Definitions.Of(
            Triggered.Unique("waits"), Definitions.Activity("wait", "Elsa.Event", ("eventName", "String", "Literal", name))));
        await installation.Api.SendAsync(Triggered.Signal(name), Token);
        await _triggered.RestAsync();

        await installation.Server.KillAsync();
        await installation.Server.StartAgainAsync();
        await installation.Stage.StartAsync(waits);

        await Eventually.HoldsAsync(
            "the event that came early is taken", async () => (string?)Assert.Single(await _triggered.InstancesAsync(waits))["subStatus"] is "Finished", Token);
    }

    [Fact]
    public async Task A_time_that_passes_while_the_server_is_dead_starts_one_instance_when_it_is_back_and_none_at_later_starts()
    {
        var at = TimeProvider.System.GetUtcNow().AddSeconds(3);
        var id = await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("start-at"), Triggered.At(at)));

        await installation.Server.KillAsync();
        await Triggered.PassAsync(at);
        await installation.Server.StartAgainAsync();
        await Eventually.HoldsAsync("the time that was missed starts an instance", async () => (await _triggered.InstancesAsync(id)).Count > 0, Token);
        await installation.Server.KillAsync();
        await installation.Server.StartAgainAsync();
        await _triggered.RestAsync();

        var fired = Assert.Single(await FiredTime.ReadAsync(installation, id));
        Assert.Equal(fired.InstanceId, (string?)Assert.Single(await _triggered.InstancesAsync(id))["id"]);
        Assert.Null(Assert.Single(await _triggered.TriggersAsync(id))["nextAt"]);
    }

    [Fact]
    public async Task Times_missed_while_the_server_was_dead_are_made_up_for_by_one_instance_and_no_time_starts_two()
    {
        var id = await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("every-second"), Triggered.Every("00:00:01")));
        await Eventually.HoldsAsync("the timer starts an instance", async () => (await _triggered.InstancesAsync(id)).Count > 0, Token);

        await installation.Server.KillAsync();
        var killed = TimeProvider.System.GetUtcNow();
        await Triggered.PassAsync(killed.AddSeconds(4));
        var restarted = TimeProvider.System.GetUtcNow();
        await installation.Server.StartAgainAsync();
        await Eventually.HoldsAsync(
            "the timer goes on after the restart", async () => (await FiredTime.ReadAsync(installation, id)).Any(fired => fired.DueAt > restarted), Token);
        await _triggered.StopAsync(id);
        await _triggered.RestAsync();

        var times = await FiredTime.ReadAsync(installation, id);
        Assert.DoesNotContain(times, fired => fired.DueAt > killed.AddSeconds(1) && fired.DueAt < restarted.AddSeconds(-1));
        Assert.Equal(times.Count, times.Select(fired => fired.DueAt).Distinct().Count());
        Assert.Equal(
            times.Select(fired => fired.InstanceId).Order(StringComparer.Ordinal),
            (await _triggered.InstancesAsync(id)).Select(instance => (string)instance["id"]!).Order(StringComparer.Ordinal));
    }
}

public sealed class TriggersOnSqlite(SqliteInstallation installation) : TriggerSpec(installation), IClassFixture<SqliteInstallation>;

public sealed class TriggersOnPostgres(PostgresInstallation installation) : TriggerSpec(installation), IClassFixture<PostgresInstallation>;
