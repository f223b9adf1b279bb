using System.Globalization;
using System.Text.Json.Nodes;

namespace AssessmentFlow.Cli;

/// <summary>
/// Drives a case from its open tasks: looks what is to be done, does it as whoever it is for, and looks again.
/// It keeps nothing itself, so it can be cut off and started again anywhere. Everything that it enters and that is
/// not in the public record is synthetic and printed as such.
/// </summary>
internal sealed class Drive(ApiClient api, string caseId, DateOnly circulatedOn, TimeSpan silence, TextWriter output)
{
    private const string Secretariat = "secretariat";
    private const string MissionLeader = "mission-leader";

    /// <summary>Agencies whose review comes after the quorum is reached.</summary>
    private const int LateAgencies = 2;

    private static readonly string[] Agencies = ["ADB", "INTERPOL", "IOM", "UNODC", "UN-SECRETARIAT"];
    private static readonly string[] WaitingStatuses = ["claimed", "open"];
    private static readonly TimeSpan PollDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(5);

    /// <returns>Whether every copy was issued and acknowledged.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        var until = DateTime.UtcNow + GiveUpAfter;
        while (DateTime.UtcNow < until)
        {
            if (await IsCirculatedAsync(cancellationToken))
            {
                return true;
            }

            if (await DoOneAsync(cancellationToken))
            {
                until = DateTime.UtcNow + GiveUpAfter;
            }
            else
            {
                await Task.Delay(PollDelay, cancellationToken);
            }
        }

        await output.WriteLineAsync("Nothing moved for five minutes; the case is not circulated.");
        return false;
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (await api.GetAsync(Secretariat, $"assessments/{caseId}", cancellationToken) is { } found)
        {
            await SayAsync($"case {caseId}: {found["title"]}, phase {found["phase"] ?? "none yet"}", isSynthetic: false);
            return;
        }

