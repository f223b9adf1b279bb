using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Runtime;

namespace AssessmentFlow.Engine.Expressions;

/// <content>Functions of texts.</content>
internal sealed partial class JavaScriptBounds
{
    private void InstallTexts()
    {
        var texts = engine.GetValue("String").AsObject().Get("prototype").AsObject();
        GuardText(texts, "repeat", (length, args) => CheckText(length * ToNumber(args, 0)));
        GuardText(texts, "padStart", (_, args) => CheckText(ToNumber(args, 0)));
        GuardText(texts, "padEnd", (_, args) => CheckText(ToNumber(args, 0)));
        GuardText(texts, "concat", (length, args) => CheckText(length + Enumerable.Range(0, args.Length).Sum(place => (double)ToText(args, place).Length)));
        foreach (var name in (string[])["match", "matchAll", "split"])
        {
            GuardText(texts, name, (length, _) => CheckText(length));
        }

        foreach (var name in (string[])["replace", "replaceAll"])
        {
            GuardText(texts, name, (length, args) =>
            {
                CheckText(length);
                if (At(args, 1) is not Function)
                {
                    // $' and $` stand for all of the text that follows or precedes the match.
                    var replacement = ToText(args, 1);
                    var repeats = replacement.Contains("$'", StringComparison.Ordinal) || replacement.Contains("$`", StringComparison.Ordinal);
                    CheckText((length + 1) * (replacement.Length + (repeats ? length * replacement.Length / 2 : 0)) / ElementsPerStatement);
                }
            });
        }

        Guard(engine.GetValue("String").AsObject(), "raw", (_, args) =>
        {
            var size = Enumerable.Range(1, Math.Max(0, args.Length - 1)).Sum(place => (double)ToText(args, place).Length);
            CheckText(size + (At(args, 0) is ObjectInstance parts && parts.Get("raw") is ObjectInstance raw ? Join(raw, JsString.Empty, TypeConverter.ToString).Length : 0));
        });
    }

    /// <summary>Guards a function of texts. What it was called on and with is made a text or number once, and handed on as that.</summary>
    private void GuardText(ObjectInstance owner, string name, Action<double, JsValue[]> check) => Replace(owner, name, (original, self, args) =>
    {
        if (self.IsNull() || self.IsUndefined())
        {
            return original.Call(self, args);
        }

        var text = TypeConverter.ToString(self);
        JsValue[] made = [.. args];
        check(text.Length, made);
        return original.Call(new JsString(text), made);
    });

    private static string ToText(JsValue[] args, int index)
    {
        var text = TypeConverter.ToString(At(args, index));
        if (index < args.Length)
        {
            args[index] = new JsString(text);
        }

        return text;
    }
}
