using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Sends an HTTP request and runs the activity of the status code that comes back.</summary>
internal sealed class SendHttpRequest : HttpRequestActivity
{
    private const string Unmatched = "UnmatchedStatusCode";
    private const string FailedToConnect = "FailedToConnect";
    private const string Timeout = "Timeout";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.SendHttpRequest",
        Category = "HTTP",
        DisplayName = "HTTP Request",
        Description = "Sends an HTTP request and runs the activity of the status code that comes back.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new(ExpectedStatusCodes, "Object", "Status codes with the activity that runs when one of them comes back.")
            {
                DisplayName = "Expected Status Codes", IsWrapped = false, UiHint = "http-status-codes",
            },
            .. CommonInputs,
        ],
        Outputs = CommonOutputs,
        EmbeddedPorts = [Unmatched, FailedToConnect, Timeout],
    };

    internal override object Plan(PlanContext context)
    {
        var cases = ImmutableDictionary.CreateBuilder<int, ActivityNode?>();
        var position = -1;
        foreach (var item in context.Node.RawInputs.GetValueOrDefault(ExpectedStatusCodes) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : default)
        {
            var path = $"{context.Node.Path}.expectedStatusCodes[{++position}]";
            if (!ValueConversion.TryGetInteger(item.Member("statusCode"), 100, 599, out var code))
            {
                context.Report($"{path}.statusCode", "status-code-malformed", "A status code is a number from 100 to 599.");
            }
            else if (!cases.TryAdd((int)code, null))
            {
                context.Report($"{path}.statusCode", "status-code-repeated", $"The status code {code} is expected twice.");
            }
            else if (item.Member("activity") is { ValueKind: JsonValueKind.Object } activity)
            {
                cases[(int)code] = context.ReadChild(activity, $"{path}.activity", code.ToString(CultureInfo.InvariantCulture));
            }
        }

        return cases.ToImmutable();
    }

    protected override bool HandlesFailure(ActivityContext context) => context.Node.Ports.ContainsKey(FailedToConnect);

    protected override bool Expects(ActivityContext context, int statusCode) => Cases(context).ContainsKey(statusCode);

    protected override void OnAnswered(ActivityContext context, int statusCode) =>
        Go(context, Cases(context).TryGetValue(statusCode, out var activity) ? activity : context.Node.Ports.GetValueOrDefault(Unmatched));

    protected override void OnFailed(ActivityContext context) => Go(context, context.Node.Ports.GetValueOrDefault(FailedToConnect));

    protected override void OnTimedOut(ActivityContext context) => Go(context, context.Node.Ports.GetValueOrDefault(Timeout));

    private static ImmutableDictionary<int, ActivityNode?> Cases(ActivityContext context) => (ImmutableDictionary<int, ActivityNode?>)context.Node.Plan!;

    private static void Go(ActivityContext context, ActivityNode? next)
    {
        if (next is null)
        {
            context.Complete();
        }
        else
        {
            context.Schedule(next);
        }
    }
}

/// <summary>Sends an HTTP request and follows the port of the status code that comes back.</summary>
internal sealed class FlowSendHttpRequest : HttpRequestActivity
{
    private const string Unmatched = "Unmatched status code";
    private const string FailedToConnect = "Failed to connect";
    private const string Timeout = "Timeout";

    private static readonly JsonElement OnlyOk = JsonElement.Parse("[200]");

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.FlowSendHttpRequest",
        Category = "HTTP",
        DisplayName = "HTTP Request (flow)",
        Description = "Sends an HTTP request and follows the port of the status code that comes back.",
        Kind = ActivityKind.Task,
        Inputs =
        [
            new(ExpectedStatusCodes, "List<Int32>", "Status codes that have a port of their own.")
            {
                DisplayName = "Expected Status Codes", UiHint = "multitext", Default = OnlyOk,
            },
            .. CommonInputs,
        ],
        Outputs = CommonOutputs,
    };

    /// <summary>Known when the status codes are written down and not computed.</summary>
    internal override FlowOutcomes? OutcomesOf(ActivityNode node)
    {
        var codes = node.Inputs.GetValueOrDefault(ExpectedStatusCodes) switch
        {
            null => OnlyOk,
            LiteralExpression literal => literal.Value,
            ObjectExpression { FixedValue: { } json } => json,
            _ => JsonValues.Null,
        };
        return !codes.IsNull() && ValueConversion.TryConvert(codes, "List<Int32>", isArray: false, out var list)
            ? new([.. list.EnumerateArray().Select(code => code.GetRawText()), Unmatched, FailedToConnect, Timeout, Outcome.Done], AreExclusive: false)
            : null;
    }

    protected override bool HandlesFailure(ActivityContext context) => context.HasConnectionFrom(FailedToConnect);

    protected override bool Expects(ActivityContext context, int statusCode) => Codes(context).Contains(statusCode);

    /// <summary>As in Elsa, Done is followed beside the port of the status code, but not after a failure.</summary>
    protected override void OnAnswered(ActivityContext context, int statusCode)
    {
        var codes = Codes(context);
        context.Complete(codes.IsEmpty
            ? [Outcome.Done]
            : [codes.Contains(statusCode) ? statusCode.ToString(CultureInfo.InvariantCulture) : Unmatched, Outcome.Done]);
    }

    protected override void OnFailed(ActivityContext context) => context.Complete(FailedToConnect);

    protected override void OnTimedOut(ActivityContext context) => context.Complete(Timeout);

    private static ImmutableArray<int> Codes(ActivityContext context) =>
        context.Input(ExpectedStatusCodes) is { ValueKind: JsonValueKind.Array } codes ? [.. codes.EnumerateArray().Select(static code => code.GetInt32())] : [];
}
