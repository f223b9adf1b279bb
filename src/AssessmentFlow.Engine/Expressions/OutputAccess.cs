using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>Finds out whether scripts of a definition may ask for outputs, as <c>getLastResult()</c> and <c>getXFromY()</c> do.</summary>
internal static partial class OutputAccess
{
    /// <summary>Whether the names occur anywhere in a definition. It may say yes for nothing, which costs only space.</summary>
    public static bool MayBeIn(JsonElement definition) => Accessor().IsMatch(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(definition)));

    /// <remarks>What stands before a name does not matter: in JSON a line break ends in a letter.</remarks>
    [GeneratedRegex(@"get(LastResult|\w*From\w*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Accessor();
}
