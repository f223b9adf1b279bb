using System.Globalization;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Runtime.Descriptors;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>The border between JSON values and the values of scripts.</summary>
internal static class JavaScriptValues
{
    private const int DepthMax = EngineLimits.ValueDepthMax;

    /// <summary>A script's view of a JSON value. Instants become dates when the type says so.</summary>
    public static JsValue FromJson(Jint.Engine engine, JsonElement value, string? typeName = null)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                return JsValue.Null;
            case JsonValueKind.True:
                return JsBoolean.True;
            case JsonValueKind.False:
                return JsBoolean.False;
            case JsonValueKind.Number:
                return new JsNumber(value.GetDouble());
            case JsonValueKind.String:
                return typeName is "DateTime" or "DateTimeOffset" && ValueConversion.TryGetInstant(value, out var instant)
                    ? new JsDate(engine, instant)
                    : new JsString(value.GetString()!);
            case JsonValueKind.Array:
                var items = new JsValue[value.GetArrayLength()];
                var position = 0;
                foreach (var item in value.EnumerateArray())
                {
                    items[position++] = FromJson(engine, item);
                }

                return new JsArray(engine, items);
            default:
                var result = new JsObject(engine);
                var isResult = WorkflowResult.Is(value);
                foreach (var member in value.EnumerateObject())
                {
                    var shown = FromJson(engine, isResult ? WorkflowResult.Shown(member.Name, member.Value) : member.Value);
                    result.Set(member.Name, shown);
                    if (isResult)
                    {
                        var alias = char.ToLowerInvariant(member.Name[0]) + member.Name[1..];
                        result.FastSetProperty(alias, new PropertyDescriptor(shown, writable: true, enumerable: false, configurable: true));
                    }
                }

                return result;
        }
    }

    /// <summary>The JSON of a script's value: functions and undefined are null, dates are ISO 8601 text, bytes are Base64 text.</summary>
    /// <exception cref="ActivityFaultException">The value is too deep or too large.</exception>
    public static JsonElement ToJson(JsValue value)
    {
        switch (value)
        {
            case JsBoolean flag:
                return JsonValues.Of(flag.AsBoolean());
            case JsNumber number:
                return JsonValues.Of(number.AsNumber());
            case JsString text:
                return Bounded(JsonValues.Of(text.ToString()), text.ToString().Length);
            case ObjectInstance:
                using (var json = new PooledJsonWriter())
                {
                    Write(json, value, depth: 0);
                    return json.ToElement();
                }

            default:
                return JsonValues.Null;
        }
    }

    private static void Write(PooledJsonWriter json, JsValue value, int depth)
    {
        if (depth > DepthMax || json.WrittenBytes > EngineLimits.ValueSizeMaxBytes)
        {
            throw TooLarge();
        }

        switch (value)
        {
            case JsBoolean flag:
                json.Writer.WriteBooleanValue(flag.AsBoolean());
                break;
            case JsNumber number:
                JsonValues.Of(number.AsNumber()).WriteTo(json.Writer);
                break;
            case JsString text:
                json.Writer.WriteStringValue(text.ToString());
                break;
            case JsDate date:
                json.Writer.WriteStringValue(date.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture));
                break;
            case JsArray array:
                json.Writer.WriteStartArray();
                for (uint i = 0; i < array.Length; i++)
                {
                    Write(json, array[i], depth + 1);
                }

                json.Writer.WriteEndArray();
                break;
            case Function:
                json.Writer.WriteNullValue();
                break;
            case ObjectInstance when JavaScriptBytes.TryGetBuffer(value, out var bytes):
                json.Writer.WriteBase64StringValue(bytes.Length <= EngineLimits.ValueSizeMaxBytes ? bytes : throw TooLarge());
                break;
            case ObjectInstance instance:
                WriteObject(json, instance, depth);
                break;
            default:
                json.Writer.WriteNullValue();
                break;
        }
    }

    private static void WriteObject(PooledJsonWriter json, ObjectInstance instance, int depth)
    {
        json.Writer.WriteStartObject();
        foreach (var (key, property) in instance.GetOwnProperties())
        {
            if (key is not JsString name || !property.Enumerable)
            {
                continue;
            }

            var member = instance.Get(key);
            if (member.IsUndefined() || member is Function)
            {
                continue;
            }

            json.Writer.WritePropertyName(name.ToString());
            Write(json, member, depth + 1);
        }

        json.Writer.WriteEndObject();
    }

    private static JsonElement Bounded(JsonElement value, int length) =>
        length > EngineLimits.ValueSizeMaxBytes ? throw TooLarge() : value;

    private static ActivityFaultException TooLarge() => new(
        "value-too-large",
        $"A value may have {EngineLimits.ValueSizeMaxBytes} bytes of JSON and {DepthMax} levels; this one has more.");
}
