using System.ComponentModel.DataAnnotations;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime.Outbox;

/// <summary>How messages and timers are delivered.</summary>
public sealed class DeliveryOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Delivery";

    /// <summary>Messages held in memory per silo (count); further ones wait as rows. Default: 10,000.</summary>
    [Range(1, 1_000_000)]
    public int QueueMax { get; set; } = 10_000;

    /// <summary>Messages delivered at once per silo (count). Default: 32.</summary>
    [Range(1, 1_000)]
    public int DeliveriesMax { get; set; } = 32;

    /// <summary>Rows taken by one query (count). Bounds memory and the length of one transaction. Default: 500.</summary>
    [Range(1, 10_000)]
    public int BatchMax { get; set; } = 500;

    /// <summary>How often left-behind messages are looked for; a wait is up to a fifth shorter, at random. Default: 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a row belongs to the silo that took it; after that another may take it. A row of a living silo's own
    /// turn is left to that silo ten times as long. Default: 3 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest time between looks at the timers; an idle silo's is up to a fifth shorter, at random. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan TimerPollMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait before a failed delivery is tried again. Default: 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long an event that nobody takes is offered again: an instance may come to wait a little later. Zero gives it up
    /// at once. Default: 10 min, as in Elsa.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan EventsKeptFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A wait, shortened at random by up to a fifth: processes that lost the database, or a peer, at the same moment do not all ask
    /// for what is overdue at the same moment.
    /// </summary>
    internal static TimeSpan Spread(TimeSpan wait) => wait * (1 - (Random.Shared.NextDouble() / 5));

    /// <summary>Whether the cluster or the database is to blame: that passes, and says nothing about the message.</summary>
    internal static bool IsSoonOver(Exception failure) => failure is OrleansException or TimeoutException or JournalUnavailableException or JournalBusyException;

    /// <summary>
    /// The wait before an event that nobody took is offered again, or a message that an outage kept from being delivered:
    /// doubling from one second, at most ten.
    /// </summary>
    public static TimeSpan OfferAgainAfter(int attempts) => TimeSpan.FromSeconds(Math.Min(10, Math.Pow(2, Math.Min(attempts, 30))));

    /// <summary>The wait before the next attempt: doubling from one second.</summary>
    public TimeSpan Backoff(int attempts) =>
        TimeSpan.FromSeconds(Math.Min(BackoffMax.TotalSeconds, Math.Pow(2, Math.Min(attempts, 30))));
}

[OptionsValidator]
internal sealed partial class DeliveryOptionsValidator : IValidateOptions<DeliveryOptions>;
