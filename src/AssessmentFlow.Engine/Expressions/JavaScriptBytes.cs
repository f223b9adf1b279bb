using System.Diagnostics.CodeAnalysis;
using System.Text;
using AssessmentFlow.Engine.Execution;
using Jint;
using Jint.Native;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// Bytes in scripts: an ArrayBuffer while a script has them, as in Elsa, and Base64 text wherever they are kept.
/// </summary>
internal static class JavaScriptBytes
{
    /// <summary>The bytes as scripts see them.</summary>
    public static JsValue ToScript(Jint.Engine engine, byte[] bytes) => engine.Intrinsics.ArrayBuffer.Construct(bytes);

    /// <summary>The bytes behind Base64 text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="function">The function that was called, for the incident.</param>
    /// <exception cref="ActivityFaultException">The text is not Base64.</exception>
    public static byte[] FromBase64(string text, string function)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var written)
            ? bytes[..written]
            : throw new ActivityFaultException("base64-unreadable", $"{function} was given text that is not Base64.");
    }

    /// <summary>The text that bytes in UTF-8 stand for.</summary>
    public static string ToText(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>The bytes of a script's value: a buffer, an array of bytes, a list of numbers from 0 to 255, or the Base64 text that a variable keeps.</summary>
    /// <exception cref="ActivityFaultException">The value is nothing of the kind.</exception>
    public static byte[] Read(JsValue value, string function)
    {
        if (TryGetBuffer(value, out var bytes))
        {
            return bytes;
        }

        return value switch
        {
            JsString text => FromBase64(text.ToString(), function),
            JsArray list => ReadList(list, function),
            _ => throw Unreadable(function),
        };
    }

    /// <summary>The bytes of a buffer or an array of bytes.</summary>
    public static bool TryGetBuffer(JsValue value, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = value.IsArrayBuffer() ? value.AsArrayBuffer() ?? []
            : value.IsUint8Array() ? value.AsUint8Array()
            : value.IsUint8ClampedArray() ? value.AsUint8ClampedArray()
            : null;
        return bytes is not null;
    }

    private static byte[] ReadList(JsArray list, string function)
    {
        var bytes = new byte[list.Length];
        for (uint i = 0; i < list.Length; i++)
        {
            bytes[i] = list[i] is JsNumber number && number.AsNumber() is >= 0 and <= byte.MaxValue and var item && double.IsInteger(item)
                ? (byte)item
                : throw Unreadable(function);
        }

        return bytes;
    }

    private static ActivityFaultException Unreadable(string function) => new(
        "bytes-unreadable",
        $"{function} was given something else than bytes: it takes an ArrayBuffer, a Uint8Array, a list of numbers from 0 to 255, or Base64 text.");
}
