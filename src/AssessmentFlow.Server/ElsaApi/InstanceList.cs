using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Api;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>
/// The list of instances as Studio asks for it: by page, with a total, sorted and filtered in ways that the lists of the
/// journal do not offer. What the journal can filter by, it does; the rest is done here, over the newest instances.
/// </summary>
internal static class InstanceList
{
    /// <summary>Instances looked through for one page, newest first (count). Older ones are found by the filters that the journal knows.</summary>
    private const int LookedAtMax = 2_000;

    private const int PageSizeMax = 100;

    private static readonly string[] Searched = ["id", "name", "correlationId", "definitionId"];

    public static async Task<IResult> ListAsync(HttpContext http, IJournalQueries queries)
    {
        var actor = http.Caller().Actor;
        InstanceEndpoints.NeedWatcher(actor);
        var body = await ElsaJson.ReadAsync(http);
        var size = (int)Math.Clamp(body.Number("pageSize") ?? 10, 1, PageSizeMax);
        var skip = (int)Math.Clamp(body.Number("page") ?? 0, 0, LookedAtMax) * size;
        var rows = body.IsTrue("isSystem") ? [] : await queries.ListAsync(
            new ViewQuery
            {
                View = Views.Instances,
                Scope = body.Text("correlationId") is { Length: > 0 } correlationId ? correlationId : null,
                A = [.. One(body, "definitionId").Concat(body.Texts("definitionIds"))],
                B = [.. One(body, "status").Concat(body.Texts("statuses"))],
                C = [.. One(body, "subStatus").Concat(body.Texts("subStatuses"))],
                TellsChanges = true,
                IsDescending = true,
                Max = LookedAtMax,
            },
            http.RequestAborted);
        var withContent = CaseAccess.HandlesCases(actor);
        var found = rows.Select(row => Summary(row, withContent)).Where(summary => IsMeant(summary, body)).ToArray();
        return ElsaJson.Of(new JsonObject
        {
            ["items"] = new JsonArray([.. Order(found, body).Skip(skip).Take(size)]),
            ["totalCount"] = found.Length,
        });
    }

    private static IEnumerable<string> One(JsonObject body, string name) => body.Text(name) is { Length: > 0 } text ? [text] : [];

    private static JsonObject Summary(FoundRow row, bool withContent)
    {
        var json = JsonElement.Parse(row.Row.Body);
        var version = json.Member("definitionVersion").GetInt32();
        return new JsonObject
        {
            ["id"] = row.Id,
            ["definitionId"] = json.Member("definitionId").ToNode(),
            ["definitionVersionId"] = new VersionId(json.Member("definitionId").AsText()!, version, json.Member("definitionHash").AsText()).ToString(),
            ["version"] = version,
            ["status"] = json.Member("status").ToNode(),
            ["subStatus"] = json.Member("subStatus").ToNode(),
            ["correlationId"] = json.Member("correlationId").ToNode(),
            ["name"] = withContent ? json.Member("name").ToNode() : null,
            ["incidentCount"] = json.Member("incidents").ToNode(),
            ["createdAt"] = json.Member("createdAt").ToNode(),
            ["updatedAt"] = JsonValues.Of(row.ChangedAt!.Value).ToNode(),
            ["finishedAt"] = json.Member("finishedAt").ToNode(),
        };
    }

    private static bool IsMeant(JsonObject summary, JsonObject body)
    {
        var term = body.Text("searchTerm")?.Trim();
        return (string.IsNullOrEmpty(term) || Searched.Any(member => summary.Text(member)?.Contains(term, StringComparison.OrdinalIgnoreCase) is true))
            && (body.Number("version") is not { } version || summary.Number("version") == version)
            && (body["hasIncidents"] is null || body.IsTrue("hasIncidents") == (summary.Number("incidentCount") > 0))
            && (body["timestampFilters"] as JsonArray ?? []).OfType<JsonObject>().All(filter => IsWithin(summary, filter));
    }

    private static bool IsWithin(JsonObject summary, JsonObject filter)
    {
        var column = filter.Text("column") switch { "FinishedAt" or "Finished" => "finishedAt", "UpdatedAt" or "LastExecuted" => "updatedAt", _ => "createdAt" };
        if (!TryInstant(filter.Text("timestamp"), out var limit))
        {
            return true;
        }

        if (!TryInstant(summary.Text(column), out var at))
        {
            return false;
        }

        return filter.Text("operator") switch
        {
            "Is" => at.UtcDateTime.Date == limit.UtcDateTime.Date,
            "IsNot" => at.UtcDateTime.Date != limit.UtcDateTime.Date,
            "LessThan" => at < limit,
            "GreaterThan" => at > limit,
            "LessThanOrEqual" => at <= limit,
            _ => at >= limit,
        };
    }

    private static bool TryInstant(string? text, out DateTimeOffset at) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at);

    private static IEnumerable<JsonObject> Order(IEnumerable<JsonObject> found, JsonObject body)
    {
        var member = body.Text("orderBy") switch { "LastExecuted" => "updatedAt", "Finished" => "finishedAt", "Name" => "name", _ => "createdAt" };
        return body.Text("orderDirection") is "Ascending"
            ? found.OrderBy(summary => summary.Text(member), StringComparer.Ordinal)
            : found.OrderByDescending(summary => summary.Text(member), StringComparer.Ordinal);
    }
}
