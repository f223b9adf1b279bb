using Fluid;
using Fluid.Ast;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// Goes through a template once, when it is read: finds the filters that do not exist, and bounds what a count of steps does not
/// bound, the length of a range and of what is captured.
/// </summary>
internal sealed class LiquidChecks(FilterCollection filters) : AstRewriter
{
    private int _captures;

    /// <summary>The first filter that does not exist; null when all do.</summary>
    public string? UnknownFilter { get; private set; }

    /// <summary>Whether the template keeps text that it makes.</summary>
    public bool HasCapture { get; private set; }

    protected override Expression VisitFilterExpression(FilterExpression filterExpression)
    {
        if (!filters.TryGetValue(filterExpression.Name, out _))
        {
            UnknownFilter ??= filterExpression.Name;
        }

        return base.VisitFilterExpression(filterExpression);
    }

    /// <remarks>A range is made as a whole before a loop goes through it: its end is looked at first.</remarks>
    protected override Expression VisitRangeExpression(RangeExpression rangeExpression)
    {
        var from = Visit(rangeExpression.From);
        return new RangeExpression(from, new FilterExpression(Visit(rangeExpression.To), LiquidFilters.RangeEnd, [new FilterArgument(null, from)]));
    }

    protected override Statement VisitCaptureStatement(CaptureStatement captureStatement)
    {
        HasCapture = true;
        _captures++;
        var visited = base.VisitCaptureStatement(captureStatement);
        _captures--;
        return visited;
    }

    protected override Statement VisitOutputStatement(OutputStatement outputStatement)
    {
        var visited = base.VisitOutputStatement(outputStatement);
        return _captures > 0 && visited is OutputStatement output
            ? new OutputStatement(new FilterExpression(output.Expression, LiquidFilters.Captured, []))
            : visited;
    }
}
