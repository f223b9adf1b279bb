using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Server.Hosting;

/// <summary>How the processes of one installation find each other.</summary>
public sealed class ClusterOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Cluster";

    /// <summary>Name of the installation: processes with the same name and database are one cluster. Default: assessmentflow.</summary>
    [Required]
    public string Name { get; set; } = "assessmentflow";

    /// <summary>
    /// Port on which the processes talk to each other; 0 takes a free one. On PostgreSQL a fixed one is better: a process
    /// that comes back under the same address after a crash is let in at once, any other waits some 15 s for the dead.
    /// Default: 0.
    /// </summary>
    [Range(0, 65_535)]
    public int SiloPort { get; set; }

    /// <summary>
    /// Port on which this process listens for the others, on all addresses of the machine, where they reach it under
    /// another one, such as behind port forwarding; 0 for <see cref="SiloPort"/>. Default: 0.
    /// </summary>
    [Range(0, 65_535)]
    public int ListeningPort { get; set; }

    /// <summary>Address under which the other processes reach this one; empty for this machine only. Default: empty.</summary>
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>
    /// How long a process that was asked to stop goes on serving after it has said that it is not ready, so that whoever
    /// spreads requests over the processes learns of it in time. Not needed where somebody waits before asking. Default: 0.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20")]
    public TimeSpan DrainFor { get; set; } = TimeSpan.Zero;

    /// <summary>How long an entity that nobody calls stays in memory. Sleeping cases are rows. Default: 10 min.</summary>
    [Range(typeof(TimeSpan), "00:01:30", "1.00:00:00")]
    public TimeSpan IdleAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ListeningPort > 0 && SiloPort is 0)
        {
            yield return new ValidationResult($"{Section}:{nameof(ListeningPort)} needs {Section}:{nameof(SiloPort)}: the port under which the others reach the process.", [nameof(ListeningPort)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class ClusterOptionsValidator : IValidateOptions<ClusterOptions>;
