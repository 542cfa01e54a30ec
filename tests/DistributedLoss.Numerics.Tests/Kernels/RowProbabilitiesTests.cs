using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>Entropy, Brier score and class sums against 50 digits and their published bounds, and the bits that nothing may change.</summary>
public class RowProbabilitiesTests
{
    private const double HalfUnit = 1.1102230246251565e-16; // 2^-53, u

    private static readonly GoldenRow[] Rows = Goldens.Rows();
    private static readonly GoldenProbabilities Expected = Goldens.Probabilities();

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Entropies_and_Brier_scores_are_those_of_50_digits(string kernel)
    {
        Assert.Equal(Rows.Length, Expected.Rows.Count);
        foreach ((GoldenRow row, GoldenSpread exact) in Rows.Zip(Expected.Rows))
        {
            Probed actual = Evaluate(kernel, row);
            double log = Math.Log(row.Classes);
            double top = TopBound(row.Classes);
            AssertWithin((top * (1 + log)) + (HalfUnit * (((1 + log) * (1 + log)) + (75 * log))), actual.Entropy[0], exact.Entropy, row);
            AssertWithin((4 * top) + (HalfUnit * ((4 * log) + 214)), actual.Brier[0], exact.Brier, row);
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void A_confident_row_keeps_the_relative_precision_of_its_entropy_and_Brier_score(string kernel)
    {
        var confident = Rows.Zip(Expected.Rows).Where(r => r.First.Kind is "confident" or "certain" && r.First.Predicted == r.First.Label && r.First.Classes > 1).ToArray();
        Assert.Contains(confident, r => r.Second.Entropy[0] is > 0 and < 1e-290);
        Assert.Contains(confident, r => r.Second.Brier[0] is > 0 and < 1e-30);
        foreach ((GoldenRow row, GoldenSpread exact) in confident)
        {
            // A gap of x nats moves its exp by x u.
            Probed actual = Evaluate(kernel, row);
            double relative = HalfUnit * 2 * (100 + Math.Abs(Math.Log(Math.Max(exact.Entropy[0], double.Epsilon))));
            AssertWithin((relative * exact.Entropy[0]) + double.Epsilon, actual.Entropy[0], exact.Entropy, row);
            AssertWithin((2 * relative * exact.Brier[0]) + double.Epsilon, actual.Brier[0], exact.Brier, row);
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Of_log_probs_and_probs_p_is_what_the_row_says(string kernel)
    {
        foreach (GoldenGiven row in Expected.Given)
        {
            var function = new LossFunction { Input = row.Kind == "probs" ? LossInput.Probs : LossInput.LogProbs };
            Probed actual = Probed.Of(kernel, function, row.Values, row.Label);
            Assert.Equal(RowStatus.Valid, actual.Status[0]);
            AssertWithin((75 * HalfUnit * Math.Abs(row.Entropy[0])) + double.Epsilon, actual.Entropy[0], row.Entropy, row);
            AssertWithin((75 * HalfUnit * row.Brier[0]) + double.Epsilon, actual.Brier[0], row.Brier, row);
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Mean_probabilities_are_those_of_50_digits(string kernel)
    {
        foreach ((int classes, double[] means) in Expected.Means)
        {
            var sums = new ClassProbabilitySums(classes);
            foreach (GoldenRow row in Rows.Where(r => r.Classes == classes))
            {
                sums.Add(Evaluate(kernel, row).Sums);
            }

            for (int c = 0; c < classes; c++)
            {
                // The rounding to the grid, and p's own error: TopBound, and x u of its gap, which p x < 1 makes a few u.
                Assert.Equal(means[c], sums.Mean(c)!.Value, TopBound(classes) + (8 * HalfUnit));
            }
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Every_kernel_type_layout_and_cut_gives_the_scalar_bits(string kernel)
    {
        foreach (LogitType type in Enum.GetValues<LogitType>())
        {
            foreach (int classes in new[] { 1, 2, 7, 8, 9, 63, 65, 511, 512, 513, 1100 })
            {
                (byte[] values, int[] labels) = Adversary.Block(type, 37, classes, seed: classes + (int)type);
                byte[] probs = Adversary.Store(type, Probabilities(classes, rows: 37));
                foreach (LossFunction function in new LossFunction[] { new(), new() { Temperature = 1.7 }, new() { Input = LossInput.LogProbs, SumTolerance = 0.99 } })
                {
                    AssertSameBits(kernel, function, type, values, classes, labels);
                }

                AssertSameBits(kernel, new() { Input = LossInput.Probs, SumTolerance = 0.9 }, type, probs, classes, labels);
            }
        }
    }

    [Fact]
    public void A_row_of_several_sums_is_added_to_each_and_one_that_is_not_valid_to_none()
    {
        double[] logits = [1, 2, 3, double.NaN, 2, 3, 0, 0, 1];
        var (all, slice) = (new ClassProbabilitySums(3), new ClassProbabilitySums(3));
        RowKernel kernel = RowKernel.Parse("scalar");
        LogitBlock block = LogitBlock.RowMajor(LogitType.Float64, MemoryMarshal.AsBytes<double>(logits), 3, 3);
        var losses = new RowLosses(new double[3], new int[3], new int[3], new RowStatus[3], new double[3]);
        kernel.Evaluate(block, [0, 1, 2], losses);
        double[] entropy = new double[3];
        new RowProbabilities(kernel, new LossFunction(), 3).Evaluate(block, [0, 1, 2], losses, entropy, default, [[all, slice], [all], [all]]);
        Assert.Equal((2, 1), (all.Rows, slice.Rows));
        Assert.Equal(0.0900305731703804, slice.Sum(0), 1e-15); // softmax of (1, 2, 3), published
        Assert.Equal(0.0900305731703804 + 0.2119415576170855, all.Sum(0), 1e-15);
        Assert.Equal(double.NaN, entropy[1]);
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void What_is_kept_of_the_first_pass_changes_no_bit(string kernel)
    {
        foreach (LogitType type in Enum.GetValues<LogitType>())
        {
            // Across rows nothing is kept; 37 rows of 8000 classes do not fit.
            foreach (int classes in new[] { 1, 88, 89, 511, 513, 1100, 8000 })
            {
                (byte[] values, int[] labels) = Adversary.Block(type, 37, classes, seed: classes + (int)type);
                Probed computed = Probed.Of(kernel, new LossFunction(), type, values, classes, labels);
                Assert.Equal(computed.Bits(), Probed.Of(kernel, new LossFunction(), type, values, classes, labels, keep: true).Bits());
                Assert.Equal(computed.Bits(), Probed.Of(kernel, new LossFunction(), type, values, classes, labels, cut: 5, keep: true).Bits());
            }
        }
    }

    [Fact]
    public void Only_the_rows_that_were_kept_take_what_was_kept()
    {
        const int Classes = 100;
        RowKernel kernel = RowKernel.Default;
        double[] memory = GC.AllocateArray<double>(2 * Classes, pinned: true);
        var probabilities = new RowProbabilities(kernel, new LossFunction(), Classes);
        var losses = new RowLosses(new double[2], new int[2], new int[2], new RowStatus[2], new double[2]);
        double[] entropy = new double[2];

        // Rows of other values in the memory of those that were kept, evaluated by the kernel itself; then the same rows once more.
        memory[7] = 20;
        probabilities.EvaluateLosses(Block(memory), [7, 7], losses);
        memory.AsSpan().Clear();
        for (int times = 0; times < 2; times++)
        {
            kernel.Evaluate(Block(memory), [7, 7], losses);
            probabilities.Evaluate(Block(memory), [7, 7], losses, entropy, default, default);
            Assert.Equal(Math.Log(Classes), entropy[0], 1e-14);
        }

        static LogitBlock Block(double[] memory) => LogitBlock.RowMajor(LogitType.Float64, MemoryMarshal.AsBytes<double>(memory), 2, Classes);
    }

    [Fact]
    public void Masked_classes_have_no_entropy()
    {
        Probed masked = Probed.Of("scalar", new LossFunction(), [3, double.NegativeInfinity, double.NegativeInfinity], 0);
        Assert.Equal((0.0, 0.0, 0.0), (masked.Entropy[0], masked.Brier[0], masked.Sums.Sum(1)));
        Assert.Equal(2, Probed.Of("scalar", new LossFunction(), [3, double.NegativeInfinity], 1).Brier[0]);
        Assert.Equal(Math.Log(2), Probed.Of("scalar", new LossFunction { Input = LossInput.Probs }, [0.5, 0.5, 0], 2).Entropy[0], 1e-15);
    }

    [Fact]
    public void The_second_pass_allocates_nothing()
    {
        const int Classes = 100;
        RowKernel kernel = RowKernel.Default;
        byte[] values = new byte[4 * Classes * sizeof(float)];
        int[] labels = new int[4];
        double[] loss = new double[4], top = new double[4], entropy = new double[4], brier = new double[4];
        int[] predicted = new int[4], rank = new int[4];
        RowStatus[] status = new RowStatus[4];
        ClassProbabilitySums[]?[] into = new ClassProbabilitySums[4][];
        Array.Fill(into, [new ClassProbabilitySums(Classes)]);
        var probabilities = new RowProbabilities(kernel, new LossFunction(), Classes);
        Assert.Equal(0, Allocations.Of(() =>
        {
            LogitBlock block = LogitBlock.RowMajor(LogitType.Float32, values, 4, Classes);
            var losses = new RowLosses(loss, predicted, rank, status, top);
            kernel.Evaluate(block, labels, losses);
            probabilities.Evaluate(block, labels, losses, entropy, brier, into);
        }));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var probabilities = new RowProbabilities(RowKernel.Default, new LossFunction(), 3);
        Assert.Throws<ArgumentException>(() => Evaluate(new double[6], 2, new double[1], null, 0));
        Assert.Throws<ArgumentException>(() => Evaluate(new double[6], 3, new double[2], null, 0));
        Assert.Throws<ArgumentException>(() => Evaluate(new double[6], 2, new double[2], new ClassProbabilitySums(4), 0));
        Assert.Throws<ArgumentException>(() => Evaluate(new double[6], 2, new double[2], null, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RowProbabilities(RowKernel.Default, new LossFunction { SumTolerance = 1 }, 3));

        void Evaluate(double[] logits, int rows, double[] entropy, ClassProbabilitySums? sums, int label) => probabilities.Evaluate(
            LogitBlock.RowMajor(LogitType.Float64, MemoryMarshal.AsBytes<double>(logits), rows, logits.Length / rows),
            [label, label, label],
            new RowLosses(new double[3], new int[3], new int[3], new RowStatus[3], new double[3]),
            entropy,
            default,
            sums is null ? default : [[sums], null, null]);
    }

    private static void AssertSameBits(string kernel, LossFunction function, LogitType type, byte[] values, int classes, int[] labels)
    {
        string expected = Probed.Of("scalar", function, type, values, classes, labels).Bits();
        Assert.Equal(expected, Probed.Of(kernel, function, type, values, classes, labels, cut: 5).Bits());
        Assert.Equal(expected, Probed.Of(kernel, function, type, values, classes, labels, columns: true).Bits());
    }

    /// <summary>Softmax of random rows of growing scale, some with a sum above 1, or with a p above 1.</summary>
    private static double[] Probabilities(int classes, int rows)
    {
        Random random = new(classes);
        double[] all = new double[rows * classes];
        for (int r = 0; r < rows; r++)
        {
            double[] logits = [.. Enumerable.Range(0, classes).Select(_ => random.NextDouble() * r * r)];
            RowKernel.Parse("scalar").Softmax(logits, all.AsSpan(r * classes, classes));
            all[(r * classes) + (r % classes)] += r % 4 == 0 ? 0.5 : 0;
        }

        return all;
    }

    private static Probed Evaluate(string kernel, GoldenRow row) => Probed.Of(kernel, new LossFunction(), row.Logits(), row.Label);

    private static double TopBound(int classes) => (HalfUnit * (4 + Math.Log2(classes))) + (2 * Goldens.Ulp(Math.Log(classes)));

    private static void AssertWithin(double bound, double actual, double[] exact, object row)
    {
        double error = Goldens.Distance(actual, exact);
        Assert.True(error <= bound, $"{row}: {actual:R}, not {exact[0]:R}: {error} off, over {bound}");
    }
}
