using System.Diagnostics;
using System.Net;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>
/// One of several clients at work on the same cases. A request that is not answered soon is never repeated: the client
/// goes on with another, and what still lies before a server that stands still was asked by nobody else.
/// </summary>
/// <param name="route">The way to a server, for each number another one.</param>
/// <param name="history">Where everything is written down.</param>
/// <param name="cases">The cases.</param>
/// <param name="number">Which of the clients.</param>
internal sealed class ImpatientClient(Func<int, RestClient> route, ChaosHistory history, IReadOnlyList<string> cases, int number)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Sends notes to one case after the other until it is time to stop.</summary>
    /// <param name="stopping">When no further note is sent.</param>
    /// <param name="cancellationToken">When even the notes under way are given up.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken cancellationToken)
    {
        var underWay = new List<Task>();
        for (var turn = number; !stopping.IsCancellationRequested; turn++)
        {
            var note = NoteAsync(route(turn), ChaosRequests.Signal(cases[turn % cases.Count], ChaosWorkflows.Note), cancellationToken);
            await Task.WhenAny(note, Task.Delay(Patience, cancellationToken));
            underWay.RemoveAll(static each => each.IsCompletedSuccessfully);
            underWay.Add(note);
            await Task.Delay(Pause, cancellationToken);
        }

        await Task.WhenAll(underWay);
    }

    private async Task NoteAsync(RestClient way, RestRequest request, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        history.Sent();
        var answer = await ChaosRequests.TryAsync(way, request, Timeout.InfiniteTimeSpan, cancellationToken);
        switch (answer?.Status)
        {
            case HttpStatusCode.OK:
                history.Acknowledged(request, answer, Stopwatch.GetElapsedTime(begun));
                break;
            case null or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests:
                history.PutOff(request, $"{request} was answered {answer?.ToString() ?? "nothing"}");
                break;
            default:
                history.Surprised($"{request} was answered {answer}");
                break;
        }
    }
}
