using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests;

/// <summary>
/// A small random dump with a bit of everything: losses of all sizes, ties, masks, ignored and invalid rows, weights, and slices of which some are in one
/// shard alone; and a plan that asks for every statistic.
/// </summary>
internal static class VariedDump
{
    /// <param name="targets">index, soft, sequence or binary.</param>
    /// <param name="seed">Of the options: even ones have no sample weights, and every third has class weights.</param>
    public static RunPlan Plan(DumpFolder folder, string targets, int seed, Random random)
    {
        Write(folder["dump.parquet"], random, targets);
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
        return RunPlan.Create([folder.Path], options, new PlanOptions { ShardBytes = 1 }) with { TileRows = 3 };
    }

    private static void Write(string path, Random random, string targets)
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
            .Write(path);
    }
}
