using System.Text;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>Names as Elsa makes them.</summary>
internal static class Names
{
    /// <summary>Capital letters at the start of each word, without what stands between the words: <c>charge card</c> is <c>ChargeCard</c>.</summary>
    public static string Pascal(string name)
    {
        var result = new StringBuilder(name.Length);
        var isStart = true;
        foreach (var letter in name)
        {
            if (letter is ' ' or '_' or '-')
            {
                isStart = true;
                continue;
            }

            result.Append(isStart ? char.ToUpperInvariant(letter) : letter);
            isStart = false;
        }

        return result.ToString();
    }

    /// <summary>As <see cref="Pascal"/>, with a small letter at the start: <c>charge card</c> is <c>chargeCard</c>.</summary>
    public static string Camel(string name) => Pascal(name) is { Length: > 0 } pascal ? char.ToLowerInvariant(pascal[0]) + pascal[1..] : "";
}
