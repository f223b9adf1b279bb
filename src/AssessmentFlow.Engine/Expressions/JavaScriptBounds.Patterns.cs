using System.Globalization;
using System.Text;
using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Native.Symbol;
using Jint.Runtime;
using Jint.Runtime.Interop;

namespace AssessmentFlow.Engine.Expressions;

/// <content>Functions of patterns, which a script reaches without those of texts.</content>
internal sealed partial class JavaScriptBounds
{
    private void InstallPatterns()
    {
        if (!mentioned.Contains(Patterns))
        {
            return;
        }

        var patterns = engine.GetValue(Patterns).AsObject().Get("prototype").AsObject();
        foreach (var name in (JsSymbol[])[GlobalSymbolRegistry.Match, GlobalSymbolRegistry.MatchAll, GlobalSymbolRegistry.Split])
        {
            Guard(patterns, name, (_, args) => CheckText(ToText(args, 0).Length));
        }

        Replace(patterns, GlobalSymbolRegistry.Replace, (original, self, args) =>
        {
            JsValue[] made = [.. args];
            CheckText(ToText(made, 0).Length);
            return original.Call(self, [At(made, 0), Replacing(At(made, 1) is Function own ? own : new JsString(ToText(made, 1)))]);
        });
    }

    /// <summary>What puts in a replacement for each match, and counts what it puts in before the whole is made.</summary>
    private ClrFunction Replacing(JsValue replacement)
    {
        long size = 0;
        return new ClrFunction(engine, "replacer", (_, match) =>
        {
            var text = replacement is Function own ? TypeConverter.ToString(own.Call(JsValue.Undefined, match)) : Substituted(replacement.ToString(), match);
            size += text.Length;
            CheckText(size);
            return new JsString(text);
        });
    }

    /// <summary>A replacement with what its signs stand for.</summary>
    /// <param name="replacement">The replacement.</param>
    /// <param name="match">What matched, what each group of the pattern did, the place, the text, and the named groups if there are any.</param>
    private static string Substituted(string replacement, JsValue[] match)
    {
        var sign = replacement.IndexOf('$', StringComparison.Ordinal);
        if (sign < 0)
        {
            return replacement;
        }

        var named = match[^1] as ObjectInstance;
        var groups = match.AsSpan(1..^(named is null ? 2 : 3));
        var whole = match[groups.Length + 2].ToString();
        var place = (int)match[groups.Length + 1].AsNumber();
        var text = new StringBuilder();
        var at = 0;
        for (; sign >= 0; sign = replacement.IndexOf('$', at))
        {
            text.Append(replacement, at, sign - at);
            at = sign + Put(text, replacement.AsSpan(sign), match[0].ToString(), whole, place, groups, named);
            CheckText(text.Length);
        }

        return text.Append(replacement, at, replacement.Length - at).ToString();
    }

    /// <summary>Puts in what stands behind one sign.</summary>
    /// <returns>Length of the sign.</returns>
    private static int Put(StringBuilder text, ReadOnlySpan<char> sign, string matched, string whole, int place, ReadOnlySpan<JsValue> groups, ObjectInstance? named)
    {
        var second = sign.Length > 1 ? sign[1] : ' ';
        switch (second)
        {
            case '$':
                text.Append('$');
                return 2;
            case '&':
                text.Append(matched);
                return 2;
            case '`':
                text.Append(whole, 0, place);
                return 2;
            case '\'':
                var end = Math.Min(place + matched.Length, whole.Length);
                text.Append(whole, end, whole.Length - end);
                return 2;
            case '<' when named is not null && sign.IndexOf('>') is var close and > 0:
                text.Append(TextOf(named.Get(sign[2..close].ToString())));
                return close + 1;
        }

        // Two digits where there are so many groups, else one.
        for (var digits = sign.Length > 2 && char.IsAsciiDigit(sign[2]) ? 2 : 1; digits > 0 && char.IsAsciiDigit(second); digits--)
        {
            var number = int.Parse(sign.Slice(1, digits), CultureInfo.InvariantCulture);
            if (number > 0 && number <= groups.Length)
            {
                text.Append(TextOf(groups[number - 1]));
                return digits + 1;
            }
        }

        text.Append('$');
        return 1;
    }

    private static string TextOf(JsValue group) => group.IsUndefined() ? "" : TypeConverter.ToString(group);
}
