using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Cost;

/// <summary>Managed bytes that a warm worker allocates for a plan's shards, one after the other with totals that are handed back, as the engines do.</summary>
internal sealed class SteadyAllocations : IShardObserver, IDisposable
{
    private const int Passes = 6;
    private const int MostPasses = 200;

    private readonly RunPlan _plan;
    private readonly ShardRunner _worker;
    private readonly Totals _totals;
    private long _least = long.MaxValue;
    private int _quietPasses;

    private SteadyAllocations(RunPlan plan)
    {
        _plan = plan;
        _worker = new ShardRunner(plan);
        _totals = plan.NewTotals();
        Pass();
    }

    /// <summary>
    /// Of each plan. The least of several passes without a collection: one in mid-pass, which any thread may start, books the rest of this thread's allocation
    /// buffer to it. The plans take turns, so that what the compiler improves meanwhile comes to all of them.
    /// </summary>
    public static long[] Of(params RunPlan[] plans)
    {
        SteadyAllocations[] workers = [.. plans.Select(plan => new SteadyAllocations(plan))];
        for (int pass = 0; workers.Any(worker => worker._quietPasses < Passes); pass++)
        {
            Assert.True(pass < MostPasses, $"of {pass} passes {string.Join(", ", workers.Select(worker => worker._quietPasses))} had no collection");
            foreach (var worker in workers)
            {
                worker.MeasuredPass();
            }
        }

        foreach (var worker in workers)
        {
            worker.Dispose();
        }

        return [.. workers.Select(worker => worker._least)];
    }

    public bool MayContinue(long rowsDone) => true;

    public void Dispose() => _worker.Dispose();

    private void MeasuredPass()
    {
        int collections = GC.CollectionCount(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Pass();
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        if (GC.CollectionCount(0) == collections)
        {
            _quietPasses++;
            _least = Math.Min(_least, bytes);
        }
    }

    private void Pass()
    {
        foreach (var shard in _plan.Shards)
        {
            _totals.Clear();
            if (_worker.Run(shard, _totals, this) is var outcome and not ShardOutcome.Finished)
            {
                Assert.Fail($"{outcome}");
            }
        }
    }
}
