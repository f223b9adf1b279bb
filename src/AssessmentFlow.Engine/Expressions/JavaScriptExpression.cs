using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Acornima.Ast;
using AssessmentFlow.Engine.Execution;
using Jint;
using Jint.Native;
using Jint.Runtime;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// A JavaScript expression or script; its last value counts. Each evaluation has an engine of its own:
/// nothing survives from one script to the next but what the script stores in variables.
/// </summary>
internal sealed partial class JavaScriptExpression : InputExpression
{
    private static readonly ScriptPreparationOptions Preparation = new()
    {
        ParsingOptions = new ScriptParsingOptions { AllowReturnOutsideFunction = true, Tolerant = false, RegexTimeout = EngineLimits.ScriptMatchTimeMax },
    };

    /// <summary>Without these, and without a method or accessor in an object, a script neither repeats anything nor calls what does: it nests no deeper than it is written.</summary>
    private static readonly string[] Nesting = [".", "[", "=>", "`", "for", "while", "do", "function", "class"];

    private readonly Prepared<Script> _script;
    private readonly HashSet<string> _identifiers;

    private readonly bool _mayNest;

    private JavaScriptExpression(Prepared<Script> script, HashSet<string> identifiers, string text)
    {
        _script = script;
        _identifiers = identifiers;
        _mayNest = Nesting.Any(each => text.Contains(each, StringComparison.Ordinal)) || script.Program!.DescendantNodes().Any(node => node is IFunction);
        IsBlank = string.IsNullOrWhiteSpace(text);
    }

    public override bool IsBlank { get; }

    public override bool MayReadOutputs => _identifiers.Any(JavaScriptGlobals.IsOutputAccessor);

    public static bool TryParse(string text, out InputExpression? expression, out string? error)
    {
        expression = null;
        error = null;
        try
        {
            var script = Jint.Engine.PrepareScript(text, source: "script", strict: false, Preparation);
            error = script.Program!.DescendantNodes().OfType<BigIntLiteral>().Any()
                ? "The script uses a BigInt such as 5n: what one step makes of it has no bound, and no variable could hold it. Use numbers."
                : null;
            var identifiers = Identifier().Matches(text).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
            JavaScriptBounds.AddReachable(text, identifiers);
            expression = new JavaScriptExpression(script, identifiers, text);
            return true;
        }
        catch (ScriptPreparationException e)
        {
            error = $"The script cannot be parsed: {e.InnerException?.Message ?? e.Message}";
            return false;
        }
    }

    public override JsonElement Evaluate(ExpressionScope scope)
    {
        try
        {
            return _mayNest ? DeepStack.Run(() => Run(scope)) : Run(scope);
        }
        catch (JavaScriptException e)
        {
            throw new ActivityFaultException("script-failed", $"The script failed: {e.Message}", e.Message);
        }
        catch (StatementsCountOverflowException)
        {
            throw new ActivityFaultException(
                "script-too-long-running",
                $"The scripts of one turn may execute {EngineLimits.ScriptStatementsPerTurnMax} statements together; this one went beyond.");
        }
        catch (RecursionDepthOverflowException e)
        {
            throw new ActivityFaultException("script-too-deep", $"The script recursed more than {EngineLimits.ScriptRecursionMax} calls deep.", e.Message);
        }
        catch (TimeoutException)
        {
            throw new ActivityFaultException("script-too-long-running", $"A script may run for {EngineLimits.ScriptTimeMax.TotalSeconds} seconds; this one went beyond.");
        }
        catch (Exception e) when (e is MemoryLimitExceededException or OutOfMemoryException)
        {
            throw new ActivityFaultException(
                "script-too-large",
                $"A script may take {EngineLimits.ScriptMemoryMaxBytes} bytes of memory and lists of {EngineLimits.ScriptArraySizeMax} elements; this one asked for more.",
                e.Message);
        }
        catch (Exception e) when (e is JintException or InvalidOperationException or RegexMatchTimeoutException or NotSupportedException)
        {
            throw new ActivityFaultException("script-failed", $"The script failed: {e.Message}", e.Message);
        }
    }

    private JsonElement Run(ExpressionScope scope)
    {
        using var engine = new Jint.Engine(options => Configure(options, scope));
        new JavaScriptBounds(engine, scope.Budget, _identifiers).Install(_mayNest);
        var globals = new JavaScriptGlobals(engine, scope, _identifiers);
        globals.Install();
        var result = JavaScriptValues.ToJson(Settled(engine.Evaluate(_script)));
        globals.TakeVariables();
        return result;
    }

    /// <summary>
    /// What a promise became. Whatever it could wait for has run with the script, within its bounds: nothing settles it later,
    /// and the time given is the shortest that is not taken for none at all.
    /// </summary>
    private static JsValue Settled(JsValue value)
    {
        try
        {
            return value.UnwrapIfPromise(TimeSpan.FromTicks(1));
        }
        catch (PromiseRejectedException e)
        {
            throw new ActivityFaultException("script-failed", $"The promise that the script gave was rejected, or waits for what never comes: {e.Message}", e.Message);
        }
    }

    private static void Configure(Options options, ExpressionScope scope)
    {
        options.Culture = CultureInfo.InvariantCulture;
        options.TimeSystem = new ScriptTime(scope.Now);
        options.TimeZone = TimeZoneInfo.Utc;
        options.Host.StringCompilationAllowed = false;
        options.LimitRecursion(EngineLimits.ScriptRecursionMax);
        options.MaxArraySize(EngineLimits.ScriptArraySizeMax);
        options.Constraint(scope.Budget.CreateConstraint);
        options.LimitMemory(EngineLimits.ScriptMemoryMaxBytes);
        options.TimeoutInterval(EngineLimits.ScriptTimeMax);
        options.Constraints.RegexTimeout = EngineLimits.ScriptMatchTimeMax;
        options.AgentCanSuspend = false;
    }

    [GeneratedRegex(@"[A-Za-z_$][\w$]*", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Identifier();

    /// <summary>The time that scripts see: it stands still at the instant of the turn.</summary>
    private sealed class ScriptTime(DateTimeOffset now) : DefaultTimeSystem(TimeZoneInfo.Utc, CultureInfo.InvariantCulture), ITimeSystem
    {
        DateTimeOffset ITimeSystem.GetUtcNow() => now;
    }
}
