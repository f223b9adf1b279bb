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
internal sealed class FlowSendHttpRequest : FlowHttpRequest
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.FlowSendHttpRequest",
        Category = "HTTP",
        DisplayName = "HTTP Request (flow)",
        Description = "Sends an HTTP request and follows the port of the status code that comes back.",
        Kind = ActivityKind.Task,
        Inputs = [StatusCodes, .. CommonInputs],
        Outputs = CommonOutputs,
    };
}
