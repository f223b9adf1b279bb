using System.Text.Json;
using System.Text.Json.Nodes;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>Names and kinds of the members of a JSON object: what a reader that knows nothing else can rely on.</summary>
internal static class Shape
{
    /// <summary>The object has exactly these members, each of one of the kinds that follow its name: <c>id:String count:Number name:String|Null</c>.</summary>
    public static void Is(string expected, JsonNode? actual)
    {
        var members = Assert.IsType<JsonObject>(actual);
        var wanted = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split(':')).ToDictionary(part => part[0], part => part[1].Split('|'), StringComparer.Ordinal);
        Assert.Equal(wanted.Keys.Order(StringComparer.Ordinal), members.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.All(members, member => Assert.Contains(KindOf(member.Value), wanted[member.Key]));
    }

    private static string KindOf(JsonNode? value) => (value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        JsonValueKind.True or JsonValueKind.False => "Boolean",
        var kind => kind.ToString(),
    };
}
