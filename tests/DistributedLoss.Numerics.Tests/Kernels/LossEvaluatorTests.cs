using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>Losses with temperature, smoothing and of probabilities; that they are PyTorch's is tested over whole runs.</summary>
public class LossEvaluatorTests
{
    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Every_kernel_type_and_cut_gives_the_scalar_bits(string kernel)
    {
        foreach (LogitType type in Enum.GetValues<LogitType>())
        {
            foreach (int classes in new[] { 1, 2, 7, 8, 9, 64, 65, 129, 1000 })
            {
                (byte[] values, int[] labels) = Adversary.Block(type, 37, classes, seed: classes + (int)type);
                foreach (LossFunction function in Functions())
                {
                    double[] weights = [.. Enumerable.Range(0, classes).Select(c => c % 3 * 0.7)];
                    Outcome expected = Evaluate("scalar", function, type, values, classes, labels, weights, cut: 37);
                    Assert.Equal(expected.Bits(), Evaluate(kernel, function, type, values, classes, labels, weights, cut: 5).Bits());
                }
            }
        }
    }

    [Fact]
    public void A_logit_stored_in_a_narrow_type_has_the_bits_of_its_float64()
    {
        (byte[] values, int[] labels) = Adversary.Block(LogitType.Float32, 20, 33, seed: 5);
        double[] wide = Array.ConvertAll(MemoryMarshal.Cast<byte, float>(values).ToArray(), z => (double)z);
        foreach (LossFunction function in Functions())
        {
            Assert.Equal(
                Evaluate("256", function, LogitType.Float32, values, 33, labels, null, cut: 20).Bits(),
                Evaluate("256", function, LogitType.Float64, MemoryMarshal.AsBytes<double>(wide).ToArray(), 33, labels, null, cut: 20).Bits());
        }
    }

    [Fact]
    public void Smoothing_of_a_certain_row_keeps_its_digits()
    {
        // By hand: log(1 + 2 exp(-800)) is 0 in float64, the gaps are 0, 800, 800; E / C = 0.1.
        double[] row = [800, 0, 0];
        Outcome outcome = Evaluate("scalar", new LossFunction { LabelSmoothing = 0.3 }, LogitType.Float64, MemoryMarshal.AsBytes<double>(row).ToArray(), 3, [0], [1, 2, 3], cut: 1);
        Assert.Equal(160, outcome.Loss[0], 1e-12);
        Assert.Equal(400, outcome.Smoothing[0], 1e-12);
    }

    [Fact]
    public void Sums_of_many_gaps_lose_nothing()
    {
        // 100,000 gaps of 0.1 after a large one: a running sum would lose 1e-8 of them.
        double[] row = new double[100_001];
        Array.Fill(row, -0.1);
        row[0] = -1e8;
        double[] weights = new double[row.Length];
        Array.Fill(weights, 1.0);
        Assert.Equal(1e8 + 10_000, GapSum.Evaluate(row, 0, weights), 2e-8);
        Assert.Equal(double.PositiveInfinity, GapSum.Evaluate([0, double.NegativeInfinity], 0, [1, 1]));
        Assert.Equal(double.NaN, GapSum.Evaluate([0, double.NegativeInfinity], 0, [1, 0]));
    }

    [Fact]
    public void The_top_loss_is_that_of_the_predicted_class_whatever_the_label_and_the_smoothing()
    {
        // By hand: exp of 1 / 4 and 3 / 4, and their logarithms as the file has them.
        double[] probs = [0.25, 0.75];
        double[] logProbs = [-1.3862943611198906, -0.2876820724517809];
        double expected = 0.2876820724517809;
        Assert.Equal(expected, Top(new() { Input = LossInput.Probs }, probs), 1e-15);
        Assert.Equal(expected, Top(new() { Input = LossInput.LogProbs }, logProbs));
        Assert.Equal(expected, Top(new() { LabelSmoothing = 0.5 }, logProbs), 1e-15);
        Assert.Equal(double.NaN, Top(new() { Input = LossInput.Probs }, [0.5, 0.7]));

        static double Top(LossFunction function, double[] row) =>
            Evaluate("scalar", function, LogitType.Float64, MemoryMarshal.AsBytes<double>(row).ToArray(), row.Length, [0], null, cut: 1).TopLoss[0];
    }

    [Fact]
    public void Class_weights_are_one_a_class() =>
        Assert.Throws<ArgumentException>(() => new LossEvaluator(RowKernel.Parse("scalar"), new LossFunction { LabelSmoothing = 0.1 }, 3, [1, 2]));

    private static IEnumerable<LossFunction> Functions() =>
    [
        new() { Temperature = 1.7 },
        new() { LabelSmoothing = 0.1 },
        new() { LabelSmoothing = 1, Temperature = 0.01 },
        new() { Input = LossInput.LogProbs, SumTolerance = 0.9 },
        new() { Input = LossInput.Probs, SumTolerance = 0.9 },
    ];

    private static Outcome Evaluate(
        string kernel, LossFunction function, LogitType type, byte[] values, int classes, int[] labels, double[]? weights, int cut)
    {
        var evaluator = new LossEvaluator(RowKernel.Parse(kernel), function, classes, weights);
        int rows = labels.Length;
        Outcome all = new(new double[rows], new int[rows], new int[rows], new RowStatus[rows], new double[rows], new double[rows], new double[rows]);
        for (int first = 0; first < rows; first += cut)
        {
            int n = Math.Min(cut, rows - first);
            int rowBytes = classes * type.Size();
            LogitBlock block = LogitBlock.RowMajor(type, values.AsSpan(first * rowBytes, n * rowBytes), n, classes);
            evaluator.Evaluate(
                block,
                labels.AsSpan(first, n),
                new RowLosses(all.Loss.AsSpan(first, n), all.Predicted.AsSpan(first, n), all.Rank.AsSpan(first, n), all.Status.AsSpan(first, n), all.TopLoss.AsSpan(first, n)),
                all.LabelLoss.AsSpan(first, n),
                all.Smoothing.AsSpan(first, n));
        }

        return all;
    }

    private sealed record Outcome(double[] Loss, int[] Predicted, int[] Rank, RowStatus[] Status, double[] LabelLoss, double[] Smoothing, double[] TopLoss)
    {
        public string Bits() => string.Join(
            ' ', Loss.Select((_, r) => $"{Bits(Loss[r]):x} {Predicted[r]} {Rank[r]} {Status[r]} {Bits(LabelLoss[r]):x} {Bits(Smoothing[r]):x} {Bits(TopLoss[r]):x}"));

        private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
    }
}
