namespace DistributedLoss.Numerics.Tests;

internal static class Allocations
{
    /// <summary>
    /// Bytes that one run of a warm action allocates. The least of several: a collection that another test's thread starts in mid-run books the rest of
    /// this thread's allocation buffer to it.
    /// </summary>
    public static long Of(Action action)
    {
        action();
        var least = long.MaxValue;
        for (var run = 0; run < 5; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
