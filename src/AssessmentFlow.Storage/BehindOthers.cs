using System.Runtime.CompilerServices;

namespace AssessmentFlow.Storage;

/// <summary>
/// Goes on behind all work that is queued in the thread pool now. Task.Yield would go on before it, since what a thread
/// queues itself it also takes first.
/// </summary>
internal static class BehindOthers
{
    public static Awaitable Yield => default;

    internal readonly struct Awaitable : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Awaitable GetAwaiter() => this;

        public void GetResult()
        {
            // Nothing can go wrong while others go first.
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation) =>
            ThreadPool.UnsafeQueueUserWorkItem(static state => state(), continuation, preferLocal: false);
    }
}
