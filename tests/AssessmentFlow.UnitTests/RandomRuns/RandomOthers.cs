using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Simulation;

namespace AssessmentFlow.UnitTests.RandomRuns;

/// <summary>
/// The other end of what a random run asks: receivers of HTTP requests and child instances. They answer in any order and
/// with anything that may happen: a start may be refused, a child rests, ends in any way, or is cancelled.
/// </summary>
internal sealed class RandomOthers(Dice dice)
{
    private static readonly InstanceSubStatus[] Ends = [InstanceSubStatus.Finished, InstanceSubStatus.Faulted, InstanceSubStatus.Cancelled];

    private readonly List<(string? Child, InstanceInput Input)> _answers = [];

    /// <summary>Whether somebody still has to answer.</summary>
    public bool HasAnswers => _answers.Count > 0;

    /// <summary>Whether a bookmark waits for one of these.</summary>
    public static bool Answers(Bookmark bookmark) =>
        bookmark.DueAt is null && bookmark.Kind is "Elsa.SendHttpRequest" or "Elsa.ExecuteWorkflow" or "Elsa.DispatchWorkflow" or "Elsa.BulkDispatchWorkflows";

    /// <summary>Hears what a turn asks.</summary>
    public void Take(InstanceEffect effect)
    {
        switch (effect)
        {
            case InstanceEffect.CallHttp call:
                _answers.Add((null, new InstanceInput.Reply(call.Bookmark, AnswerOf().ToJson())));
                break;
            case InstanceEffect.StartChild start:
                Start(start);
                break;
            case InstanceEffect.CancelChild cancel:
                _answers.RemoveAll(answer => answer.Child == cancel.ChildId);
                break;
            default:
                throw new NotSupportedException($"The drawings have no {effect.GetType().Name}.");
        }
    }

    /// <summary>Answers one of the things that were asked, whichever.</summary>
    public InstanceInput Answer()
    {
        var position = dice.Below(_answers.Count);
        var (_, input) = _answers[position];
        _answers.RemoveAt(position);
        return input;
    }

    private void Start(InstanceEffect.StartChild start)
    {
        var started = JsonValues.Object((InstanceInput.Reply.StartedInstance, JsonValues.Of(start.ChildId)));
        if (dice.Percent(15))
        {
            _answers.Add((start.ChildId, new InstanceInput.Reply(start.Bookmark, started, new Refusal(RefusalKind.Conflict, "taken", "Somebody has it."))));
            return;
        }

        if (start.WaitsFor is ChildMoment.Beginning)
        {
            _answers.Add((start.ChildId, new InstanceInput.Reply(start.Bookmark, started)));
        }
        else
        {
            var rests = start.WaitsFor is ChildMoment.Rest or ChildMoment.RestAndEnd && dice.Percent(50);
            if (rests)
            {
                _answers.Add((start.ChildId, new InstanceInput.ChildRested(start.ChildId, start.Bookmark, Result(start.ChildId, InstanceSubStatus.Suspended), start.WaitsFor is ChildMoment.RestAndEnd)));
            }

            if (rests && start.WaitsFor is ChildMoment.Rest)
            {
                return;
            }

            _answers.Add((start.ChildId, new InstanceInput.ChildEnded(start.ChildId, start.Bookmark, Result(start.ChildId, dice.One(Ends)))));
        }
    }

    private HttpAnswer AnswerOf() => dice.Percent(70)
        ? new HttpAnswer { Outcome = HttpOutcome.Answered, StatusCode = dice.Percent(70) ? 200 : 503, Body = "answer" }
        : new HttpAnswer { Outcome = dice.One([HttpOutcome.FailedToConnect, HttpOutcome.TimedOut, HttpOutcome.Refused, HttpOutcome.TooLarge]) };

    private static JsonElement Result(string child, InstanceSubStatus subStatus) => JsonValues.Object(
        (InstanceInput.Reply.StartedInstance, JsonValues.Of(child)),
        ("Status", JsonValues.Of(subStatus is InstanceSubStatus.Suspended ? "Running" : "Finished")),
        ("SubStatus", JsonValues.Of(subStatus.ToString())),
        ("Output", JsonValues.EmptyObject));
}
