using System.Globalization;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>Text that grows to the size of a value and no further: what makes more is stopped while it makes it.</summary>
internal sealed class BoundedText() : StringWriter(CultureInfo.InvariantCulture)
{
    /// <exception cref="ActivityFaultException">The text has become too long.</exception>
    public override void Write(char value)
    {
        Grow(1);
        base.Write(value);
    }

    /// <exception cref="ActivityFaultException">The text has become too long.</exception>
    public override void Write(char[] buffer, int index, int count)
    {
        Grow(count);
        base.Write(buffer, index, count);
    }

    /// <exception cref="ActivityFaultException">The text has become too long.</exception>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        Grow(buffer.Length);
        base.Write(buffer);
    }

    /// <exception cref="ActivityFaultException">The text has become too long.</exception>
    public override void Write(string? value)
    {
        Grow(value?.Length ?? 0);
        base.Write(value);
    }

    private void Grow(int count)
    {
        if (GetStringBuilder().Length + count > EngineLimits.ValueSizeMaxBytes)
        {
            throw new ActivityFaultException("value-too-large", $"The template made more than {EngineLimits.ValueSizeMaxBytes} characters; that many are allowed.");
        }
    }
}
