using System.Diagnostics.CodeAnalysis;
using AssessmentFlow.Engine.Execution;
using Cronos;

namespace AssessmentFlow.Engine.Activities;

/// <summary>The times of a cron expression, in UTC as in Elsa.</summary>
internal sealed class CronTimes
{
    private readonly CronExpression _expression;

    private CronTimes(string text, CronExpression expression)
    {
        Text = text;
        _expression = expression;
    }

    /// <summary>The expression as written.</summary>
    public string Text { get; }

    /// <summary>Reads an expression of five fields (from minutes on) or six (from seconds on).</summary>
    /// <param name="text">The expression.</param>
    /// <param name="times">Its times.</param>
    /// <param name="error">What is wrong with it, for its author.</param>
    public static bool TryRead(string? text, [NotNullWhen(true)] out CronTimes? times, [NotNullWhen(false)] out string? error)
    {
        times = null;
        error = null;
        var fields = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length;
        try
        {
            times = new CronTimes(text!, CronExpression.Parse(text ?? "", fields is 6 ? CronFormat.IncludeSeconds : CronFormat.Standard));
            return true;
        }
        catch (CronFormatException e)
        {
            error = $"'{text}' is no cron expression of five fields (from minutes on) or six (from seconds on): {e.Message}";
            return false;
        }
    }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="ActivityFaultException">It cannot be read.</exception>
    public static CronTimes Read(string? text) =>
        TryRead(text, out var times, out var error) ? times : throw new ActivityFaultException("cron-unreadable", error);

    /// <summary>The first time after an instant; null when there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => _expression.GetNextOccurrence(after.ToUniversalTime(), TimeZoneInfo.Utc);
}
