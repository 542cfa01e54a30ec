using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Cost;

/// <summary>Managed bytes that a warm worker allocates for a plan's shards, one after the other with totals that are handed back, as the engines do.</summary>
internal sealed class SteadyAllocations : IShardObserver, IDisposable
{
    private const int Passes = 6;

    private readonly RunPlan _plan;
    private readonly ShardRunner _worker;
    private readonly Totals _totals;
    private long _least = long.MaxValue;

    private SteadyAllocations(RunPlan plan)
    {
        _plan = plan;
        _worker = new ShardRunner(plan);
        _totals = plan.NewTotals();
        Pass();
    }

    /// <summary>
    /// Of each plan. The least of several passes: a collection that another test's thread starts in mid-pass books the rest of this thread's allocation
    /// buffer to it. The plans take turns, so that what the compiler improves meanwhile comes to all of them.
    /// </summary>
    public static long[] Of(params RunPlan[] plans)
    {
        SteadyAllocations[] workers = [.. plans.Select(plan => new SteadyAllocations(plan))];
        for (int pass = 0; pass < Passes; pass++)
        {
            foreach (var worker in workers)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                worker.Pass();
                worker._least = Math.Min(worker._least, GC.GetAllocatedBytesForCurrentThread() - before);
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
