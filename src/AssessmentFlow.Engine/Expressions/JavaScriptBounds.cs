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
internal sealed partial class JavaScriptBounds(Jint.Engine engine, ScriptBudget budget, HashSet<string> mentioned)
{
    private const int TextMax = EngineLimits.ScriptTextLengthMax;
    private const int ElementsPerStatement = 16;

    /// <summary>What makes patterns.</summary>
    private const string Patterns = "RegExp";

    /// <summary>What reaches beyond one evaluation, counts without bound in one step, or depends on when memory is collected.</summary>
    private static readonly string[] Removed =
        ["BigInt", "BigInt64Array", "BigUint64Array", "SharedArrayBuffer", "Atomics", "Temporal", "WeakRef", "FinalizationRegistry"];

    private static readonly string[] Buffers =
    [
        "ArrayBuffer", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
        "Float16Array", "Float32Array", "Float64Array",
    ];

    /// <summary>What a script reaches without writing its name: all of the global object, or names with escapes in them.</summary>
    private static readonly string[] Detours = ["globalThis", "this", "Reflect"];

    /// <summary>Functions that hand out a buffer, and with it the way to make others.</summary>
    private static readonly string[] MakersOfBuffers = ["DataView", "bytesFromString", "bytesFromBase64"];

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

    /// <summary>The names that a script may use: those in its text, and where there are detours also those that are guarded.</summary>
    public static void AddReachable(string text, HashSet<string> names)
    {
        if (names.Overlaps(Detours) || text.Contains("\\u", StringComparison.Ordinal))
        {
            names.UnionWith([.. Buffers, Patterns, "JSON", "Math", "encodeURI", "encodeURIComponent", "escape"]);
        }
        else if (names.Overlaps(Buffers) || names.Overlaps(MakersOfBuffers))
        {
            names.UnionWith(Buffers);
        }

        if (text.Contains('/', StringComparison.Ordinal))
        {
            names.Add(Patterns); // A pattern is written between slashes, without its name.
        }
    }

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
            InstallPatterns();
            InstallLists();
            InstallBuffers();
        }

        foreach (var name in ((string[])["encodeURI", "encodeURIComponent", "escape"]).Where(mentioned.Contains))
        {
            Guard(engine.Global, name, (_, args) => CheckText(ToText(args, 0).Length));
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

    /// <summary>The ways by which one buffer makes another or a text, and those to whole numbers without bound.</summary>
    private void InstallBuffers()
    {
        if (!mentioned.Overlaps(Buffers))
        {
            return;
        }

        var buffers = engine.GetValue("ArrayBuffer").AsObject().Get("prototype").AsObject();
        foreach (var name in (string[])["transfer", "transferToFixedLength", "resize"])
        {
            Guard(buffers, name, (_, args) => CheckText(ToNumber(args, 0)));
        }

        var views = engine.GetValue("DataView").AsObject().Get("prototype").AsObject();
        foreach (var name in (string[])["getBigInt64", "setBigInt64", "getBigUint64", "setBigUint64"])
        {
            views.RemoveOwnProperty(name);
        }

        var numbers = engine.GetValue("Uint8Array").AsObject().Prototype!.Get("prototype").AsObject();
        var inLists = engine.Intrinsics.Array.PrototypeObject.Get("toLocaleString");
        Replace(numbers, "join", (original, self, args) => self is JsTypedArray list ? new JsString(Join(list, At(args, 0), TypeConverter.ToString)) : original.Call(self, args));
        Replace(numbers, "toLocaleString", (original, self, args) => self is JsTypedArray list ? new JsString(Join(list, JsValue.Undefined, Local(inLists))) : original.Call(self, args));
    }

    private void InstallLists()
    {
        var lists = engine.Intrinsics.Array.PrototypeObject;
        Replace(lists, "join", (_, self, args) => self is ObjectInstance list ? new JsString(Join(list, At(args, 0), TypeConverter.ToString)) : JsString.Empty);
        Replace(lists, "flat", (original, self, args) => self is JsArray list ? Flat(list, At(args, 0)) : original.Call(self, args));
        Replace(lists, "toLocaleString", (original, self, args) => self is ObjectInstance list ? new JsString(Join(list, JsValue.Undefined, Local(original))) : original.Call(self, args));
    }

    /// <summary>What a list makes of one item by itself, as text of the place.</summary>
    private Func<JsValue, string> Local(JsValue toLocaleString) => item => TypeConverter.ToString(toLocaleString.Call(new JsArray(engine, [item]), []));

    private string Join(ObjectInstance list, JsValue separator, Func<JsValue, string> toText)
    {
        if (!_joining.Add(list))
        {
            return ""; // A list that contains itself.
        }

        try
        {
            var length = list.Get("length") is JsNumber number ? number.AsNumber() : 0;
            if (length > (list is JsTypedArray ? TextMax : EngineLimits.ScriptArraySizeMax))
            {
                throw TooLarge();
            }

            var between = separator.IsUndefined() ? "," : TypeConverter.ToString(separator);
            var text = new StringBuilder();
            for (var i = 0; i < length; i++)
            {
                Charge(1);
                var item = list.Get(i);
                text.Append(i is 0 ? "" : between).Append(item.IsNull() || item.IsUndefined() ? "" : toText(item));
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

    private void Flatten(JsArray list, double depth, List<JsValue> items, int level = 0)
    {
        if (level > EngineLimits.ScriptRecursionMax)
        {
            throw TooLarge();
        }

        for (uint i = 0; i < list.Length; i++)
        {
            Charge(1);
            if (!list.HasProperty(i))
            {
                continue;
            }

            if (depth >= 1 && list[i] is JsArray inner)
            {
                Flatten(inner, depth - 1, items, level + 1);
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

    private void Guard(ObjectInstance owner, JsValue name, Action<JsValue, JsValue[]> check) => Replace(owner, name, (original, self, args) =>
    {
        check(self, args);
        return original.Call(self, args);
    });

    private void Replace(ObjectInstance owner, JsValue name, Func<JsValue, JsValue, JsValue[], JsValue> body)
    {
        var original = owner.Get(name);
        var function = new ClrFunction(engine, name is JsSymbol ? $"[{name}]" : name.ToString(), (self, args) => body(original, self, args));
        owner.FastSetProperty(name, new PropertyDescriptor(function, writable: true, enumerable: false, configurable: true));
    }

    private static double Length(JsValue text) => text is JsString ? TypeConverter.ToString(text).Length : 0;

    private static double ToNumber(JsValue[] args, int index)
    {
        var number = TypeConverter.ToNumber(At(args, index));
        if (index < args.Length)
        {
            args[index] = new JsNumber(number);
        }

        return double.IsNaN(number) ? 0 : number;
    }

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
