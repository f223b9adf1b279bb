using AssessmentFlow.Cli;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>Drives cases as <c>flow demo</c> does; one that is not there is opened.</summary>
internal static class CaseDrive
{
    private static readonly DateOnly CirculatedOn = new(2008, 11, 20);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    /// <summary>Drives a case until somebody would say this.</summary>
    public static async Task UntilAsync(ServerProcess server, RestClient keys, string caseId, string said, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var api = new ApiClient(server.Address, new KeyRing(keys.Keys), new StopBefore(said, stop));
        await using var output = new StringWriter();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Drive(api, caseId, CirculatedOn, Silence, output).RunAsync(stop.Token));
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Drives a case, from wherever it stands, until its report is circulated and every copy acknowledged.</summary>
    public static async Task ToCirculationAsync(ServerProcess server, RestClient keys, string caseId, CancellationToken cancellationToken)
    {
        using var transport = new SocketsHttpHandler();
        await ToCirculationAsync(server, keys, caseId, CirculatedOn, Silence, transport, cancellationToken);
    }

    /// <summary>The same on another day, with another silence, over a transport that may fail.</summary>
    public static async Task ToCirculationAsync(
        ServerProcess server, RestClient keys, string caseId, DateOnly circulatedOn, TimeSpan silence, HttpMessageHandler transport, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(server.Address, new KeyRing(keys.Keys), transport);
        await using var output = new StringWriter();
        Assert.True(await new Drive(api, caseId, circulatedOn, silence, output).RunAsync(cancellationToken), output.ToString());
    }

    /// <summary>Plain HTTP until something would be said.</summary>
    private sealed class StopBefore(string said, CancellationTokenSource stop) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content && (await content.ReadAsStringAsync(cancellationToken)).Contains(said, StringComparison.Ordinal))
            {
                await stop.CancelAsync();
            }

            stop.Token.ThrowIfCancellationRequested();
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
