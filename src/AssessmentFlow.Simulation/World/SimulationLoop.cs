namespace AssessmentFlow.Simulation;

/// <summary>
/// Runs asynchronous code on the calling thread, one continuation after the other in the order in which they became
/// ready. What it runs waits for nothing but steps of the world, so that the same steps lead to the same run.
/// </summary>
internal sealed class SimulationLoop : TaskScheduler
{
    private readonly Queue<Task> _ready = new();

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>The first exception that nobody caught; null when there was none.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Begins work; it goes on whenever <see cref="RunReady"/> is called.</summary>
    public void Start(Func<Task> work) => _ = Task.Factory.StartNew(
        () => ObserveAsync(work), CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);

    /// <summary>Runs until all work waits for a step.</summary>
    public void RunReady()
    {
        // The context of a test would take the continuations away.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            while (_ready.TryDequeue(out var task))
            {
                TryExecuteTask(task);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    protected override void QueueTask(Task task) => _ready.Enqueue(task);

    /// <summary>Never at once: the order would depend on how deep the calls are.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _ready;

    private async Task ObserveAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e)
        {
            Failure ??= e;
        }
    }
}
