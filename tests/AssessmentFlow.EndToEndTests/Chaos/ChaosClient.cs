using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>
/// One client in a closed loop: opens a case, sends it its events, does its task, publishes what it waits for last, opens the next. Without an answer it asks again under
/// the same key, at the next server, until it gets one.
/// </summary>
/// <param name="route">The way to a server, for each number another one.</param>
/// <param name="history">Where everything is written down.</param>
/// <param name="number">Which of the clients: each begins at another server.</param>
internal sealed class ChaosClient(Func<int, RestClient> route, ChaosHistory history, int number)
{
    /// <summary>An answer that takes longer is not waited for: the server may stand still.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private int _server = number;

    /// <summary>Opens cases until it is time to stop, and brings the last one to its end.</summary>
    /// <param name="stopping">When no further case is opened.</param>
    /// <param name="cancellationToken">When even the case at hand is given up.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken cancellationToken)
    {
        while (!stopping.IsCancellationRequested)
        {
            var identity = $"{ChaosWorkflows.IdentityPrefix}{Guid.NewGuid():n}";
            var start = ChaosRequests.Post("/api/v1/instances", new JsonObject { ["definitionId"] = ChaosWorkflows.Case, ["correlationId"] = identity });
            var instance = await ChangeAsync(start, "", cancellationToken);
            foreach (var name in ChaosWorkflows.Events)
            {
                await SignalAsync(instance, name, cancellationToken);
            }

            var task = await FindTaskAsync(identity, cancellationToken);
            await ChangeAsync(ChaosRequests.Post($"/api/v1/tasks/{task}/complete", new JsonObject { ["outcome"] = "Done" }), instance, cancellationToken);
            await ChangeAsync(
                ChaosRequests.Post("/api/v1/signals", new JsonObject { ["name"] = ChaosWorkflows.Published, ["correlationId"] = identity }), instance, cancellationToken);
        }
    }

    /// <summary>
    /// An event that is not awaited yet, since a timer or a child comes first, is sent again under the same key: what was sent
    /// before and not answered may still lie before a server, and be taken late.
    /// </summary>
    private async Task SignalAsync(string instance, string name, CancellationToken cancellationToken)
    {
        var signal = ChaosRequests.Signal(instance, name);
        while (await ChangeAsync(signal, instance, cancellationToken) is "")
        {
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Looks until the list of tasks shows the one of a case: a child comes first.</summary>
    private async Task<string> FindTaskAsync(string identity, CancellationToken cancellationToken)
    {
        while (true)
        {
            var list = new RestRequest("GET", $"/api/v1/tasks?assessment={identity}&status=open") { Client = Stage.Secretariat };
            var answer = await ChaosRequests.TryAsync(route(_server), list, AnswerWithin, cancellationToken);
            if (answer?.Status is not HttpStatusCode.OK)
            {
                _server++;
            }
            else if (answer.Json["items"]!.AsArray() is [{ } task, ..])
            {
                return (string)task["id"]!;
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <returns>The id of what was changed; empty when the instance does not wait for the event.</returns>
    private async Task<string> ChangeAsync(RestRequest request, string instance, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            history.Sent();
            var answer = await ChaosRequests.TryAsync(route(_server), request, AnswerWithin, cancellationToken);
            switch (answer?.Status)
            {
                case HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted:
                    return history.Acknowledged(request, answer, Stopwatch.GetElapsedTime(begun));
                case HttpStatusCode.Conflict when (string?)answer.Json["type"] is "urn:assessmentflow:problem:signal-not-awaited":
                    return "";
                case null or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests:
                    history.PutOff(request, $"{request} for {instance} was answered {answer?.ToString() ?? "nothing"}");
                    _server++;
                    await Task.Delay(Pause, cancellationToken);
                    break;
                default:
                    history.Surprised($"{request} for {instance} was answered {answer}");
                    _server++;
                    await Task.Delay(Pause, cancellationToken);
                    break;
            }
        }
    }
}
