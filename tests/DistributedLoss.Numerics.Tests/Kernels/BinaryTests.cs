using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>Independent binary elements against hundreds of digits and PyTorch, and the bits that nothing may change.</summary>
public class BinaryTests
{
    private const double HalfUnit = 1.1102230246251565e-16; // 2^-53, u

    private static readonly GoldenBinary[] Elements = Goldens.Binary();

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Losses_are_exact_to_a_few_units_in_the_last_place_and_PyTorchs(string kernel)
    {
        foreach (GoldenBinary element in Elements)
        {
            Outcome actual = Evaluate(kernel, element);
            Assert.Equal(RowStatus.Valid, actual.Status[0]);
            Assert.Equal(element.Value, actual.Score[0]);
            AssertWithin(8, actual.Loss[0], element.Loss, element);
            AssertWithin(4, actual.TopLoss[0], element.TopLoss, element);
            if (element.Torch is { } torch)
            {
                // PyTorch adds (1 - t) z to its opposite where z is below 0.
                Assert.Equal(torch, actual.Loss[0], 1e-13 * Math.Max(1, Math.Max(torch, Math.Abs(element.Value))));
            }
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Entropies_and_Brier_scores_are_exact_to_a_few_units_in_the_last_place(string kernel)
    {
        foreach (GoldenBinary element in Elements)
        {
            Outcome actual = Evaluate(kernel, element);
            AssertWithin(8, actual.Entropy[0], element.Entropy, element);
            if (element.Target is 0 or 1)
            {
                AssertWithin(12, actual.Brier[0], element.Brier, element);
            }
            else
            {
                Assert.Equal(element.Brier[0], actual.Brier[0], 12 * HalfUnit);
            }
        }
    }

    [Fact]
    public void A_confident_right_answer_keeps_its_digits_and_a_certain_miss_loses_infinitely()
    {
        Outcome right = Evaluate("scalar", BinaryInput.Logits, [700, -700], [1, 0], 2);
        Assert.Equal(9.859676543759770e-305, right.Loss[0], 1e-318); // exp(-700)
        Assert.Equal(right.Loss[0], right.Loss[1]);

        // torch.nn.functional.binary_cross_entropy says 100: its logarithm is clamped.
        Outcome missed = Evaluate("scalar", BinaryInput.Probs, [0, 1, 0, 1], [1, 0, 0, 1], 4);
        Assert.Equal([double.PositiveInfinity, double.PositiveInfinity, 0, 0], missed.Loss);
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Every_kernel_type_and_cut_gives_the_scalar_bits(string kernel)
    {
        foreach (LogitType type in Enum.GetValues<LogitType>())
        {
            foreach (int classes in new[] { 1, 3, 8, 100, 2500 })
            {
                const int Rows = 24;
                (byte[] values, _) = Adversary.Block(type, Rows, classes, seed: classes + (int)type);
                Random random = new(classes);
                double[] targets = [.. Enumerable.Range(0, Rows * classes).Select(_ => random.Next(3) == 0 ? random.NextDouble() : random.Next(2))];
                byte[] probs = Adversary.Store(type, [.. targets.Select(t => random.Next(50) == 0 ? 1.5 : random.Next(3) == 0 ? t : random.NextDouble())]);
                double[] positive = [.. Enumerable.Range(0, classes).Select(c => c % 5 * 0.3)];
                foreach (double[]? weights in new[] { null, positive })
                {
                    string expected = Evaluate("scalar", BinaryInput.Logits, type, values, targets, classes, weights).Bits();
                    Assert.Equal(expected, Evaluate(kernel, BinaryInput.Logits, type, values, targets, classes, weights, cut: 5).Bits());
                }

                string expectedOfProbs = Evaluate("scalar", BinaryInput.Probs, type, probs, targets, classes, null).Bits();
                Assert.Equal(expectedOfProbs, Evaluate(kernel, BinaryInput.Probs, type, probs, targets, classes, null, cut: 7).Bits());
            }
        }
    }

    [Fact]
    public void A_row_with_a_NaN_an_infinity_or_no_probability_says_so_and_its_elements_have_no_loss()
    {
        double[] logits = [1, 2, double.NaN, double.NegativeInfinity, 3, double.PositiveInfinity, double.NegativeInfinity, 0, 5, double.NaN];
        Outcome outcome = Evaluate("256", BinaryInput.Logits, logits, new double[10], 2, skip: [false, false, false, false, true]);
        Assert.Equal([RowStatus.Valid, RowStatus.NaN, RowStatus.Infinity, RowStatus.Infinity, RowStatus.Skipped], outcome.Status);
        Assert.Equal([false, false, true, true, true, true, true, true, true, true], outcome.Loss.Select(double.IsNaN));
        Assert.Equal(outcome.Loss.Select(double.IsNaN), outcome.TopLoss.Select(double.IsNaN));
        Assert.Equal(outcome.Loss.Select(double.IsNaN), outcome.Entropy.Select(double.IsNaN));
        Assert.Equal(outcome.Loss.Select(double.IsNaN), outcome.Brier.Select(double.IsNaN));
        Assert.Equal(1, outcome.Sums.Rows);

        double[] probs = [0.5, -0.0, 1, 1.0000001, -1e-9, 0, double.NaN, 2, double.PositiveInfinity, 2];
        Assert.Equal(
            [RowStatus.Valid, RowStatus.Unnormalized, RowStatus.Unnormalized, RowStatus.NaN, RowStatus.Infinity],
            Evaluate("256", BinaryInput.Probs, probs, new double[10], 2).Status);
    }

    [Fact]
    public void Probabilities_of_positive_targets_are_summed_by_class()
    {
        // By hand: 1 / (1 + exp(-log 3)) = 3/4.
        double log3 = Math.Log(3);
        ClassProbabilitySums sums = Evaluate("512", BinaryInput.Logits, [log3, -log3, log3, 0], new double[4], 2).Sums;
        Assert.Equal((1.5, 0.75), (sums.Sum(0), sums.Sum(1)));
        sums = Evaluate("512", BinaryInput.Probs, [1, 0.25, 0.5, 0.25], new double[4], 2).Sums;
        Assert.Equal((1.5, 0.5), (sums.Sum(0), sums.Sum(1)));
    }

    [Fact]
    public void Logits_are_divided_by_the_temperature()
    {
        Outcome outcome = Evaluate("128", BinaryInput.Logits, LogitType.Float64, MemoryMarshal.AsBytes<double>([3.0, -5]).ToArray(), [1, 1], 1, null, temperature: 2);
        Assert.Equal([1.5, -2.5], outcome.Score);
        Assert.Equal(Evaluate("128", BinaryInput.Logits, [1.5, -2.5], [1, 1], 1).Loss, outcome.Loss);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(true, 0.0, 1.0, 0.5, -0.0)]
    [InlineData(false, 0.0, -1e-300)]
    [InlineData(false, 1.0000000000000002)]
    [InlineData(false, double.NaN)]
    [InlineData(false, double.PositiveInfinity)]
    public void Targets_are_numbers_from_0_to_1(bool expected, params double[] targets) => Assert.Equal(expected, BinaryEvaluator.AreTargets(targets));

    [Fact]
    public void Evaluating_allocates_nothing()
    {
        var evaluator = new BinaryEvaluator(RowKernel.Default, BinaryInput.Logits, 3, 1, [1, 2, 3]);
        byte[] logits = new byte[6 * sizeof(float)];
        double[] targets = new double[6], loss = new double[6], score = new double[6], top = new double[6], entropy = new double[6], brier = new double[6];
        RowStatus[] status = new RowStatus[2];
        ClassProbabilitySums[]?[] sums = [[new ClassProbabilitySums(3)], null];
        Assert.Equal(0, Allocations.Of(() =>
        {
            var losses = new BinaryLosses(loss, score, status, top);
            evaluator.Evaluate(LogitBlock.RowMajor(LogitType.Float32, logits, 2, 3), targets, default, losses);
            evaluator.EvaluateProbabilities(2, targets, losses, entropy, brier, sums);
        }));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new BinaryEvaluator(RowKernel.Default, BinaryInput.Logits, 3, 1, [1, 2]));
        Assert.Throws<ArgumentException>(() => new BinaryEvaluator(RowKernel.Default, BinaryInput.Probs, 2, 1, [1, 2]));
        Assert.Throws<ArgumentException>(() => new BinaryEvaluator(RowKernel.Default, BinaryInput.Probs, 2, temperature: 2));
        Assert.Throws<ArgumentException>(() => Evaluate("scalar", BinaryInput.Logits, [1, 2], [1], 2));
        Assert.Throws<ArgumentException>(() => Evaluate("scalar", BinaryInput.Logits, [1, 2], [1, 0], 1, skip: [true]));
    }

    private static Outcome Evaluate(string kernel, GoldenBinary element) => Evaluate(
        kernel, element.Input, LogitType.Float64, MemoryMarshal.AsBytes<double>([element.Value]).ToArray(), [element.Target], 1, element.Positive == 1 ? null : [element.Positive]);

    private static Outcome Evaluate(string kernel, BinaryInput input, double[] values, double[] targets, int classes, bool[]? skip = null) =>
        Evaluate(kernel, input, LogitType.Float64, MemoryMarshal.AsBytes<double>(values).ToArray(), targets, classes, null, skip: skip);

    private static Outcome Evaluate(
        string kernel, BinaryInput input, LogitType type, byte[] values, double[] targets, int classes, double[]? positive, double temperature = 1, bool[]? skip = null, int cut = int.MaxValue)
    {
        var evaluator = new BinaryEvaluator(RowKernel.Parse(kernel), input, classes, temperature, positive);
        int elements = values.Length / type.Size();
        int rows = elements / classes;
        Outcome all = new(new double[elements], new double[elements], new double[elements], new double[elements], new double[elements], new RowStatus[rows], new ClassProbabilitySums(classes));
        for (int row = 0; row < rows; row += Math.Min(cut, rows - row))
        {
            int n = Math.Min(cut, rows - row);
            Range part = (row * classes)..((row + n) * classes);
            int size = type.Size() * classes;
            var losses = new BinaryLosses(all.Loss.AsSpan(part), all.Score.AsSpan(part), all.Status.AsSpan(row, n), all.TopLoss.AsSpan(part));
            double[] mine = targets[(row * classes)..Math.Min(targets.Length, (row + n) * classes)];
            evaluator.Evaluate(LogitBlock.RowMajor(type, values.AsSpan(row * size, n * size), n, classes), mine, skip, losses);
            ClassProbabilitySums[]?[] sums = [.. Enumerable.Repeat<ClassProbabilitySums[]?>([all.Sums], n)];
            evaluator.EvaluateProbabilities(n, mine, losses, all.Entropy.AsSpan(part), all.Brier.AsSpan(part), sums);
        }

        return all;
    }

    /// <summary>Within so many u of the exact figure, relatively; an exp below the normal numbers is off by a unit, which its gap of up to 746 multiplies.</summary>
    private static void AssertWithin(double units, double actual, double[] exact, object element)
    {
        double error = actual == exact[0] ? 0 : Goldens.Distance(actual, exact);
        double bound = (units * HalfUnit * exact[0]) + (800 * double.Epsilon);
        Assert.True(error <= bound, $"{element}: {actual:R}, not {exact[0]:R}: {error} off, over {bound}");
    }

    private sealed record Outcome(double[] Loss, double[] Score, double[] TopLoss, double[] Entropy, double[] Brier, RowStatus[] Status, ClassProbabilitySums Sums)
    {
        public string Bits() => string.Join(
            ' ', Loss.Select((_, i) => $"{Bits(Loss[i]):x} {Bits(TopLoss[i]):x} {Bits(Entropy[i]):x} {Bits(Brier[i]):x}").Concat(Status.Select(s => $"{s}")))
            + string.Join(' ', Enumerable.Range(0, Sums.Classes).Select(c => $"{Bits(Sums.Sum(c)):x}"));

        private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
    }
}
