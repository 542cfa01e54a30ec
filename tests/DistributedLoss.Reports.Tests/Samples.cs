using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Reports.Tests;

/// <summary>Results as runs over dumps of some size give them, made up from a seed: every class has rows, as where a page has most to carry.</summary>
internal static class Samples
{
    /// <summary>A name that is markup in every language that a page has.</summary>
    public const string Hostile = "</script></svg></title><script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">'&amp;\u202e\0";

    /// <param name="names">By class; null for none.</param>
    public static EvaluationResult Of(int classes, Func<int, string>? names = null, int files = 2, int slices = 3, int workers = 4, int shards = 40)
    {
        var random = new Random(classes);
        ClassFigures[] perClass = [.. Enumerable.Range(0, classes).Select(c => Class(random, c, classes, names?.Invoke(c)))];
        long rows = perClass.Sum(c => c.Count), correct = perClass.Sum(c => c.Correct);
        var figures = Figures(rows, (double)correct / rows, 2.4871530210087213, perClass, random);
        var paths = Enumerable.Range(0, files).Select(i => $"/data/val/part-{i:000}.parquet").ToArray();
        return new EvaluationResult
        {
            Digest = Convert.ToHexStringLower(new byte[32].Select(_ => (byte)random.Next(256)).ToArray()),
            Classes = classes,
            Sequences = null,
            Figures = figures,
            Slices = [.. Enumerable.Range(0, slices).Select(i => new SliceFigures([("language", names?.Invoke(i) ?? $"language {i}")], Figures(rows / 8, .6 + (.3 * random.NextDouble()), 2 + random.NextDouble(), perClass, random)))],
            Hardest = [.. Enumerable.Range(0, 10).Select(i => new HardRow(paths[i % files], i, 1000 * i, i % classes, (i + 1) % classes, 7, 30 - i))],
            Files = [.. paths.Select((path, i) => new InputFile(i, path, 1 << 20, default, new string('a', 64), rows / files, 8))],
            Options = new EvaluationOptions { Statistics = StatisticKinds.All, SliceBy = [["language"]] },
            Shards = new ShardFigures(shards, 1, 0, 0) { History = History(random, workers, shards, rows) },
            Timing = new TimingFigures(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero), .02, 3.5, rows / 3.5, rows / 3.5 * classes, 1 << 30),
            Environment = new EnvironmentFigures("0.1.0", "local", workers, "512", ".NET 10.0.0", "Debian GNU/Linux 12", "X64", 8),
        };
    }

    private static ClassFigures Class(Random random, int index, int classes, string? name)
    {
        long count = 20 + (long)(2_000_000 / (index + 10.0) * random.NextDouble()), correct = (long)(count * random.NextDouble()), predicted = correct + random.Next(100);
        double mean = -Math.Log(random.NextDouble()) * 2;
        return new ClassFigures(
            index, count, mean * count, mean, correct, predicted,
            (double)correct / count, predicted == 0 ? null : (double)correct / predicted, 2.0 * correct / (count + predicted))
        {
            Name = name,
            MeanProbability = random.NextDouble() / classes,
            Bias = (random.NextDouble() - .5) / classes,
        };
    }

    private static EvaluationFigures Figures(long rows, double accuracy, double mean, ClassFigures[] perClass, Random random) => new()
    {
        Rows = new RowFigures(rows + 120, rows, 100, new Dictionary<string, long> { ["nan"] = 20 }),
        Loss = new LossFigures
        {
            Mean = mean,
            Sum = mean * rows,
            Denominator = rows,
            DenominatorUnit = "rows",
            StandardError = .02,
            Ci95 = (mean - .04, mean + .04),
            Bits = mean / Math.Log(2),
            Perplexity = Math.Exp(mean),
            Min = 1e-9,
            Max = 30,
        },
        Accuracy = [new TopKFigure(1, accuracy), new TopKFigure(5, 1 - ((1 - accuracy) / 2))],
        MeanReciprocalRank = accuracy,
        Calibration = new CalibrationFigures(.0321, .12, .75, [.. Enumerable.Range(0, 15).Select(b => Bin(b, rows))]),
        Brier = .4,
        Entropy = 1.2,
        Quantiles = new DistributionFigures(
            [new("p1", 1e-6), new("p5", .001), new("p10", .01), new("p25", .2), new("p50", 1.5), new("p75", 3.5), new("p90", 6), new("p95", 7), new("p99", 8.9), new("p99.9", 12)],
            [.. Enumerable.Range(0, 36).Select(b => new HistogramBar(b / 4.0, (b + 1) / 4.0, (long)(rows * Math.Exp(-b / 9.0) / 9.6))), new HistogramBar(9, double.PositiveInfinity, rows / 90)]),
        PerClass = perClass,
        Confusion = Confusion(perClass.Length, random),
    };

    private static ReliabilityBin Bin(int index, long rows)
    {
        double low = index / 15.0, high = (index + 1) / 15.0, confidence = (low + high) / 2;
        long count = index == 0 ? 0 : rows * index / 105;
        return new ReliabilityBin(low, high, count, (long)(count * confidence), count == 0 ? null : confidence * confidence * (3 - (2 * confidence)), count == 0 ? null : confidence);
    }

    private static ConfusionFigures Confusion(int classes, Random random)
    {
        ConfusedPair[] pairs = [.. Enumerable.Range(0, 100).Select(i => new ConfusedPair(i % classes, (i + 1) % classes, 1000 - i))];
        return new ConfusionFigures(
            classes > ConfusionCounts.MostDenseClasses ? null : [.. Enumerable.Range(0, classes).Select(l => Enumerable.Range(0, classes).Select(p => (long)(l == p ? 2000 : random.Next(60))).ToArray())],
            pairs);
    }

    private static RunHistory History(Random random, int workers, int shards, long rows)
    {
        double[] free = new double[workers];
        var spans = new List<RunSpan>();
        for (int i = 0; i < shards; i++)
        {
            int worker = Array.IndexOf(free, free.Min());
            double seconds = 3.4 * workers / shards * (.5 + random.NextDouble());
            spans.Add(new RunSpan($"worker-{worker + 1}", free[worker], seconds, 1, rows / shards, i == shards / 2 ? 1 : 0));
            free[worker] += seconds;
        }

        return new RunHistory(null, 0, spans);
    }
}
