using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Worlds;

/// <content>How effects of instances are carried out.</content>
public partial class EngineWorld
{
    /// <summary>HTTP requests that were sent, in order.</summary>
    public List<HttpCall> HttpCalls { get; } = [];

    /// <summary>What becomes of an HTTP request. Default: nothing is allowed.</summary>
    public Func<HttpCall, HttpAnswer> AnswerHttp { get; set; } = static call => new HttpAnswer { Outcome = HttpOutcome.Refused, Message = $"{call.Url} is not allowed." };

    /// <summary>Why a child may not be started; null when it may. Default: every workflow that is published may.</summary>
    public Func<InstanceEffect.StartChild, Refusal?> RefuseStart { get; set; } = static _ => null;

    private void CarryOut(WorldInstance instance, InstanceEffect effect)
    {
        switch (effect)
        {
            case InstanceEffect.ContinueSelf:
                Decide(instance, new InstanceInput.Continue());
                break;
            case InstanceEffect.Publish publish:
                Broadcast(publish.Name, publish.Payload, publish.CorrelationId, publish.InstanceId);
                break;
            case InstanceEffect.StartChild start:
                StartChild(instance, start);
                break;
            case InstanceEffect.TellParent tell:
                var parent = Instances.Single(each => each.Id == tell.Parent.InstanceId);
                Decide(parent, tell.HasEnded
                    ? new InstanceInput.ChildEnded(instance.Id, tell.Parent.Bookmark, tell.Result)
                    : new InstanceInput.ChildRested(instance.Id, tell.Parent.Bookmark!.Value, tell.Result, tell.Parent.WaitsForEnd));
                break;
            case InstanceEffect.CancelChild cancel:
                if (Instances.FirstOrDefault(each => each.Id == cancel.ChildId) is { } child)
                {
                    Decide(child, new InstanceInput.Cancel("parent cancelled", Actor.System));
                }

                break;
            case InstanceEffect.Ask ask:
                Ask(instance, ask);
                break;
            case InstanceEffect.CallHttp call:
                HttpCalls.Add(call.Call);
                Reply(instance.Id, call.Bookmark, AnswerHttp(call.Call).ToJson());
                break;
            default:
                throw new NotSupportedException($"The world carries out no {effect.GetType().Name}.");
        }
    }

    private void StartChild(WorldInstance parent, InstanceEffect.StartChild start)
    {
        var started = JsonValues.Object((InstanceInput.Reply.StartedInstance, JsonValues.Of(start.ChildId)));
        var refusal = _definitions.Contains(start.DefinitionId)
            ? RefuseStart(start)
            : new Refusal(RefusalKind.NotFound, "definition-unknown", $"No published version of workflow '{start.DefinitionId}'.");
        if (refusal is not null)
        {
            Reply(parent.Id, start.Bookmark, started, refusal);
            return;
        }

        Begin(
            start.ChildId,
            start.DefinitionId,
            start.Input,
            start.CorrelationId,
            ParentLink.Of(parent.Id, start.Bookmark, start.WaitsFor));
        if (start.WaitsFor is ChildMoment.Beginning)
        {
            Reply(parent.Id, start.Bookmark, started);
        }
    }
}
