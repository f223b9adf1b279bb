using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>What the activities have in common that follow the port of the status code that comes back.</summary>
internal abstract class FlowHttpRequest : HttpRequestActivity
{
    private const string Unmatched = "Unmatched status code";
    private const string FailedToConnect = "Failed to connect";
    private const string Timeout = "Timeout";

    private static readonly JsonElement OnlyOk = JsonElement.Parse("[200]");

    protected static InputDescriptor StatusCodes { get; } = new(ExpectedStatusCodes, "List<Int32>", "Status codes that have a port of their own.")
    {
        DisplayName = "Expected Status Codes",
        UiHint = "multitext",
        Default = OnlyOk,
    };

    /// <summary>Known when the status codes are written down and not computed.</summary>
    internal override FlowOutcomes? OutcomesOf(ActivityNode node)
    {
        var codes = node.Inputs.TryGetValue(ExpectedStatusCodes, out var written) ? written.FixedValue ?? JsonValues.Null : OnlyOk;
        codes = codes.AsText() is "" ? OnlyOk : codes; // As at run time: an emptied field has the default.
        return !codes.IsNull() && ValueConversion.TryConvert(codes, "List<Int32>", isArray: false, out var list)
            ? new([.. Numbers(list).Select(code => code.GetRawText()), Unmatched, FailedToConnect, Timeout, Outcome.Done], AreExclusive: false)
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
        [.. Numbers(context.Input(ExpectedStatusCodes)).Select(static code => code.GetInt32())];

    /// <summary>The numbers of a list: Studio leaves emptied rows behind, and an emptied field is no list.</summary>
    private static IEnumerable<JsonElement> Numbers(JsonElement list) =>
        list.ValueKind is JsonValueKind.Array ? list.EnumerateArray().Where(static item => item.ValueKind is JsonValueKind.Number) : [];
}
