using System.Runtime.ExceptionServices;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// Room for what a script nests. The script engine follows nested values by calls of its own: converting, joining or printing
/// an array of arrays as deep as the bound on statements lets a script build would overflow a common stack, and that ends the
/// process, at every attempt anew.
/// </summary>
internal static class DeepStack
{
    /// <summary>Stack of one evaluation (bytes): some 4 KiB for each of <see cref="Execution.EngineLimits.ScriptStatementsPerTurnMax"/> statements. Only what is used takes memory.</summary>
    private const int SizeBytes = 512 * 1024 * 1024;

    /// <summary>Does the work while the caller waits: nothing runs side by side.</summary>
    public static T Run<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = work();
                }
                catch (Exception e)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            },
            SizeBytes);
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
