using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AssessmentFlow.UnitTests.Wire;

/// <summary>Something that is sent.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="Bytes">What goes over the wire.</param>
/// <param name="Value">What they mean.</param>
internal sealed record WireMessage(string Name, byte[] Bytes, JsonNode? Value)
{
    public override string ToString() => Name;
}

/// <summary>The file of what a build sent.</summary>
internal static class WireRecording
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<WireMessage> Read(string file) =>
    [
        .. JsonNode.Parse(File.ReadAllText(file))!.AsArray().Select(message => new WireMessage(
            message!["name"]!.GetValue<string>(), Convert.FromHexString(message["bytes"]!.GetValue<string>()), message["value"])),
    ];

    public static void Write(string file, IEnumerable<WireMessage> messages) => File.WriteAllText(
        file,
        new JsonArray([
            .. messages.Select(message => new JsonObject
            {
                ["name"] = message.Name,
                ["bytes"] = Convert.ToHexStringLower(message.Bytes),
                ["value"] = message.Value?.DeepClone(),
            }),
        ]).ToJsonString(Indented) + "\n");

    /// <summary>Whether what is read has all that was sent. It may have more members, and only those that were sent empty may be gone.</summary>
    public static bool Holds(JsonNode? read, JsonNode? sent) => (read, sent) switch
    {
        (JsonObject has, JsonObject had) => had.All(member => Holds(has[member.Key], member.Value)),
        (JsonArray has, JsonArray had) => has.Count == had.Count && has.Zip(had).All(pair => Holds(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(read, sent),
    };
}
