using System.Text.Json;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Execution;

/// <content>How events and reports are taken into a turn, now or once a fault is repaired.</content>
public static partial class WorkflowEngine
{
    /// <summary>Whether a report is one that a faulted instance would wait for if it went on.</summary>
    private static bool IsAwaited(InstanceState state, InstanceInput input) => input switch
    {
        InstanceInput.ChildEnded child => state.Children.Contains(child.ChildId, StringComparer.Ordinal),
        InstanceInput.ChildRested child => state.Bookmarks.ContainsKey(child.Bookmark),
        InstanceInput.Reply reply => state.Bookmarks.ContainsKey(reply.Bookmark) || RefusedChild(state, reply) is not null,
        _ => false,
    };

    /// <summary>The child whose start a reply refuses; null when it is about something else.</summary>
    private static string? RefusedChild(InstanceState state, InstanceInput.Reply reply) =>
        reply.Refusal is not null && reply.Payload.Member(InstanceInput.Reply.StartedInstance).AsText() is { } child && state.Children.Contains(child, StringComparer.Ordinal)
            ? child
            : null;

    /// <summary>Takes an input into a turn; if what came before ended the instance by a fault, it is kept for whoever repairs that.</summary>
    private static void TakeOrDefer(TurnInterpreter turn, InstanceInput input)
    {
        if (turn.HasFaulted)
        {
            turn.Record(new InstanceFact.InputDeferred(input));
        }
        else
        {
            Take(turn, input);
        }
    }

    /// <summary>Takes an input into a turn.</summary>
    private static void Take(TurnInterpreter turn, InstanceInput input)
    {
        switch (input)
        {
            case InstanceInput.Signal signal:
                // What came before may have cancelled the wait.
                if (turn.State.Bookmarks.TryGetValue(signal.Bookmark!.Value, out var awaiting))
                {
                    turn.Wake(awaiting, (activity, context) => activity.OnEvent(context, awaiting, signal.Payload));
                }

                break;
            case InstanceInput.ChildEnded child when turn.State.Children.Contains(child.ChildId, StringComparer.Ordinal): // Else it has reported before.
                turn.Record(new InstanceFact.ChildReported(child.ChildId));
                if (child.Bookmark is { } waiting)
                {
                    Answer(turn, waiting, child.Result, refusal: null);
                }

                break;
            case InstanceInput.ChildRested { IsEndAwaited: true } child:
                turn.WaitOn(child.Bookmark);
                break;
            case InstanceInput.ChildRested child:
                Answer(turn, child.Bookmark, child.Result, refusal: null);
                break;
            case InstanceInput.Reply reply:
                if (RefusedChild(turn.State, reply) is { } refused)
                {
                    turn.Record(new InstanceFact.ChildReported(refused)); // It never lived: nothing is left to report or to cancel.
                }

                Answer(turn, reply.Bookmark, reply.Payload, reply.Refusal);
                break;
        }
    }

    private static void Answer(TurnInterpreter turn, long id, JsonElement payload, Refusal? refusal)
    {
        if (!turn.State.Bookmarks.TryGetValue(id, out var bookmark))
        {
            return; // What waited has ended.
        }

        turn.Wake(bookmark, (activity, context) =>
        {
            if (refusal is not null)
            {
                activity.OnRefused(context, bookmark, refusal, payload);
            }
            else
            {
                activity.OnReply(context, bookmark, payload);
            }
        });
    }
}
