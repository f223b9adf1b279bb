using System.ComponentModel.DataAnnotations;
using System.Threading.RateLimiting;
using AssessmentFlow.Server.Problems;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Server.Hosting;

/// <summary>How many requests a process works on at once.</summary>
public sealed class DoorOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Requests";

    /// <summary>
    /// Requests that are worked on at once per process (count); further ones are answered 429. It bounds what waits for a busy
    /// entity, too. Default: 1,000.
    /// </summary>
    [Range(1, 100_000)]
    public int AtOnceMax { get; set; } = 1_000;
}

/// <summary>
/// Turns away what comes on top of what a process can work on. Routes that must be heard when it is busy, or that stay open
/// without any work, are let in always (<c>DisableRateLimiting</c>).
/// </summary>
internal static class Door
{
    public static void AddDoor(this IServiceCollection services)
    {
        services.AddOptions<DoorOptions>().BindConfiguration(DoorOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DoorOptions>, DoorOptionsValidator>();
        services.AddRateLimiter(static _ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<DoorOptions>>(static (limiter, door) =>
        {
            var atOnce = new ConcurrencyLimiterOptions { PermitLimit = door.Value.AtOnceMax, QueueLimit = 0 };
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, bool>(_ => RateLimitPartition.GetConcurrencyLimiter(true, _ => atOnce));
            limiter.OnRejected = static (rejected, _) =>
                new ValueTask(ProblemWriter.PutOffAsync(rejected.HttpContext, ProblemWriter.TooBusy("More requests are under way than this server works on at once.")));
        });
    }
}

[OptionsValidator]
internal sealed partial class DoorOptionsValidator : IValidateOptions<DoorOptions>;
