using System.Text;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
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
        Write(random, targets);
        var options = new EvaluationOptions
        {
            Loss = new LossFunction { Input = targets == "binary" ? LossInput.BinaryLogits : LossInput.Logits },
            Statistics = StatisticKinds.All,
            SliceBy = [["colour"], ["colour", "size"]],
            GroupByColumn = "document",
            BytesColumn = "size",
            SampleWeightColumn = seed % 2 == 0 ? null : "weight",
            ClassWeights = seed % 3 == 0 ? [0.3, 1e10, 7] : null,
            Hardest = 7,
            OnInvalid = InvalidRowPolicy.Skip,
        };
        var plan = RunPlan.Create([_folder.Path], options, new PlanOptions { ShardBytes = 1 }) with { TileRows = 3 };
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

    // Losses of all sizes, ties, masks, ignored and invalid rows, and slices of which some are in one shard alone.
    private void Write(Random random, string targets)
    {
        const int rows = 90;
        double[]?[] logits = new double[]?[rows];
        long?[] labels = new long?[rows];
        string?[] colours = new string?[rows];
        long[] sizes = new long[rows], documents = new long[rows];
        double?[] weights = new double?[rows];
        for (int r = 0; r < rows; r++)
        {
            double scale = Math.Pow(10, random.Next(-3, 4));
            logits[r] = random.Next(20) == 0 ? null : [.. Enumerable.Range(0, 3).Select(c => random.Next(9) == 0 ? double.NegativeInfinity : (random.NextDouble() - 0.5) * scale)];
            labels[r] = random.Next(15) == 0 ? -100 : random.Next(25) == 0 ? null : random.Next(3);
            colours[r] = random.Next(4) switch { 0 => "red", 1 => "blue", 2 => null, _ => r > 80 ? "rare" : "" };
            sizes[r] = random.Next(1, 4);
            documents[r] = random.Next(12);
            weights[r] = random.Next(30) == 0 ? null : random.Next(5) == 0 ? 0 : random.NextDouble() * scale;
        }

        Array values = logits, labelled = labels;
        if (targets == "soft")
        {
            labelled = Array.ConvertAll(labels, y => y is null ? null : (double[])(y < 0 ? [0.5, 0.25, 0.5] : [0.5, y == 1 ? 0.5 : 0, y == 1 ? 0 : 0.5]));
        }
        else if (targets == "binary")
        {
            // Infinite logits are invalid, and so is a target above 1.
            labelled = Array.ConvertAll(labels, y => y is null ? null : (double[])(y < 0 ? [2, 0, 0] : [y.Value / 2.0, 1, 0]));
        }
        else if (targets == "sequence")
        {
            values = logits.Select((z, r) => Enumerable.Repeat(z, r % 4).ToArray()).ToArray();
            labelled = labels.Select((y, r) => Enumerable.Repeat(y, r % 4).ToArray()).ToArray();
        }

        new NestedTable(("logits", values), ("label", labelled), ("colour", colours), ("size", sizes), ("document", documents), ("weight", weights)) { GroupRows = 4 }
            .Write(_folder["dump.parquet"]);
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
