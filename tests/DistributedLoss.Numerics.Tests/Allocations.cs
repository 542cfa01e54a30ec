namespace DistributedLoss.Numerics.Tests;

internal static class Allocations
{
    /// <summary>
    /// Bytes that one run of a warm action allocates. The least of several without a collection: one in mid-run, which another test's thread may start,
    /// books the rest of this thread's allocation buffer to it.
    /// </summary>
    public static long Of(Action action)
    {
        action();
        var least = long.MaxValue;
        var quietRuns = 0;
        for (var run = 0; quietRuns < 5; run++)
        {
            Assert.True(run < 1_000, $"of {run} runs {quietRuns} had no collection");
            var collections = GC.CollectionCount(0);
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (GC.CollectionCount(0) != collections)
                continue;
            quietRuns++;
            least = Math.Min(least, bytes);
        }

        return least;
    }
}
