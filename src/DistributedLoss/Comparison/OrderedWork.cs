using System.Runtime.ExceptionServices;

namespace DistributedLoss.Comparison;

/// <summary>Does units of work on several threads. Where some fail, the first of them by number decides, however many threads there are.</summary>
internal static class OrderedWork
{
    /// <param name="begin">What one thread works with; disposed at its end.</param>
    /// <exception cref="OperationCanceledException">Between two units.</exception>
    public static void Run<TWorker>(int units, int workers, Func<TWorker> begin, Action<TWorker, int> work, CancellationToken cancel)
        where TWorker : IDisposable
    {
        int next = -1, failed = int.MaxValue;
        Exception? failure = null;
        object gate = new();
        var threads = new Task[Math.Clamp(workers, 1, Math.Max(units, 1))];
        for (int t = 0; t < threads.Length; t++)
        {
            threads[t] = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        }

        Task.WaitAll(threads, CancellationToken.None);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        cancel.ThrowIfCancellationRequested();

        void Work()
        {
            int unit = -1;
            try
            {
                using var worker = begin();
                while ((unit = Interlocked.Increment(ref next)) < units && unit < Volatile.Read(ref failed) && !cancel.IsCancellationRequested)
                {
                    work(worker, unit);
                }
            }
            catch (Exception e)
            {
                lock (gate)
                {
                    if (unit < failed)
                    {
                        (failed, failure) = (unit, e);
                    }
                }
            }
        }
    }
}
