using System.Globalization;
using System.Text.Json.Nodes;

namespace AssessmentFlow.Benchmarks;

/// <summary>The workflows that are measured, in Elsa 3's form.</summary>
internal static class MeasuredWorkflows
{
    /// <summary>Starts, waits for <see cref="BenchmarkPlan.Waits"/> events one after the other, ends.</summary>
    public const string Waits = "benchmark-waits";

    /// <summary>Waits for the event "go", writes lines, and waits again, for ever.</summary>
    public const string Round = "benchmark-round";

    /// <summary>Sleeps <see cref="NapSeconds"/> and ends.</summary>
    public const string Nap = "benchmark-nap";

    /// <summary>Waits for the event "go" again and again, and beside it for a day four years from now.</summary>
    public const string Sleep = "benchmark-sleep";

    /// <summary>How long <see cref="Nap"/> sleeps (seconds).</summary>
    public const int NapSeconds = 10;

    /// <summary>Activities that one event of <see cref="Round"/> lets run: the event, the lines and the sequence around them (count).</summary>
    public const int ActivitiesPerRound = 10;

    private const int Lines = ActivitiesPerRound - 2;

    public static IEnumerable<JsonObject> All =>
    [
        Definition(Waits, Sequence("waits", Enumerable.Range(1, BenchmarkPlan.Waits).Select(wait => Wait($"wait{wait}", $"step-{wait}")))),
        Definition(Round, Forever(Sequence("round", [Wait("go", "go"), .. Enumerable.Range(1, Lines).Select(line => new JsonObject
        {
            ["type"] = "Elsa.WriteLine",
            ["id"] = $"line{line}",
            ["version"] = 1,
            ["text"] = Literal("String", $"Line {line}"),
        })]))),
        Definition(Nap, Delay(TimeSpan.FromSeconds(NapSeconds))),
        Definition(Sleep, new JsonObject
        {
            ["type"] = "Elsa.Parallel",
            ["id"] = "both",
            ["version"] = 1,
            ["activities"] = new JsonArray(Forever(Wait("go", "go")), Delay(FourYears)),
        }),
    ];

    private static TimeSpan FourYears => TimeSpan.FromDays(1_461);

    private static JsonObject Forever(JsonObject body) => new()
    {
        ["type"] = "Elsa.While",
        ["id"] = "rounds",
        ["version"] = 1,
        ["condition"] = Literal("Boolean", "true"),
        ["body"] = body,
    };

    private static JsonObject Delay(TimeSpan time) => new()
    {
        ["type"] = "Elsa.Delay",
        ["id"] = "sleep",
        ["version"] = 1,
        ["timeSpan"] = Literal("TimeSpan", time.ToString("c", CultureInfo.InvariantCulture)),
    };

    private static JsonObject Definition(string id, JsonObject root) => new() { ["definitionId"] = id, ["name"] = id, ["version"] = 1, ["root"] = root };

    private static JsonObject Sequence(string id, IEnumerable<JsonObject> activities) => new()
    {
        ["type"] = "Elsa.Sequence",
        ["id"] = id,
        ["version"] = 1,
        ["activities"] = new JsonArray([.. activities]),
    };

    private static JsonObject Wait(string id, string name) => new()
    {
        ["type"] = "Elsa.Event",
        ["id"] = id,
        ["version"] = 1,
        ["eventName"] = Literal("String", name),
    };

    private static JsonObject Literal(string type, string value) => new()
    {
        ["typeName"] = type,
        ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value },
    };
}
