using AssessmentFlow.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>What the watchdog of Orleans says while the process starts is no news; what it says later, and what fails, is.</summary>
public sealed class WatchdogLogTests
{
    [Fact]
    public void Warnings_of_the_watchdog_are_told_once_the_process_has_started_and_errors_always()
    {
        var watchdog = new WatchdogLog();
        using var told = new Told();
        using var factory = LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(LogLevel.Information).AddProvider(told);
            watchdog.AddTo(logging);
        });
        var logger = factory.CreateLogger(WatchdogLog.Category);

        logger.LogWarning("early");
        logger.LogError("failed");
        watchdog.OnStarted();
        logger.LogWarning("late");
        factory.CreateLogger("Another").LogInformation("another");

        Assert.Equal(["failed", "late", "another"], told.Messages);
    }

    [Fact]
    public void The_category_is_that_of_the_watchdog_of_this_version_of_Orleans() =>
        Assert.NotNull(typeof(Orleans.Runtime.SiloStatus).Assembly.GetType(WatchdogLog.Category) ?? typeof(Orleans.Hosting.ISiloBuilder).Assembly.GetType(WatchdogLog.Category));

    private sealed class Told : ILoggerProvider, ILogger
    {
        public List<string> Messages { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
