using System.Text;
using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Partial totals merged in any order and any grouping are the same totals, with every statistic, slices and groups in them.</summary>
public sealed class MergeOrderTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("index", 1)]
    [InlineData("index", 2)]
    [InlineData("index", 3)]
    [InlineData("soft", 4)]
    [InlineData("soft", 5)]
    [InlineData("sequence", 6)]
    [InlineData("binary", 7)]
    [InlineData("binary", 8)]
    public void Random_orders_and_groupings_give_the_same_bytes(string targets, int seed)
    {
        var random = new Random(seed);
        var plan = VariedDump.Plan(_folder, targets, seed, random);
        Assert.True(plan.Shards.Count > 20, $"{plan.Shards.Count} shards are too few");
        var whole = DumpFolder.Evaluate(plan);
        string digest = whole.ExecutionDigest(), json = Json(plan, whole);
        for (int i = 0; i < 20; i++)
        {
            var totals = Merge(plan, random);
            Assert.Equal(digest, totals.ExecutionDigest());
            Assert.Equal(json, Json(plan, totals));
        }
    }

    private static string Json(RunPlan plan, Totals totals)
    {
        using var stream = new MemoryStream();
        ResultJson.Write(stream, ResultBuilder.Build(plan, totals, new ShardFigures(0, 0, 0, 0), DateTimeOffset.UnixEpoch, TimeSpan.Zero, "local", 1));
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    // Any two of the parts become one until one is left; some parts are empty totals, as a worker without a shard would have.
    private static Totals Merge(RunPlan plan, Random random)
    {
        using var evaluator = new ShardEvaluator(plan);
        List<Totals> parts = [plan.NewTotals(), plan.NewTotals(), .. plan.Shards.Select(shard => evaluator.Evaluate(shard, plan.NewTotals(), new Patient())!.Totals)];
        while (parts.Count > 1)
        {
            int from = random.Next(parts.Count);
            var part = parts[from];
            parts.RemoveAt(from);
            parts[random.Next(parts.Count)].Add(part);
        }

        return parts[0];
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
