using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>
/// Each partial result counts once. The classic mistake seeds the merged result with the first part and then merges all parts: one part then counts
/// twice and keeps its mean, two parts shift it, and many hide the shift.
/// </summary>
public sealed class MergeTests : IDisposable
{
    private const int Classes = 8;

    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, "into nothing")]
    [InlineData(1, "into the first")]
    [InlineData(2, "into nothing")]
    [InlineData(2, "into the first")]
    [InlineData(2, "in pairs")]
    [InlineData(64, "into nothing")]
    [InlineData(64, "into the first")]
    [InlineData(64, "in pairs")]
    public void Every_shard_counts_once(int shards, string how)
    {
        // Row r has 1, 2, 4 or 8 equal logits and masks for the rest: losses 0, ln 2, 2 ln 2 and 3 ln 2. The first shard's rows are the hard ones.
        int[] powers = [.. Enumerable.Range(0, 256).Select(r => r < 256 / shards ? 3 : r % 3)];
        Write(powers, rowsPerGroup: 256 / shards);
        var plan = RunPlan.Create([_folder.Path], new EvaluationOptions { ClassWeights = [.. Enumerable.Repeat(0.5, Classes)] }, new PlanOptions { ShardBytes = 1 });
        Assert.Equal(shards, plan.Shards.Count);

        var totals = Merge(plan, [.. plan.Shards.Select(shard => Part(plan, shard))], how);
        double sum = powers.Sum() * Math.Log(2);
        Assert.Equal((256, 256), (totals.Rows.Total, totals.Rows.Evaluated));
        Assert.Equal(sum, totals.Losses.Sum, 1e-12 * sum);
        Assert.Equal(sum / 2, totals.Weighted!.Numerator, 1e-12 * sum);
        Assert.Equal(128, totals.Weighted.Denominator);
        Assert.Equal(sum / 256, totals.MeanLoss!.Value, 1e-12);
        Assert.Equal(256, totals.Classes.Count(0));
        Assert.Equal(sum, totals.Classes.LossSum(0).ToDouble(), 1e-12 * sum);
        Assert.Equal(1, totals.Ranks.Accuracy(1));
        Assert.Equal(totals.Hardest.ToSorted().Length, totals.Hardest.ToSorted().Select(row => row.Row).Distinct().Count());
    }

    private static Totals Merge(RunPlan plan, List<Totals> parts, string how)
    {
        if (how == "into nothing")
        {
            parts.Insert(0, plan.NewTotals());
        }

        while (parts.Count > 1)
        {
            for (int into = 0; into + 1 < parts.Count; into += how == "in pairs" ? 1 : parts.Count)
            {
                parts[into].Add(parts[into + 1]);
                parts.RemoveAt(into + 1);
            }
        }

        return parts[0];
    }

    private static Totals Part(RunPlan plan, Shard shard)
    {
        using var evaluator = new ShardEvaluator(plan);
        return evaluator.Evaluate(shard, plan.NewTotals(), new Patient())!.Totals;
    }

    private void Write(int[] powers, int rowsPerGroup)
    {
        var schema = new DumpSchema(Classes) { IdName = null };
        using var writer = new DumpWriter(_folder["dump.parquet"], schema, new WriterOptions { RowGroupRows = rowsPerGroup });
        foreach (int power in powers)
        {
            writer.AppendRow([.. Enumerable.Range(0, Classes).Select(c => c < 1 << power ? 7.5 : double.NegativeInfinity)], 0);
        }

        writer.Close();
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
