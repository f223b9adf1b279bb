using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>Reads as one client whatever that client is answered: every GET of the document, for everything that there is to ask for.</summary>
/// <param name="api">The API.</param>
/// <param name="document">Its description.</param>
/// <param name="things">What there is to ask for, by the part of a route that names it; the longer parts come first.</param>
internal sealed class ReadingTour(RestClient api, OpenApi document, IReadOnlyList<KeyValuePair<string, string[]>> things)
{
    private const int PagesMax = 50;

    /// <summary>All that a client is shown.</summary>
    public async Task<string> ReadAllAsync(string client, CancellationToken cancellationToken)
    {
        var shown = new StringBuilder();
        foreach (var operation in document.Operations.Where(operation => operation.Method is "GET"))
        {
            var next = operation.Parameters("query").Any(parameter => (string?)parameter["name"] is "after") ? "after" : "cursor";
            foreach (var path in Paths([operation.Path]))
            {
                await ReadAsync(client, path, next, shown, cancellationToken);
            }
        }

        return shown.ToString();
    }

    private async Task ReadAsync(string client, string path, string next, StringBuilder shown, CancellationToken cancellationToken)
    {
        string? place = null;
        for (var page = 0; page < PagesMax; page++)
        {
            var answer = await api.SendAsync(new RestRequest("GET", place is null ? path : $"{path}?{next}={Uri.EscapeDataString(place)}") { Client = client }, cancellationToken);
            if (answer.Status is not HttpStatusCode.OK)
            {
                return; // What a refusal says is not what the client asked for with the id; other tests look at its words.
            }

            shown.AppendLine(answer.Text);
            place = (answer.Json as JsonObject)?["next"]?.ToString();
            if (place is null)
            {
                return;
            }
        }
    }

    private IEnumerable<string> Paths(ImmutableArray<string> routes) => things.Aggregate(
        routes.AsEnumerable(),
        (paths, thing) => paths.SelectMany(path => path.Contains(thing.Key, StringComparison.Ordinal)
            ? thing.Value.Select(value => path.Replace(thing.Key, value, StringComparison.Ordinal))
            : [path]));
}
