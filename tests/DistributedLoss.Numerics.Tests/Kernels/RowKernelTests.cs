using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

public class RowKernelTests
{
    private const double Inf = double.PositiveInfinity;

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void NaN_wins_over_infinity_and_infinity_over_all_masked(string kernel)
    {
        foreach (int classes in (int[])[3, 9, 64, 65, 200, 1000])
        {
            for (int at = 0; at < classes; at += Math.Max(1, classes / 7))
            {
                int other = (at + 1) % classes;
                Assert.Equal(RowStatus.NaN, StatusOf((at, double.NaN)));
                Assert.Equal(RowStatus.NaN, StatusOf((at, -double.NaN)));
                Assert.Equal(RowStatus.NaN, StatusOf((at, double.NaN), (other, Inf)));
                Assert.Equal(RowStatus.Infinity, StatusOf((at, Inf)));
                Assert.Equal(RowStatus.Infinity, StatusOf((at, Inf), (other, -Inf)));
                Assert.Equal(RowStatus.Valid, StatusOf((at, -Inf)));
            }

            double[] masked = new double[classes];
            Array.Fill(masked, -Inf);
            Evaluated row = Evaluated.Of(RowKernel.Parse(kernel), masked, classes, 0);
            Assert.Equal(RowStatus.AllMasked, row.Status[0]);
            Assert.Equal((double.NaN, -1, 0), (row.Loss[0], row.Predicted[0], row.Rank[0]));

            RowStatus StatusOf(params (int Class, double Logit)[] set)
            {
                double[] logits = new double[classes];
                foreach ((int c, double z) in set)
                {
                    logits[c] = z;
                }

                return Evaluated.Of(RowKernel.Parse(kernel), logits, classes, classes / 2).Status[0];
            }
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void A_masked_label_loses_infinitely_and_ranks_behind_the_unmasked(string kernel)
    {
        Evaluated row = Evaluated.Of(RowKernel.Parse(kernel), [1, -Inf, 2, -Inf], 4, 3);
        Assert.Equal(RowStatus.Valid, row.Status[0]);
        Assert.Equal((Inf, 2, 4), (row.Loss[0], row.Predicted[0], row.Rank[0]));
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void One_class_loses_nothing(string kernel)
    {
        Evaluated row = Evaluated.Of(RowKernel.Parse(kernel), [-1e308], 1, 0);
        Assert.Equal((0.0, 0, 1), (row.Loss[0], row.Predicted[0], row.Rank[0]));
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Extremes_of_float64_neither_overflow_in_between_nor_lose_the_loss(string kernel)
    {
        Evaluated rows = Evaluated.Of(RowKernel.Parse(kernel), [1e308, 0, 1e308, 0, 1e308, -1e308], 2, 1, 0, 1);
        Assert.Equal([1e308, 0, Inf], rows.Loss); // 2e308 is past the largest float64
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void A_skipped_row_may_hold_anything(string kernel)
    {
        Evaluated rows = Evaluated.Of(RowKernel.Parse(kernel), [double.NaN, Inf, 0, 0], 2, -1, 0);
        Assert.Equal([RowStatus.Skipped, RowStatus.Valid], rows.Status);
        Assert.Equal(double.NaN, rows.Loss[0]);
        Assert.Equal(Math.Log(2), rows.Loss[1], 1e-15);
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Every_float16_and_bfloat16_widens_exactly(string kernel)
    {
        ushort[] bits = [.. Enumerable.Range(0, 1 << 16).Select(b => (ushort)b)];
        AssertSame(LogitType.Float16, [.. bits.Select(b => (double)BitConverter.UInt16BitsToHalf(b))]);
        AssertSame(LogitType.BFloat16, [.. bits.Select(b => (double)BitConverter.UInt32BitsToSingle((uint)b << 16))]);

        void AssertSame(LogitType type, double[] widened)
        {
            foreach (int classes in (int[])[2, 128])
            {
                int[] labels = [.. Enumerable.Range(0, bits.Length / classes).Select(r => r % classes)];
                Evaluated expected = Evaluated.RowMajor(
                    RowKernel.Parse("scalar"), LogitType.Float64, MemoryMarshal.AsBytes<double>(widened), classes, labels);
                expected.AssertSameBits(Evaluated.RowMajor(
                    RowKernel.Parse(kernel), type, MemoryMarshal.AsBytes<ushort>(bits), classes, labels));
            }
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Long_rows_of_narrow_types_have_the_bits_of_their_float64(string kernel)
    {
        // Every value but NaN and +infinity, of all magnitudes and both signs side by side; -infinity in some rows.
        ushort[] bits = [.. Enumerable.Range(0, 1 << 16).Select(b => (ushort)(b * 40503))];
        AssertSame(LogitType.Float16, b => (double)BitConverter.UInt16BitsToHalf(b));
        AssertSame(LogitType.BFloat16, b => BitConverter.UInt32BitsToSingle((uint)b << 16));

        void AssertSame(LogitType type, Func<ushort, double> widen)
        {
            ushort[] stored = [.. bits.Where(b => widen(b) < Inf)];
            foreach (int classes in (int[])[100, 1000])
            {
                int[] labels = [.. Enumerable.Range(0, stored.Length / classes).Select(r => r % classes)];
                ushort[] rows = stored[..(labels.Length * classes)];
                Evaluated expected = Evaluated.RowMajor(
                    RowKernel.Parse("scalar"), LogitType.Float64, MemoryMarshal.AsBytes<double>(rows.Select(widen).ToArray()), classes, labels, RowStrategy.AcrossRows);
                expected.AssertSameBits(Evaluated.RowMajor(RowKernel.Parse(kernel), type, MemoryMarshal.AsBytes<ushort>(rows), classes, labels));
            }
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Zeros_of_either_sign_are_equal_maxima(string kernel)
    {
        foreach (LogitType type in Enum.GetValues<LogitType>())
        {
            foreach ((double first, double second) in ((double, double)[])[(0.0, -0.0), (-0.0, 0.0)])
            {
                double[] logits = new double[200];
                Array.Fill(logits, -1);
                (logits[70], logits[150]) = (first, second);
                Evaluated row = Evaluated.RowMajor(RowKernel.Parse(kernel), type, Adversary.Store(type, logits), logits.Length, [150]);
                Assert.Equal((70, 2), (row.Predicted[0], row.Rank[0]));
            }
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Evaluate_allocates_nothing(string kernel)
    {
        foreach ((int rows, int classes) in ((int, int)[])[(100, 10), (40, 1000)])
        {
            (byte[] values, int[] labels) = Adversary.Block(LogitType.Float32, rows, classes, seed: 1);
            double[] loss = new double[rows];
            int[] predicted = new int[rows];
            int[] rank = new int[rows];
            RowStatus[] status = new RowStatus[rows];
            RowKernel evaluated = RowKernel.Parse(kernel);
            Assert.Equal(0, Allocations.Of(Run));

            void Run() => evaluated.Evaluate(
                LogitBlock.RowMajor(LogitType.Float32, values, rows, classes), labels, new RowLosses(loss, predicted, rank, status));
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void What_lies_ahead_need_not_exist_and_changes_no_bit(string kernel)
    {
        const int Rows = 12;
        const int Classes = 500;
        (byte[] values, int[] labels) = Adversary.Block(LogitType.Float32, Rows, Classes, seed: 3);
        Evaluated expected = Evaluated.RowMajor(RowKernel.Parse(kernel), LogitType.Float32, values, Classes, labels);
        foreach (long ahead in (long[])[1, -(1L << 40), 1L << 46, long.MaxValue])
        {
            LogitBlock block = LogitBlock.RowMajor(LogitType.Float32, values, Rows, Classes) with { Ahead = (nint)ahead };
            double[] loss = new double[Rows];
            int[] predicted = new int[Rows];
            RowKernel.Parse(kernel).Evaluate(block, labels, new RowLosses(loss, predicted, new int[Rows], new RowStatus[Rows]));
            Assert.Equal(expected.Loss.Select(BitConverter.DoubleToInt64Bits), loss.Select(BitConverter.DoubleToInt64Bits));
            Assert.Equal(expected.Predicted, predicted);
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void No_rows_are_no_work(string kernel) => Assert.Empty(Evaluated.Of(RowKernel.Parse(kernel), Array.Empty<double>(), 3).Loss);

    [Fact]
    public void A_label_outside_the_classes_is_refused_by_row_and_value()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Evaluated.Of(RowKernel.All[0], new double[6], 3, 0, 3));
        Assert.Contains("label 3 of row 1", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Evaluated.Of(RowKernel.All[0], new double[6], 3, -2, 0));
    }

    [Fact]
    public void A_block_of_the_wrong_length_is_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => LogitBlock.RowMajor(LogitType.Float32, new byte[23], 2, 3).Rows);
        Assert.Contains("24 bytes, not 23", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => LogitBlock.ColumnMajor(LogitType.Float32, new nint[2], 1, 3).Rows);
        Assert.Throws<ArgumentException>(() => LogitBlock.ColumnMajor(LogitType.Float32, new nint[3], 1, 3).Rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => LogitBlock.RowMajor((LogitType)9, new byte[2], 1, 1).Rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => LogitBlock.RowMajor(LogitType.Float32, [], 0, 0).Rows);
    }

    [Fact]
    public void Outputs_that_are_too_short_are_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => RowKernel.All[0].Evaluate(
            LogitBlock.RowMajor(LogitType.Float64, new byte[48], 2, 3), [0, 0], new RowLosses(new double[2], new int[1], new int[2], new RowStatus[2])));
        Assert.Contains("2 rows need as many predictions, not 1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void The_variable_forces_a_kernel_by_name(string kernel) => Assert.Equal(kernel, RowKernel.Choose(kernel).Name);

    [Fact]
    public void An_unknown_kernel_is_refused_by_name()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => RowKernel.Choose("1024"));
        Assert.Contains("'1024'", error.Message, StringComparison.Ordinal);
        Assert.Contains("scalar, 128, 256 or 512", error.Message, StringComparison.Ordinal);
    }
}
