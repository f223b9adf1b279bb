using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;

namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>For how long what lived on a server that was killed does not answer, and what it left behind is not taken up, by the settings.</summary>
public sealed class TakeoverTimesTests
{
    [Fact]
    public async Task A_server_that_was_killed_is_given_up_within_10_s_whoever_else_is_slow()
    {
        var builder = WebApplication.CreateSlimBuilder();
        await using var source = NpgsqlDataSource.Create("Host=unused.example");
        builder.AddSilo(new Server.Hosting.ClusterOptions(), SiloDatabase.OfServer(source));
        await using var app = builder.Build();
        var membership = app.Services.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;

        // A probe is sent and missed that many times; then one vote is enough, and nobody may object for longer than the last one takes.
        var missed = membership.ProbeTimeout * (membership.NumMissedProbesLimit + 1);
        var heardOf = membership.MaxProbeTimeout * membership.NumMissedProbesLimit;

        Assert.Equal(1, membership.NumVotesForDeathDeclaration);
        Assert.InRange(missed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(heardOf, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void What_a_server_left_behind_is_looked_for_within_5_s_of_its_removal()
    {
        var delivery = new DeliveryOptions();

        Assert.InRange(delivery.SweepInterval, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.InRange(delivery.TimerPollMax, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }
}
