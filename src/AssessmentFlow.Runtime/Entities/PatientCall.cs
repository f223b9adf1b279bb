namespace AssessmentFlow.Runtime.Entities;

/// <summary>
/// A call that outlasts a move. While a process stops, or has just been found dead, what lived there is asked for again
/// until it lives elsewhere. Only for calls that may be made twice, as all of ours may: inputs and requests have identities.
/// </summary>
public static class PatientCall
{
    /// <summary>Times that a call is made again (count). The waits between double, so that it is given up after some three seconds.</summary>
    public const int RepeatsMax = 6;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);

    /// <summary>Makes a call, again and again while Orleans says, or lets one see, that what is called is moving.</summary>
    /// <param name="time">The clock of the waits.</param>
    /// <param name="call">Makes the call, each time anew.</param>
    /// <param name="cancellationToken">To stop waiting.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="OrleansException">It was still moving when it was asked for the last time.</exception>
    /// <exception cref="OperationCanceledException">The caller stopped waiting.</exception>
    public static async Task<T> AnswerAsync<T>(TimeProvider time, Func<Task<T>> call, CancellationToken cancellationToken = default)
    {
        for (var repeat = 0; ; repeat++)
        {
            try
            {
                return await call();
            }
            catch (OrleansException) when (repeat < RepeatsMax)
            {
                // It lives elsewhere soon.
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                // Orleans cancels an activation whose place in the directory changes hands while it begins.
                if (repeat == RepeatsMax)
                {
                    throw new OrleansException("What was called was moving.", e);
                }
            }

            await Task.Delay(FirstWait * (1 << repeat), time, cancellationToken);
        }
    }
}
