using System.Diagnostics;
using AssessmentFlow.Runtime.Telemetry;

namespace AssessmentFlow.Server.Hosting;

/// <summary>
/// Carries a trace (its id, the caller's span, whether it is recorded) with the calls between grains, over silos. Orleans has
/// filters for it, too; they tell the texts of exceptions, and a request that the sampler leaves out begins with them anew at
/// every grain, as a trace of its own.
/// </summary>
internal sealed class TracedGrainCalls : IOutgoingGrainCallFilter, IIncomingGrainCallFilter
{
    /// <summary>Name of the activity source.</summary>
    public const string SourceName = "AssessmentFlow.Calls";

    /// <summary>Where the caller's trace lies in what goes with a call, in the form of W3C Trace Context.</summary>
    private const string CallerKey = "traceparent";

    private static readonly ActivitySource Source = new(SourceName);

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (Activity.Current is not { } caller)
        {
            RequestContext.Remove(CallerKey);
            return context.Invoke();
        }

        // Also when it is left out: a grain that was told nothing would begin a trace of its own.
        var call = Source.StartActivity(context.MethodName, ActivityKind.Client);
        RequestContext.Set(CallerKey, (call ?? caller).Id!);
        return call is null ? context.Invoke() : FollowAsync(context, call);
    }

    public Task Invoke(IIncomingGrainCallContext context) =>
        ActivityContext.TryParse(RequestContext.Get(CallerKey) as string, traceState: null, isRemote: true, out var caller)
        && Source.StartActivity(context.MethodName, ActivityKind.Server, caller) is { } call
            ? FollowAsync(context, call)
            : context.Invoke();

    private static async Task FollowAsync(IGrainCallContext context, Activity call)
    {
        using (call)
        {
            if (call.IsAllDataRequested)
            {
                call.DisplayName = $"{context.InterfaceName}/{context.MethodName}";
                call.SetTag("rpc.system", "orleans");
                call.SetTag("rpc.method", call.DisplayName);
            }

            try
            {
                await context.Invoke();
            }
            catch (Exception e)
            {
                RuntimeActivity.Fail(call, e);
                throw;
            }
        }
    }
}
