using System.Text;
using AssessmentFlow.Engine.Execution;
using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Runtime;
using Jint.Runtime.Descriptors;
using Jint.Runtime.Interop;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// Bounds on what one call of a built-in function makes. A count of statements does not see it, and the count of memory sees
/// it only afterwards: the functions that multiply are replaced by ones that look first.
/// </summary>
internal sealed class JavaScriptBounds(Jint.Engine engine, ScriptBudget budget, HashSet<string> mentioned)
{
    private const int TextMax = EngineLimits.ScriptTextLengthMax;
    private const int ElementsPerStatement = 16;

    /// <summary>What reaches beyond one evaluation, counts without bound in one step, or depends on when memory is collected.</summary>
    private static readonly string[] Removed =
        ["BigInt", "BigInt64Array", "BigUint64Array", "SharedArrayBuffer", "Atomics", "Temporal", "WeakRef", "FinalizationRegistry"];

    private static readonly string[] Buffers =
    [
        "ArrayBuffer", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
        "Float16Array", "Float32Array", "Float64Array",
    ];

    private static readonly Prepared<Acornima.Ast.Script> GuardConstructor = Jint.Engine.PrepareScript(
        """
        (function (make, check) {
            const guarded = new Proxy(make, { construct(target, args, type) { check(args[0], args[1]); return Reflect.construct(target, args, type); } });
            make.prototype.constructor = guarded;
            return guarded;
        })
        """);

    private readonly HashSet<ObjectInstance> _joining = [];
    private int _elements;

    /// <param name="mayCallMethods">Whether the script may call what belongs to texts and lists.</param>
    public void Install(bool mayCallMethods)
    {
        foreach (var name in Removed)
        {
            engine.Global.RemoveOwnProperty(name);
        }

        if (mayCallMethods)
        {
            InstallTexts();
            InstallLists();
        }

        foreach (var name in ((string[])["encodeURI", "encodeURIComponent", "escape"]).Where(mentioned.Contains))
        {
            Guard(engine.Global, name, (_, args) => CheckText(Length(At(args, 0))));
        }

        if (mentioned.Contains("JSON"))
        {
            var json = engine.GetValue("JSON").AsObject();
            Replace(json, "stringify", (original, self, args) => original.Call(self, [At(args, 0), Counting(At(args, 1)), At(args, 2)]));
        }

        foreach (var name in Buffers.Where(mentioned.Contains))
        {
            var check = new ClrFunction(engine, "check", (_, args) =>
            {
                CheckSize(At(args, 0));
                CheckSize(At(args, 1) is ObjectInstance options ? options.Get("maxByteLength") : JsValue.Undefined);
                return JsValue.Undefined;
            });
            engine.SetValue(name, engine.Evaluate(GuardConstructor).Call(JsValue.Undefined, [engine.GetValue(name), check]));
        }
    }

    private void InstallTexts()
    {
        var texts = engine.GetValue("String").AsObject().Get("prototype").AsObject();
        Guard(texts, "repeat", (self, args) => CheckText(Length(self) * Number(args, 0)));
        Guard(texts, "padStart", (_, args) => CheckText(Number(args, 0)));
        Guard(texts, "padEnd", (_, args) => CheckText(Number(args, 0)));
        foreach (var name in (string[])["match", "matchAll", "split"])
        {
            Guard(texts, name, (self, _) => CheckText(Length(self)));
        }

        foreach (var name in (string[])["replace", "replaceAll"])
        {
            Guard(texts, name, (self, args) =>
            {
                CheckText(Length(self));
                CheckText(At(args, 1) is JsString replacement ? (Length(self) + 1) * Length(replacement) / ElementsPerStatement : 0);
            });
        }
    }

    private void InstallLists()
    {
        var lists = engine.Intrinsics.Array.PrototypeObject;
        Replace(lists, "join", (_, self, args) => self is ObjectInstance list ? new JsString(Join(list, At(args, 0))) : JsString.Empty);
        Replace(lists, "flat", (original, self, args) => self is JsArray list ? Flat(list, At(args, 0)) : original.Call(self, args));
        Guard(lists, "toLocaleString", (self, _) => Charge(self is JsArray list ? list.Length + 1 : 1));
    }

