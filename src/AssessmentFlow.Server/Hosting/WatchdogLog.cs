namespace AssessmentFlow.Server.Hosting;

/// <summary>
/// Keeps the watchdog of Orleans from warning before the process has started. It begins to look at its own clocks a moment
/// before it sets the second one going; now and then it sees one that never ran and warns of a check that "has not
/// completed" for as long as the machine is up. A stall while nobody is served yet concerns nobody; errors are always told.
/// </summary>
internal sealed class WatchdogLog
{
    /// <summary>Category of the messages of the watchdog.</summary>
    public const string Category = "Orleans.Runtime.Watchdog";

    private volatile bool _hasStarted;

    public void AddTo(ILoggingBuilder logging) => logging.AddFilter(Category, IsTold);

    /// <summary>From now on everything is told.</summary>
    public void OnStarted() => _hasStarted = true;

    private bool IsTold(LogLevel level) => level >= LogLevel.Error || (level is LogLevel.Warning && _hasStarted);
}
