using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Tests.Coordination;

public sealed class CoordinatorScheduleTests
{
    private const int Seeds = 2500;
    private static readonly RunPlan Plan = CoordinatorDriver.Plan(9);
    private static readonly ShardResult[] Results = [.. Plan.Shards.Select(Evaluate)];

    [Fact]
    public void Whatever_is_lost_copied_late_or_dead_each_shard_counts_once_and_no_bit_changes()
    {
        string expected = FaultFreeDigest();
        ForEachSeed([], run =>
        {
            Assert.IsType<Output.Completed>(run.End);
            Assert.True(run.Ledger.IsComplete);
            Assert.Equal(expected, run.Ledger.Totals.ExecutionDigest());
        });
    }

    [Fact]
    public void The_bad_shard_that_is_reported_is_the_first_in_the_plan_for_every_schedule() =>
        ForEachSeed([6, 3, 4], run => Assert.Equal(new Output.Failed("shard 3 is bad", BadInput: true), run.End));

    private static void ForEachSeed(int[] badShards, Action<Schedule> check) => Parallel.For(0, Seeds, seed =>
    {
        var run = new Schedule(seed, Plan, Results, badShards);
        try
        {
            run.Run();
            check(run);
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e.Message}\n{run.Trace}");
        }
    });

    private static string FaultFreeDigest()
    {
        var totals = Plan.NewTotals();
        foreach (var result in Results)
        {
            totals.Add(result.Totals);
        }

        return totals.ExecutionDigest();
    }

    private static ShardResult Evaluate(Shard shard)
    {
        var totals = Plan.NewTotals();
        for (int row = 0; row < shard.Rows; row++)
        {
            // Losses of many magnitudes: their plain sum would depend on its order.
            double loss = Math.ScaleB(1 + row, (shard.Index * 13 % 9 * 5) - 30);
            totals.Rows.Evaluated++;
            totals.Losses.Add(loss);
            totals.Classes.Add(row % 3, shard.Index % 3, loss);
            totals.Ranks.Add(1 + (row % 3));
            totals.Hardest.Add(new HardestRow(loss, 0, shard.RowGroup, shard.FirstRow + row, row % 3, shard.Index % 3, 1));
        }

        return new ShardResult(shard.Index, totals.ExecutionDigest(), totals, TimeSpan.FromMilliseconds(200), shard.Bytes);
    }
}