    private string Join(ObjectInstance list, JsValue separator)
    {
        if (!_joining.Add(list))
        {
            return ""; // A list that contains itself.
        }

        try
        {
            var length = list.Get("length") is JsNumber number ? number.AsNumber() : 0;
            if (length > EngineLimits.ScriptArraySizeMax)
            {
                throw TooLarge();
            }

            var between = separator.IsUndefined() ? "," : separator.ToString();
            var text = new StringBuilder();
            for (var i = 0; i < length; i++)
            {
                Charge(1);
                var item = list.Get(i);
                text.Append(i is 0 ? "" : between).Append(item.IsNull() || item.IsUndefined() ? "" : TypeConverter.ToString(item));
                CheckText(text.Length);
            }

            return text.ToString();
        }
        finally
        {
            _joining.Remove(list);
        }
    }

    private JsArray Flat(JsArray list, JsValue depth)
    {
        var items = new List<JsValue>();
        Flatten(list, depth.IsUndefined() ? 1 : TypeConverter.ToNumber(depth), items);
        return new JsArray(engine, [.. items]);
    }

    private void Flatten(JsArray list, double depth, List<JsValue> items)
    {
        for (uint i = 0; i < list.Length; i++)
        {
            Charge(1);
            if (!list.HasProperty(i))
            {
                continue;
            }

            if (depth >= 1 && list[i] is JsArray inner)
            {
                Flatten(inner, depth - 1, items);
            }
            else if (items.Count == EngineLimits.ScriptArraySizeMax)
            {
                throw TooLarge();
            }
            else
            {
                items.Add(list[i]);
            }
        }
    }

    /// <summary>A replacer that counts what is written, and does what the author's own would do.</summary>
    private ClrFunction Counting(JsValue replacer)
    {
        var names = replacer is JsArray list ? list.Select(name => name.ToString()).ToHashSet(StringComparer.Ordinal) : null;
        double size = 0;
        return new ClrFunction(engine, "replacer", (holder, args) =>
        {
            Charge(1);
            var name = args[0].ToString();
            if (names is not null && name.Length > 0 && holder is not JsArray && !names.Contains(name))
            {
                return JsValue.Undefined;
            }

            var value = replacer is Function own ? own.Call(holder, args) : args[1];
            size += 2 + name.Length + (value is JsString text ? Length(text) : 0);
            CheckText(size);
            return value;
        });
    }

    private static void CheckSize(JsValue size)
    {
        var count = size switch
        {
            JsNumber number => number.AsNumber(),
            ObjectInstance list => TypeConverter.ToNumber(list.Get("length")),
            _ => 0,
        };
        CheckText(double.IsNaN(count) ? 0 : count);
    }

    private void Charge(uint elements)
    {
        for (; elements > 0; elements--)
        {
            if (++_elements % ElementsPerStatement is 0)
            {
                budget.Charge();
            }
        }
    }

    private void Guard(ObjectInstance owner, string name, Action<JsValue, JsValue[]> check) => Replace(owner, name, (original, self, args) =>
    {
        check(self, args);
        return original.Call(self, args);
    });

    private void Replace(ObjectInstance owner, string name, Func<JsValue, JsValue, JsValue[], JsValue> body)
    {
        var original = owner.Get(name);
        var function = new ClrFunction(engine, name, (self, args) => body(original, self, args));
        owner.FastSetProperty(name, new PropertyDescriptor(function, writable: true, enumerable: false, configurable: true));
    }

    private static double Length(JsValue text) => text is JsString ? TypeConverter.ToString(text).Length : 0;

    private static double Number(JsValue[] args, int index) => At(args, index) is JsNumber number ? number.AsNumber() : TypeConverter.ToNumber(At(args, index));

    private static JsValue At(JsValue[] args, int index) => index < args.Length ? args[index] : JsValue.Undefined;

    private static void CheckText(double length)
    {
        if (length > TextMax)
        {
            throw TooLarge();
        }
    }

    private static ActivityFaultException TooLarge() => new(
        "script-too-large",
        $"A script may make texts and buffers of {TextMax} characters and lists of {EngineLimits.ScriptArraySizeMax} elements; this one asked for more.");
}
