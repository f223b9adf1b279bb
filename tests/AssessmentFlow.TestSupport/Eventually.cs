namespace AssessmentFlow.TestSupport;

/// <summary>Waits for what must come true by itself.</summary>
public static class Eventually
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Looks again and again until something holds.</summary>
    /// <param name="what">What is awaited, as the end of "waited for: …".</param>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="cancellationToken">To stop.</param>
    /// <exception cref="TimeoutException">It did not hold within a minute.</exception>
    public static async Task HoldsAsync(string what, Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (!await holds())
        {
            if (TimeProvider.System.GetUtcNow() > until)
            {
                throw new TimeoutException($"Waited for {Patience}: {what}.");
            }

            await Task.Delay(PollInterval, cancellationToken);
        }
    }
}
