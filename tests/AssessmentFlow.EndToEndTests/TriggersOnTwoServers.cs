using System.Net;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Two servers on one database. One is killed, after which the other needs a while: the installation serves no other test.</summary>
public sealed class TriggersOnTwoServers(PostgresInstallation installation) : IClassFixture<PostgresInstallation>
{
    private readonly Triggered _triggered = new(installation);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_servers_start_one_instance_at_each_time_also_when_one_of_them_is_killed()
    {
        await using var second = await ServerProcess.StartAsync(installation.Database.Settings());
        var id = await _triggered.PublishAsync(Definitions.Of(Triggered.Unique("cron"), Triggered.Cron("* * * * * *")));
        await FiresUntilAsync(id, 3);

        await second.KillAsync();
        await FiresUntilAsync(id, (await FiredTime.ReadAsync(installation, id)).Count + 3);
        await StopAsync(id);
        await _triggered.RestAsync();

        var times = await FiredTime.ReadAsync(installation, id);
        Assert.Equal(times.Count, times.Select(fired => fired.DueAt).Distinct().Count());
        Assert.Equal(
            times.Select(fired => fired.InstanceId).Order(StringComparer.Ordinal),
            (await _triggered.InstancesAsync(id)).Select(instance => (string)instance["id"]!).Order(StringComparer.Ordinal));
    }

    private Task FiresUntilAsync(string id, int count) => Eventually.HoldsAsync(
        $"the trigger has fired {count} times", async () => (await FiredTime.ReadAsync(installation, id)).Count >= count, Token);

    private Task StopAsync(string id) => Eventually.HoldsAsync(
        "the server that is left takes a publication",
        async () =>
        {
            try
            {
                await _triggered.StopAsync(id);
                return true;
            }
            catch (UnexpectedAnswerException e) when (e.Answer.Status is HttpStatusCode.ServiceUnavailable)
            {
                return false; // What was on the other server is on its way to this one.
            }
        },
        Token);
}
