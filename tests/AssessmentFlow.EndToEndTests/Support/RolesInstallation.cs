using System.Text.Json.Nodes;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>An installation with a client for every part that there is in a case.</summary>
public sealed class RolesInstallation : SqliteInstallation
{
    private readonly Lazy<Task<SoundRequests>> _sound;

    public RolesInstallation() => _sound = new(() => SoundRequests.PrepareAsync(this));

    /// <summary>The client that plays each part of the table, with its role.</summary>
    public static IReadOnlyDictionary<string, (string Client, string Role)> Parts { get; } = new Dictionary<string, (string, string)>(StringComparer.Ordinal)
    {
        ["secretariat"] = (Stage.Secretariat, "secretariat"),
        ["mission-leader"] = (Stage.MissionLeader, "mission-leader"),
        ["agency"] = ("agency-iom", $"agency:{Stage.Agency}"),
        ["fellow agency"] = ("agency-adb", $"agency:{Stage.OtherAgency}"),
        ["other agency"] = ("agency-unodc", "agency:UNODC"),
        ["State"] = ("state-kh", "state:KH"),
        ["other State"] = ("state-vn", "state:VN"),
        ["seat"] = (Stage.SeatClient(Stage.Seat), $"seat:{Stage.Seat}"),
        ["other seat"] = ("seat-austria", "seat:Austria"),
        ["operator"] = ("operator", "operator"),
        ["auditor"] = ("auditor", "auditor"),
        ["designer"] = ("designer", "designer"),
    };

    /// <summary>A State that is a donor of programmes.</summary>
    public const string Donor = "state-fr";

    /// <summary>A client with three roles: <see cref="Stage.Agency"/>, the State FJ, and <see cref="Stage.Seat"/>.</summary>
    public const string Several = "several";

    /// <summary>The client of a part that is cleared for the lowest levels only.</summary>
    public const string Uncleared = "fellow agency";

    /// <summary>One request for every operation that reaches something that is there.</summary>
    internal Task<SoundRequests> SoundAsync() => _sound.Value;

    protected override Task<ServerSettings> SettingsAsync() => Task.FromResult(new ServerSettings { Keys = Keys().ToJsonString() });

    private static JsonObject Keys() => new()
    {
        ["note"] = "Synthetic.",
        ["clients"] = new JsonArray(
        [
            .. Parts.Select(part => Entry(
                part.Value.Client,
                part.Key is Uncleared ? new JsonObject { ["UN"] = "unclassified" } : new JsonObject { ["UN"] = "strictly confidential", ["US"] = "SBU" },
                part.Value.Role)),
            Entry(Donor, [], "state:FR"),
            Entry(Several, [], $"agency:{Stage.Agency}", "state:FJ", $"seat:{Stage.Seat}"),
        ]),
    };

    private static JsonObject Entry(string client, JsonObject clearances, params string[] roles) => new()
    {
        ["id"] = client,
        ["key"] = $"synthetic-{client}",
        ["roles"] = new JsonArray([.. roles.Select(role => (JsonNode)role)]),
        ["clearances"] = clearances,
    };
}
