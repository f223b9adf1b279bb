using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using IRequest = Microsoft.Playwright.IRequest;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>Answers the first requests of each kind that a page of Studio sends with 500, as a server does that fails before or after it has acted.</summary>
internal sealed class RequestFailures
{
    private readonly ConcurrentDictionary<string, int> _sent = new(StringComparer.Ordinal);

    private RequestFailures()
    {
    }

    /// <summary>Those of the given kinds that were not asked for yet.</summary>
    public string[] Missing(IEnumerable<string> kinds) => [.. kinds.Where(kind => !_sent.ContainsKey(kind))];

    /// <summary>Lets each kind of request of a page fail from now on, and then no more.</summary>
    /// <param name="page">The page.</param>
    /// <param name="hasActed">Whether the server does what it is asked before it fails.</param>
    /// <param name="times">How often each kind fails (count).</param>
    /// <param name="only">The one kind that fails; null for each.</param>
    public static async Task<RequestFailures> BeginAsync(IPage page, bool hasActed, int times = 1, string? only = null)
    {
        var failures = new RequestFailures();
        await page.RouteAsync("**/elsa/**", async route =>
        {
            var kind = KindOf(route.Request);
            if ((only is not null && only != kind) || failures._sent.AddOrUpdate(kind, 1, static (_, count) => count + 1) > times)
            {
                await route.ContinueAsync();
                return;
            }

            if (hasActed)
            {
                await route.FetchAsync();
            }

            await route.FulfillAsync(new RouteFulfillOptions { Status = 500, Body = "Synthetic failure." });
        });
        return failures;
    }

    private static string KindOf(IRequest request)
    {
        var path = new Uri(request.Url).AbsolutePath[StudioClient.Api.Length..];
        if (path.EndsWith("/negotiate", StringComparison.Ordinal))
        {
            return "POST negotiate";
        }

        if (request.Method is not "POST" || path is not "/workflow-definitions")
        {
            return $"{request.Method} {string.Join('/', path.Split('/').Select(part => part.Any(char.IsAsciiDigit) ? "{id}" : part))}";
        }

        var body = JsonNode.Parse(request.PostData!)!;
        return (bool?)body["publish"] is true ? "publish" : string.IsNullOrEmpty((string?)body["model"]!["definitionId"]) ? "create" : "save";
    }
}
