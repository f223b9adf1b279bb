using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>What happened to an instance, by activity: made from its recorded turns, one after the other.</summary>
/// <param name="Version">The last turn that is in it.</param>
/// <param name="At">When that turn was.</param>
/// <param name="Runs">Runs of activities by their number, in the order in which they began.</param>
/// <param name="Lines">What is told of them, in order.</param>
internal sealed record InstanceHistory(long Version, DateTimeOffset At, ImmutableSortedDictionary<long, ActivityRun> Runs, ImmutableList<JournalLine> Lines)
{
    public static readonly InstanceHistory Empty = new(0, default, ImmutableSortedDictionary<long, ActivityRun>.Empty, []);

    /// <summary>The history with one turn more.</summary>
    public InstanceHistory With(RecordedTurn turn, WorkflowDefinition definition)
    {
        var history = new Telling(this with { Version = turn.Version, At = turn.At }, turn.At, definition);
        foreach (var fact in JsonSerializer.Deserialize(turn.Facts, EngineJson.Plain.InstanceFactArray) ?? [])
        {
            history.Tell(fact);
        }

        return history.Done();
    }

    /// <summary>Takes the facts of one turn.</summary>
    private sealed class Telling(InstanceHistory before, DateTimeOffset at, WorkflowDefinition definition)
    {
        private readonly ImmutableSortedDictionary<long, ActivityRun>.Builder _runs = before.Runs.ToBuilder();
        private readonly ImmutableList<JournalLine>.Builder _lines = before.Lines.ToBuilder();

        public InstanceHistory Done() => before with { Runs = _runs.ToImmutable(), Lines = _lines.ToImmutable() };

        public void Tell(InstanceFact fact)
        {
            switch (fact)
            {
                case InstanceFact.ActivityStarted started:
                    _runs[started.Execution] = new ActivityRun(started.Execution, definition.Nodes[started.Node], started.Parent, at) { Inputs = started.Inputs };
                    Line(started.Execution, "Started");
                    break;
                case InstanceFact.ActivityCompleted completed:
                    Change(completed.Execution, run => run with { Status = "Completed", EndedAt = at, Outcomes = completed.Outcomes, Outputs = completed.Outputs, Waits = 0 });
                    Line(completed.Execution, "Completed");
                    break;
                case InstanceFact.ActivityCancelled cancelled:
                    Change(cancelled.Execution, run => run with { Status = "Canceled", EndedAt = at, Waits = 0 });
                    Line(cancelled.Execution, "Canceled");
                    break;
                case InstanceFact.ActivityFaulted { Incident: var incident }:
                    Change(incident.Execution, run => run with { Status = "Faulted", Incident = incident });
                    Line(incident.Execution, "Faulted", incident.Message);
                    break;
                case InstanceFact.IncidentRetried retried:
                    foreach (var run in _runs.Values.Where(run => run.Incident?.Id == retried.Incident).ToArray())
                    {
                        Change(run.Execution, each => each with { Status = "Running", Incident = null });
                        Line(run.Execution, "Retried", $"by {retried.By}");
                    }

                    break;
                case InstanceFact.BookmarkCreated { Bookmark: var bookmark }:
                    Change(bookmark.Execution, run => run with { Waits = run.Waits + 1 });
                    Line(bookmark.Execution, "Suspended");
                    break;
                case InstanceFact.BookmarkBurned burned:
                    Change(burned.Execution, run => run with { Waits = Math.Max(0, run.Waits - 1) });
                    Line(burned.Execution, "Resumed", burned.By is null ? null : $"by {burned.By}");
                    break;
                case InstanceFact.LineWritten line:
                    Line(line.Execution, "Line", line.Text);
                    break;
                case InstanceFact.InstanceFinished finished:
                    End(finished);
                    break;
            }
        }

        /// <summary>What was still open when the instance ended, ended with it.</summary>
        private void End(InstanceFact.InstanceFinished finished)
        {
            foreach (var run in _runs.Values.Where(run => run.EndedAt is null && run.Status is not "Faulted").ToArray())
            {
                var status = finished.SubStatus is InstanceSubStatus.Finished ? "Completed" : finished.SubStatus is InstanceSubStatus.Cancelled ? "Canceled" : run.Status;
                Change(run.Execution, each => each with { Status = status, EndedAt = status == each.Status ? null : at, Waits = 0 });
            }
        }

        private void Change(long execution, Func<ActivityRun, ActivityRun> change)
        {
            if (_runs.TryGetValue(execution, out var run))
            {
                _runs[execution] = change(run);
            }
        }

        private void Line(long execution, string name, string? message = null)
        {
            if (_runs.TryGetValue(execution, out var run))
            {
                _lines.Add(new JournalLine(_lines.Count + 1, run, name, at, message));
            }
        }
    }
}

/// <summary>One run of one activity.</summary>
/// <param name="Execution">Its number within the instance.</param>
/// <param name="Node">The activity.</param>
/// <param name="Parent">The run that contains it; null for the root.</param>
/// <param name="StartedAt">When it began.</param>
internal sealed record ActivityRun(long Execution, ActivityNode Node, long? Parent, DateTimeOffset StartedAt)
{
    /// <summary>In Elsa's words.</summary>
    public string Status { get; init; } = "Running";

    public DateTimeOffset? EndedAt { get; init; }

    public OrderedDictionary<string, JsonElement>? Inputs { get; init; }

    public OrderedDictionary<string, JsonElement>? Outputs { get; init; }

    public ImmutableArray<string> Outcomes { get; init; } = [];

    public Incident? Incident { get; init; }

    /// <summary>Things that it waits for (count).</summary>
    public int Waits { get; init; }
}

/// <summary>A line of the journal.</summary>
/// <param name="Sequence">Its place, from 1.</param>
/// <param name="Run">The run that it tells of, as it was then.</param>
/// <param name="Name">What happened, in Elsa's words.</param>
/// <param name="At">When.</param>
/// <param name="Message">More about it.</param>
internal sealed record JournalLine(int Sequence, ActivityRun Run, string Name, DateTimeOffset At, string? Message);
