using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>The requests of clients in chaos.</summary>
internal static class ChaosRequests
{
    /// <summary>A request that makes something, under a key of its own.</summary>
    public static RestRequest Post(string path, JsonObject body) =>
        new RestRequest("POST", path) { Client = Stage.Secretariat, IdempotencyKey = Guid.NewGuid().ToString("n"), IfMatch = "*" }.WithJson(body);

    /// <summary>A request that hands an event to an instance.</summary>
    public static RestRequest Signal(string instance, string name) => Post($"/api/v1/instances/{instance}/signals", new JsonObject { ["name"] = name });

    /// <param name="way">The way to a server.</param>
    /// <param name="request">The request.</param>
    /// <param name="within">How long the answer is waited for.</param>
    /// <param name="cancellationToken">To give up.</param>
    /// <returns>The answer; null when none came.</returns>
    public static async Task<RestAnswer?> TryAsync(RestClient way, RestRequest request, TimeSpan within, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(within);
        try
        {
            return await way.SendAsync(request, patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
