using System.Diagnostics;

namespace AssessmentFlow.Storage;

/// <summary>Trace contexts as they are stored: in the form of W3C Trace Context, section 3.2; null for none.</summary>
internal static class TraceContexts
{
    public static string? Write(ActivityContext context) => context == default ? null : $"00-{context.TraceId}-{context.SpanId}-01";

    public static ActivityContext Read(string? text) => ActivityContext.TryParse(text, traceState: null, isRemote: true, out var context) ? context : default;
}
