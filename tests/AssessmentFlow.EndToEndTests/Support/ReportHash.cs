using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>The hash of a report as a reader makes it from the portions that it is shown, by docs/report-text.md.</summary>
internal static class ReportHash
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(IEnumerable<JsonNode> portions) =>
        Sha256(string.Concat(portions.Select(portion => $"{OfPortion(portion)}  {portion["id"]}\n")));

    public static string OfPortion(JsonNode portion) => Sha256(Sorted(portion, "id", "version")!.ToJsonString(Plain));

    private static JsonNode? Sorted(JsonNode? node, params string[] without) => node switch
    {
        JsonObject json => new JsonObject(json
            .Where(member => !without.Contains(member.Key, StringComparer.Ordinal))
            .OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        _ => node?.DeepClone(),
    };

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
