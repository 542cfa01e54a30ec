using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>Losses against soft targets, and divergences from them, against 50 digits, PyTorch and the kernel's own index losses.</summary>
public class SoftTargetTests
{
    private const double HalfUnit = 1.1102230246251565e-16; // 2^-53, u

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Losses_and_divergences_are_those_of_50_digits_and_of_PyTorch(string kernel)
    {
        foreach (GoldenSoftTarget row in Goldens.SoftTargets())
        {
            Assert.Equal(row.Label, SoftTargets.Label(row.Target, 1e-9));
            Outcome actual = Evaluate(kernel, row.Function, LogitType.Float64, Bytes(row.Values), row.Values.Length, row.Target, [row.Label], row.Weights);
            Assert.Equal(RowStatus.Valid, actual.Status[0]);
            double log = Math.Log(row.Values.Length);
            double top = row.Kind == "logits" ? (HalfUnit * (4 + Math.Log2(row.Values.Length))) + (2 * Goldens.Ulp(log)) : 0;
            AssertWithin((top * row.Shares) + (12 * HalfUnit * Math.Abs(row.Loss[0])), actual.Loss[0], row.Loss, row);
            AssertWithin(top + (6 * HalfUnit * (Math.Abs(row.Divergence[0]) + (2 * log))), actual.Divergence[0], row.Divergence, row);
            Assert.Equal(row.TorchLoss, actual.Loss[0], 1e-13 * Math.Max(1, row.TorchLoss));
            Assert.Equal(row.TorchDivergence, actual.Divergence[0], 1e-13 * Math.Max(1, row.TorchDivergence));
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void A_one_hot_target_has_the_bits_of_its_index(string kernel)
    {
        foreach (GoldenRow row in Goldens.Rows().Where(r => r.Kind != "masked"))
        {
            double[] target = new double[row.Classes];
            target[row.Label] = 1;
            Outcome soft = Evaluate(kernel, new LossFunction(), LogitType.Float64, Bytes(row.Logits()), row.Classes, target, [row.Label], null);
            Evaluated index = Evaluated.Of(RowKernel.Parse(kernel), row.Logits(), row.Classes, row.Label);
            Assert.Equal((index.Loss[0], index.Predicted[0], index.Rank[0]), (soft.Loss[0], soft.Predicted[0], soft.Rank[0]));
            Assert.Equal(index.Loss[0], soft.Divergence[0]);
            double[] weights = [.. Enumerable.Range(0, row.Classes).Select(c => c % 3 * 0.7)];
            Outcome smoothed = Evaluate(kernel, new LossFunction { LabelSmoothing = 0.1 }, LogitType.Float64, Bytes(row.Logits()), row.Classes, target, [row.Label], weights);
            Assert.Equal((index.Loss[0], index.Loss[0]), (soft.LabelLoss[0], smoothed.LabelLoss[0]));
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Every_kernel_type_and_cut_gives_the_scalar_bits(string kernel)
    {
        foreach (LogitType type in Enum.GetValues<LogitType>())
        {
            foreach (int classes in new[] { 1, 2, 7, 8, 9, 65, 1000 })
            {
                (byte[] values, int[] labels) = Adversary.Block(type, 25, classes, seed: classes + (int)type);
                double[] targets = new double[25 * classes];
                for (int r = 0; r < 25; r++)
                {
                    double[] scores = [.. Enumerable.Range(0, classes).Select(c => Math.Abs(c - labels[r]) * -0.1 * r * r)];
                    RowKernel.Parse("scalar").Softmax(scores, targets.AsSpan(r * classes, classes));
                }

                foreach (LossFunction function in new LossFunction[]
                {
                    new(), new() { LabelSmoothing = 0.2, Temperature = 3 }, new() { Input = LossInput.Probs, SumTolerance = 0.9 }, new() { Input = LossInput.LogProbs, SumTolerance = 0.9 },
                })
                {
                    double[] weights = [.. Enumerable.Range(0, classes).Select(c => c % 3 * 0.7)];
                    string expected = Evaluate("scalar", function, type, values, classes, targets, labels, weights).Bits();
                    Assert.Equal(expected, Evaluate(kernel, function, type, values, classes, targets, labels, weights, cut: 4).Bits());
                }
            }
        }
    }

    [Fact]
    public void A_masked_class_makes_the_loss_NaN_where_its_share_is_0_as_in_PyTorch_and_leaves_the_divergence_alone()
    {
        // torch.nn.functional.cross_entropy of ([[0, 0, -inf]], [[1, 0, 0]]) is nan; of ([[0, 0, -inf]], [[.5, 0, .5]]), inf.
        double[] logits = [0, 0, double.NegativeInfinity];
        Outcome masked = Evaluate("256", new LossFunction(), LogitType.Float64, Bytes(logits), 3, [1, 0, 0], [0], null);
        Assert.Equal((RowStatus.Valid, double.NaN), (masked.Status[0], masked.Loss[0]));
        Assert.Equal(Math.Log(2), masked.Divergence[0], 1e-15);
        Outcome missed = Evaluate("256", new LossFunction(), LogitType.Float64, Bytes(logits), 3, [0.5, 0, 0.5], [0], null);
        Assert.Equal((double.PositiveInfinity, double.PositiveInfinity), (missed.Loss[0], missed.Divergence[0]));
        Outcome probs = Evaluate("256", new LossFunction { Input = LossInput.Probs }, LogitType.Float64, Bytes([0.5, 0.5, 0]), 3, [1, 0, 0], [0], null);
        Assert.Equal(Math.Log(2), probs.Divergence[0], 1e-15);
        Assert.Equal(double.NaN, probs.Loss[0]);
    }

    [Fact]
    public void Rows_that_are_skipped_or_invalid_have_neither_loss_nor_divergence()
    {
        double[] logits = [1, 2, double.NaN, 2];
        Outcome outcome = Evaluate("128", new LossFunction(), LogitType.Float64, Bytes(logits), 2, [0.5, 0.5, 0.5, 0.5], [-1, 0], null);
        Assert.Equal([RowStatus.Skipped, RowStatus.NaN], outcome.Status);
        Assert.Equal([double.NaN, double.NaN], outcome.Loss);
        Assert.Equal([double.NaN, double.NaN], outcome.Divergence);
        Assert.Equal([double.NaN, double.NaN], outcome.LabelLoss);
    }

    [Theory]
    [InlineData(0, 1.0, 0.0)]
    [InlineData(1, 0.2, 0.4, 0.4)] // the lowest among equals
    [InlineData(1, -0.0, 1.0005)]
    [InlineData(-1, 0.5, 0.4)]
    [InlineData(-1, 1.5, -0.5)]
    [InlineData(-1, double.NaN, 1.0)]
    [InlineData(-1, double.PositiveInfinity, 0.0)]
    [InlineData(-1, double.PositiveInfinity, double.NegativeInfinity)]
    [InlineData(-1)]
    public void A_target_is_usable_if_it_sums_to_1_and_nothing_in_it_is_negative(int expected, params double[] target) =>
        Assert.Equal(expected, SoftTargets.Label(target, 1e-3));

    [Fact]
    public void Evaluating_allocates_nothing()
    {
        var evaluator = new SoftTargetEvaluator(RowKernel.Default, new LossFunction { LabelSmoothing = 0.1 }, 3);
        byte[] logits = Bytes([1, 2, 3]);
        double[] target = [0.5, 0.25, 0.25], loss = new double[1], divergence = new double[1], labelLoss = new double[1];
        int[] labels = new int[1], predicted = new int[1], rank = new int[1];
        RowStatus[] status = new RowStatus[1];
        Assert.Equal(0, Allocations.Of(() =>
        {
            SoftTargets.Classify(target, 3, 1e-3, labels);
            evaluator.Evaluate(LogitBlock.RowMajor(LogitType.Float64, logits, 1, 3), target, labels, new RowLosses(loss, predicted, rank, status), divergence, labelLoss);
        }));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new SoftTargetEvaluator(RowKernel.Default, new LossFunction(), 3, [1, 2]));
        Assert.Throws<ArgumentException>(() => Evaluate("scalar", new LossFunction(), LogitType.Float64, Bytes([1, 2]), 2, [1], [0], null));
        Assert.Throws<ArgumentException>(() => Evaluate("scalar", new LossFunction(), LogitType.Float64, Bytes([1, 2]), 2, [1, 0], [2], null));
    }

    private static byte[] Bytes(double[] values) => MemoryMarshal.AsBytes<double>(values).ToArray();

    private static Outcome Evaluate(
        string kernel, LossFunction function, LogitType type, byte[] values, int classes, double[] targets, int[] labels, double[]? weights, int cut = int.MaxValue)
    {
        var evaluator = new SoftTargetEvaluator(RowKernel.Parse(kernel), function, classes, weights);
        int rows = labels.Length;
        Outcome all = new(new double[rows], new double[rows], new double[rows], new double[rows], new int[rows], new int[rows], new RowStatus[rows]);
        for (int first = 0; first < rows; first += Math.Min(cut, rows - first))
        {
            int n = Math.Min(cut, rows - first);
            int rowBytes = classes * type.Size();
            evaluator.Evaluate(
                LogitBlock.RowMajor(type, values.AsSpan(first * rowBytes, n * rowBytes), n, classes),
                targets.AsSpan(first * classes),
                labels.AsSpan(first, n),
                new RowLosses(
                    all.Loss.AsSpan(first, n), all.Predicted.AsSpan(first, n), all.Rank.AsSpan(first, n), all.Status.AsSpan(first, n), all.TopLoss.AsSpan(first, n)),
                all.Divergence.AsSpan(first, n),
                all.LabelLoss.AsSpan(first, n));
        }

        return all;
    }

    private static void AssertWithin(double bound, double actual, double[] exact, object row)
    {
        double error = Goldens.Distance(actual, exact);
        Assert.True(error <= bound, $"{row}: {actual:R}, not {exact[0]:R}: {error} off, over {bound}");
    }

    private sealed record Outcome(double[] Loss, double[] Divergence, double[] LabelLoss, double[] TopLoss, int[] Predicted, int[] Rank, RowStatus[] Status)
    {
        public string Bits() => string.Join(
            ' ', Loss.Select((_, r) => $"{Bits(Loss[r]):x} {Bits(Divergence[r]):x} {Bits(LabelLoss[r]):x} {Bits(TopLoss[r]):x} {Predicted[r]} {Rank[r]} {Status[r]}"));

        // Not every NaN has the same bits, and no promise is made of them.
        private static long Bits(double value) => BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : value);
    }
}
