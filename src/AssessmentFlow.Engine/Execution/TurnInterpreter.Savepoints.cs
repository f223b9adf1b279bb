namespace AssessmentFlow.Engine.Execution;

/// <content>
/// What a container begins over a child and cannot finish is undone: the incident says what has to be done again, and
/// whoever repairs it must not find half of it done.
/// </content>
internal sealed partial class TurnInterpreter
{
    private readonly HashSet<long> _undoable = [];

    private void Undoable(ActivityContext container, Action<ActivityContext> callback, FaultedCallback told)
    {
        if (!_undoable.Add(container.ExecutionId))
        {
            callback(container); // Part of something about the same container, which is undone as a whole.
            return;
        }

        var before = Mark();
        try
        {
            callback(container);
        }
        catch (Exception e) when (e is not InputRefusedException)
        {
            ReturnTo(before);
            Fault(container, _acting ?? NodeOf(told.Child), e, told);
        }
        finally
        {
            _undoable.Remove(container.ExecutionId);
        }
    }

    private Savepoint Mark()
    {
        SaveMemories();
        return new Savepoint(State.Clone(), _facts.Count, [.. _effects], [.. _queue], [.. _closing], CopyOfOutputs(), _faulted);
    }

    private void ReturnTo(Savepoint before)
    {
        State = before.State;
        _facts.RemoveRange(before.Facts, _facts.Count - before.Facts);
        _effects.Clear();
        _effects.AddRange(before.Effects); // Some may have been taken back meanwhile: the start of a child that was cancelled.
        _queue.Clear();
        foreach (var item in before.Queue)
        {
            _queue.Enqueue(item);
        }

        _closing.Clear();
        _closing.UnionWith(before.Closing);
        TakeOutputs(before.Outputs);
        _faulted = before.Faulted;
        _memories.Clear(); // What they held then is in the state.
        _children.Clear();
        foreach (var execution in State.Executions.Values)
        {
            AddChild(execution);
        }
    }

    private sealed record Savepoint(InstanceState State, int Facts, InstanceEffect[] Effects, WorkItem[] Queue, long[] Closing, RunOutputs Outputs, string? Faulted);
}
