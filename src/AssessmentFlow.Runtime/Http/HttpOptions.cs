using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime.Http;

/// <summary>What HTTP requests of workflows may do.</summary>
public sealed class HttpOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Http";

    /// <summary>
    /// Receivers that workflows may reach, separated by semicolons: <c>host</c>, <c>host:port</c>, <c>*.domain</c>, <c>*</c>, and for addresses
    /// that are not public an address or a network such as <c>10.0.0.0/8</c>. Default: none, because whoever may draw a
    /// workflow would otherwise speak from within the network of the server.
    /// </summary>
    public string AllowedHosts { get; set; } = "";

    /// <summary>Path below which the HTTP endpoints of workflows are served. Default: /workflows, as in Elsa.</summary>
    [RegularExpression("(/[a-z0-9-]+)+", MatchTimeoutInMilliseconds = 1_000)]
    public string BasePath { get; set; } = "/workflows";

    /// <summary>How long one request may take, from the connection to the last byte of the answer. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests under way at once per silo (count); further ones wait. Default: 32.</summary>
    [Range(1, 1_000)]
    public int CallsMax { get; set; } = 32;
}

/// <summary>Stops the start when a setting is out of bounds or a receiver cannot be read.</summary>
internal sealed class HttpOptionsValidator : IValidateOptions<HttpOptions>
{
    private readonly HttpBoundsValidator _bounds = new();

    public ValidateOptionsResult Validate(string? name, HttpOptions options) =>
        _bounds.Validate(name, options) is { Failed: true } outOfBounds ? outOfBounds
        : AllowedHosts.TryRead(options.AllowedHosts, out _, out var error) ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail(error);
}

[OptionsValidator]
internal sealed partial class HttpBoundsValidator : IValidateOptions<HttpOptions>;