        var body = new JsonObject
        {
            ["id"] = caseId,
            ["title"] = $"Cambodia, driven as {caseId}",
            ["state"] = new JsonObject { ["name"] = "Cambodia", ["iso2"] = "KH" },
            ["regime"] = "unscr-1373",
            ["synthetic"] = "Opened by the demonstration.",
        };
        await api.ChangeAsync(Secretariat, HttpMethod.Post, "assessments", body, version: null, $"demo/{caseId}/open", cancellationToken);
        var delegation = new JsonObject
        {
            ["leader"] = null,
            ["members"] = new JsonArray([.. Agencies.Select(agency => new JsonObject { ["agency"] = agency })]),
        };
        await api.ChangeAsync(Secretariat, HttpMethod.Put, $"assessments/{caseId}/delegation", delegation, version: null, $"demo/{caseId}/delegation", cancellationToken);
        await SayAsync($"opened case {caseId} with a delegation of five", isSynthetic: true);
    }

    /// <summary>Does the first thing that can be done.</summary>
    /// <returns>Whether there was anything to do.</returns>
    private async Task<bool> DoOneAsync(CancellationToken cancellationToken)
    {
        foreach (var status in WaitingStatuses)
        {
            var tasks = await api.GetAsync(Secretariat, $"tasks?assessment={caseId}&status={status}&limit=200", cancellationToken);
            foreach (var task in tasks!["items"]!.AsArray())
            {
                if (await DoAsync(task!, cancellationToken))
                {
                    return true;
                }
            }
        }

        return await AcknowledgeOneAsync(cancellationToken);
    }

    private async Task<bool> DoAsync(JsonNode task, CancellationToken cancellationToken)
    {
        var role = (string)task["task"]!["assignedTo"]!;
        switch ((string)task["activityId"]!)
        {
            case "endorse":
                return await CompleteAsync(task, Secretariat, "Endorsed", null, cancellationToken);
            case "consent":
                return await CompleteAsync(task, "state-kh", "Consented", new JsonObject { ["reference"] = "synthetic note" }, cancellationToken);
            case "prepare":
                return await CompleteAsync(task, Secretariat, "Prepared", null, cancellationToken);
            case "compose":
                return await CompleteAsync(task, Secretariat, "Composed", null, cancellationToken);
            case "visit":
                return await CompleteAsync(task, MissionLeader, "Visited", new JsonObject { ["from"] = "2008-05-05", ["to"] = "2008-05-09" }, cancellationToken, isSynthetic: false);
            case "observations":
                return await CompleteAsync(task, MissionLeader, "Delivered", new JsonObject { ["deliveredOn"] = "2008-05-09" }, cancellationToken);
            case "write":
                return await WriteAsync(task, role["agency:".Length..], cancellationToken);
            case "read":
                return await CompleteAsync(task, MissionLeader, "Accept", null, cancellationToken);
            case "consolidate":
                return await CompleteAsync(task, MissionLeader, "Consolidated", null, cancellationToken);
            case "fact-check":
                return await CompleteAsync(task, "state-kh", "NoComments", null, cancellationToken);
            case "revise":
                return await CompleteAsync(task, MissionLeader, "Ready", null, cancellationToken);
            case "open-silence":
                var terms = new JsonObject
                {
                    ["expiresAt"] = (DateTimeOffset.UtcNow + silence).ToString("O", CultureInfo.InvariantCulture),
                    ["rosterDate"] = Date(circulatedOn),
                };
                return await CompleteAsync(task, Secretariat, "Open", terms, cancellationToken);
            case "transmit":
                return await CompleteAsync(task, Secretariat, "Transmitted", new JsonObject { ["receivedOn"] = Date(circulatedOn) }, cancellationToken);
            case "circulate-on":
                return await CompleteAsync(task, Secretariat, "Circulate", new JsonObject { ["circulatedOn"] = Date(circulatedOn) }, cancellationToken);
            default:
                return false; // Not on the way to circulation.
        }
    }

    /// <summary>Writes an agency's chapter and signs it off. Two agencies come after the quorum is reached: annexed.</summary>
    private async Task<bool> WriteAsync(JsonNode task, string agency, CancellationToken cancellationToken)
    {
        var reviews = (await api.GetAsync(Secretariat, $"assessments/{caseId}/reviews", cancellationToken))!["items"]!.AsArray();
        var signedOff = reviews.Count(review => (string)review!["status"]! is "Submitted" or "Accepted" or "Released");
        var caseNow = await api.GetAsync(Secretariat, $"assessments/{caseId}", cancellationToken);
        if (signedOff >= reviews.Count - LateAgencies && (string?)caseNow!["phase"] is "Drafting")
        {
            return false; // The late ones wait until the case has gone on without them.
        }

        var client = "agency-" + agency.ToLowerInvariant();
        var reviewId = $"{caseId}.{agency}";
        var chapter = new JsonObject { ["text"] = $"Synthetic chapter of {agency}." };
        await api.ChangeAsync(client, HttpMethod.Put, $"reviews/{reviewId}/chapter", chapter, version: null, $"demo/{reviewId}/chapter", cancellationToken);
        var finding = new JsonObject { ["id"] = "S1", ["type"] = "Shortfall", ["area"] = "synthetic", ["summary"] = $"Synthetic finding of {agency}." };
        await api.ChangeAsync(client, HttpMethod.Post, $"reviews/{reviewId}/findings", finding, version: null, $"demo/{reviewId}/finding", cancellationToken);
        return await CompleteAsync(task, client, "SignOff", null, cancellationToken);
    }

    private async Task<bool> CompleteAsync(
        JsonNode task, string client, string outcome, JsonObject? data, CancellationToken cancellationToken, bool isSynthetic = true)
    {
        var id = (string)task["id"]!;
        var version = (long)task["version"]!;
        var body = new JsonObject { ["outcome"] = outcome };
        if (data is not null)
        {
            body["data"] = data;
        }

        if (await api.ChangeAsync(client, HttpMethod.Post, $"tasks/{id}/complete", body, version, $"demo/{id}/{version}", cancellationToken) is null)
        {
            return true; // It moved meanwhile: look again.
        }

        await SayAsync($"{client}: {task["task"]!["title"]} -> {outcome}{(data is null ? "" : " " + data.ToJsonString())}", isSynthetic);
        return true;
    }

    private async Task<bool> AcknowledgeOneAsync(CancellationToken cancellationToken)
    {
        var copies = await api.GetAsync(Secretariat, $"circulations?assessment={caseId}&status=issued&limit=1", cancellationToken);
        if (copies!["items"]!.AsArray() is not [{ } copy, ..])
        {
            return false;
        }

        var seat = (string)copy["seat"]!;
        var client = "seat-" + seat.Replace(' ', '-').ToLowerInvariant();
        await api.ChangeAsync(client, HttpMethod.Post, $"circulations/{copy["id"]}/acknowledge", null, (long)copy["version"]!, $"demo/{copy["id"]}", cancellationToken);
        await SayAsync($"{client}: acknowledged copy {copy["copy"]} of {copy["of"]}", isSynthetic: true);
        return true;
    }

    private async Task<bool> IsCirculatedAsync(CancellationToken cancellationToken)
    {
        var copies = (await api.GetAsync(Secretariat, $"circulations?assessment={caseId}&limit=200", cancellationToken))!["items"]!.AsArray();
        if (copies.Count is 0 || copies.Any(copy => copy!["acknowledgedAt"] is null))
        {
            return false;
        }

        await output.WriteLineAsync($"circulated on {copies[0]!["circulatedOn"]}: {copies.Count} numbered copies of \"{copies[0]!["title"]}\", marks {copies[0]!["marks"]!.ToJsonString()}");
        foreach (var copy in copies)
        {
            await output.WriteLineAsync($"  copy {copy!["copy"],2} {copy["seat"]}");
        }

        return true;
    }

    private Task SayAsync(string text, bool isSynthetic) => output.WriteLineAsync($"{(isSynthetic ? "[synthetic]" : "[record]   ")} {text}");

    private static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
