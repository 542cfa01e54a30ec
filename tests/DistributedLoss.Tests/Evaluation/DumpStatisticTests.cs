using System.Globalization;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Every figure of whole dumps is that of scikit-learn, SciPy, NumPy, PyTorch or torchmetrics' definition.</summary>
public sealed class DumpStatisticTests : IDisposable
{
    // Figures that are differences of numbers near 1 have that many digits and no more.
    private const double Slack = 1e-15;

    private static readonly int[] TopK = [1, 2, 5];

    private readonly DumpFolder _folder = new();

    public static TheoryData<int> Dumps => [.. Enumerable.Range(0, DumpCase.All.Count).Where(i => !DumpCase.All[i].IsBinary)];

    public static TheoryData<int> BinaryDumps => [.. Enumerable.Range(0, DumpCase.All.Count).Where(i => DumpCase.All[i].IsBinary)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Losses_and_their_means(int index)
    {
        var (dump, figures) = Evaluate(index);
        Generated.Same(dump, "log_loss", dump.Number("logLoss"), figures.Loss.Mean);
        Generated.Same(dump, "sem", dump.Number("standardError"), figures.Loss.StandardError);
        Generated.Same(dump, "bits per byte", dump.Number("bitsPerByte"), figures.Loss.BitsPerByte);
        Generated.Same(dump, "mean of the groups' means", dump.Number("groupMean"), figures.Groups!.Mean);
        Assert.Equal(dump.Table("byGroup").Length, figures.Groups.Count);
        if (dump.HasSampleWeights)
        {
            Generated.Same(dump, "log_loss(sample_weight)", dump.Number("weightedLogLoss"), Evaluate(index, o => o with { SampleWeightColumn = "weight" }).Figures.Loss.Mean);
        }
    }

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Accuracies_ranks_and_confusions(int index)
    {
        var (dump, figures) = Evaluate(index, o => o with { TopK = [.. TopK.Where(k => k <= DumpCase.All[index].Classes)] });
        foreach (var (k, value) in figures.Accuracy)
        {
            Generated.Same(dump, $"top {k}", dump.Number("top", k.ToString(CultureInfo.InvariantCulture)), value);
        }

        Generated.Same(dump, "mean reciprocal rank", dump.Number("reciprocalRank"), figures.MeanReciprocalRank);
        double?[][] confusion = [.. figures.Confusion!.Matrix!.SelectMany((row, label) => row.Select((count, predicted) => (double?[])[label, predicted, count])).Where(cell => cell[2] > 0)];
        Assert.Equal(dump.Table("confusion"), confusion);
        var wrong = dump.Table("confusion").Where(cell => cell[0] != cell[1]).OrderByDescending(cell => cell[2]).ThenBy(cell => cell[0]).ThenBy(cell => cell[1]).Take(100);
        Assert.Equal(wrong, figures.Confusion.MostConfused.Select(pair => (double?[])[pair.Label, pair.Predicted, pair.Count]));
    }

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Brier_score_and_entropy(int index)
    {
        var (dump, figures) = Evaluate(index);
        Generated.Same(dump, "brier", dump.Number("brier"), figures.Brier);
        Generated.Same(dump, "entropy", dump.Number("entropy"), figures.Entropy, Slack);
    }

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Calibration_error(int index)
    {
        var (dump, figures) = Evaluate(index);
        var calibration = figures.Calibration!;
        Generated.Same(dump, "ece", dump.Number("calibration", "ece"), calibration.Ece, Slack);
        Generated.Same(dump, "mce", dump.Number("calibration", "mce"), calibration.Mce, Slack);
        foreach (var (expected, bin) in dump.Table("calibration", "bins").Zip(calibration.Bins, (e, b) => (e, b)))
        {
            Assert.Equal((expected[0], expected[1]), (bin.Count, bin.Correct));
            Generated.Same(dump, $"confidence from {bin.Low} to {bin.High}", expected[2], bin.MeanConfidence);
        }
    }

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Quantiles_within_their_stated_error(int index)
    {
        var (dump, figures) = Evaluate(index);
        var expected = dump.Table("quantiles");
        Assert.Equal(expected.Length, figures.Quantiles!.Quantiles.Count);
        foreach (var (q, (name, value)) in expected.Zip(figures.Quantiles.Quantiles))
        {
            // One part in 128, or 2^-51 near 0: docs/results.md.
            Assert.Equal($"p{q[0]!.Value * 100:0.#}", name);
            Assert.True(Math.Abs(value!.Value - q[1]!.Value) <= Math.Max(q[1]!.Value / 128, Math.ScaleB(1, -51)), $"{name} {value} for {q[1]}: {dump}");
        }
    }

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Figures_of_each_class(int index)
    {
        var (dump, figures) = Evaluate(index);
        Every(dump, figures, "count", "classCount", c => c.Count);
        Every(dump, figures, "loss", "classLoss", c => c.LossMean);
        Every(dump, figures, "precision", "precision", c => c.Precision);
        Every(dump, figures, "recall", "recall", c => c.Recall);
        Every(dump, figures, "f1", "f1", c => c.F1);
        Every(dump, figures, "mean probability", "classProbability", c => c.MeanProbability);
        Every(dump, figures, "bias, the gradient of the mean loss", "classBias", c => c.Bias);
    }

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Figures_of_each_slice(int index)
    {
        DumpCase.All[index].Write(_folder["dump.parquet"]);
        var result = Build(Options(index) with { SliceBy = [["group"]] });
        var expected = DumpCase.All[index].Table("byGroup").OrderBy(g => g[0]!.Value.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal).ToArray();
        Assert.Equal(expected.Select(g => g[0]!.Value.ToString(CultureInfo.InvariantCulture)), result.Slices.Select(s => s.Key.Single().Value));
        foreach (var (group, slice) in expected.Zip(result.Slices))
        {
            Assert.Equal(group[1], slice.Figures.Rows.Evaluated);
            Generated.Same(slice.Key, "mean", group[2], slice.Figures.Loss.Mean);
            Generated.Same(slice.Key, "accuracy", group[3], slice.Figures.Accuracy[0].Value);
            Generated.Same(slice.Key, "brier", group[4], slice.Figures.Brier);
            Generated.Same(slice.Key, "entropy", group[5], slice.Figures.Entropy, Slack);
            Generated.Same(slice.Key, "ece", group[6], slice.Figures.Calibration!.Ece, Slack);
        }
    }

    [Theory]
    [MemberData(nameof(BinaryDumps))]
    public void Figures_of_binary_elements(int index)
    {
        var dump = DumpCase.All[index];
        dump.Write(_folder["dump.parquet"]);
        var figures = Build(new EvaluationOptions { Loss = new LossFunction { Input = LossInput.BinaryLogits }, Statistics = StatisticKinds.All }).Figures;
        Assert.Equal(dump.Rows, figures.Rows.Evaluated);
        Generated.Same(dump, "log_loss", dump.Number("logLoss"), figures.Loss.Mean);
        Generated.Same(dump, "sem", dump.Number("standardError"), figures.Loss.StandardError);
        Generated.Same(dump, "accuracy", dump.Number("accuracy"), figures.Binary!.Micro.Accuracy);
        Generated.Same(dump, "accuracy", dump.Number("accuracy"), figures.Binary.Macro.Accuracy);
        foreach (var (expected, actual) in new[] { (dump.Numbers("micro"), figures.Binary.Micro), (dump.Numbers("macro"), figures.Binary.Macro) })
        {
            Generated.Same(dump, "precision", expected[0], actual.Precision);
            Generated.Same(dump, "recall", expected[1], actual.Recall);
            Generated.Same(dump, "f1", expected[2], actual.F1);
        }

        Generated.Same(dump, "brier", dump.Number("brier"), figures.Brier);
        Generated.Same(dump, "entropy", dump.Number("entropy"), figures.Entropy);
        Generated.Same(dump, "ece", dump.Number("calibrationOfPrediction", "ece"), figures.Calibration!.Ece, Slack);
        Generated.Same(dump, "mce", dump.Number("calibrationOfPrediction", "mce"), figures.Calibration.Mce, Slack);
        Every(dump, figures, "positives", "classCount", c => c.Count);
        Every(dump, figures, "loss", "classLoss", c => c.LossMean);
        Every(dump, figures, "precision", "precision", c => c.Precision);
        Every(dump, figures, "recall", "recall", c => c.Recall);
        Every(dump, figures, "f1", "f1", c => c.F1);
        Every(dump, figures, "mean probability", "classProbability", c => c.MeanProbability);
        Every(dump, figures, "bias, the gradient of the class's mean loss", "classBias", c => c.Bias);
    }

    private static void Every(DumpCase dump, EvaluationFigures figures, string what, string name, Func<ClassFigures, double?> figure)
    {
        double?[] expected = dump.Numbers(name);
        Assert.Equal(expected.Length, figures.PerClass.Count);
        for (int c = 0; c < expected.Length; c++)
        {
            Generated.Same(dump, $"{what} of class {c}", expected[c], figure(figures.PerClass[c]), Slack);
        }
    }

    private static EvaluationOptions Options(int index) => new()
    {
        Loss = new LossFunction { Input = DumpCase.All[index].Input == "probs" ? LossInput.Probs : LossInput.Logits },
        Statistics = StatisticKinds.All,
        GroupByColumn = "group",
        BytesColumn = "bytes",
    };

    private (DumpCase Dump, EvaluationFigures Figures) Evaluate(int index, Func<EvaluationOptions, EvaluationOptions>? change = null)
    {
        var dump = DumpCase.All[index];
        dump.Write(_folder["dump.parquet"]);
        var result = Build((change ?? (o => o))(Options(index)));
        Assert.Equal((dump.Rows, dump.Rows), (result.Rows.Total, result.Rows.Evaluated));
        return (dump, result.Figures);
    }

    private EvaluationResult Build(EvaluationOptions options)
    {
        var plan = RunPlan.Create([_folder.Path], options, new PlanOptions { ShardBytes = 1 });
        return ResultBuilder.Build(plan, DumpFolder.Evaluate(plan), new ShardFigures(0, 0, 0, 0), DateTimeOffset.UnixEpoch, TimeSpan.Zero, "local", 1);
    }
}
