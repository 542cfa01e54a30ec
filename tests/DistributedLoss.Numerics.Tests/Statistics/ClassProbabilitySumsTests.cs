using System.Buffers;
using System.Numerics;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Summation;
using DistributedLoss.Numerics.Tests.Kernels;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class ClassProbabilitySumsTests
{
    private static readonly LossFunction Probs = new() { Input = LossInput.Probs, SumTolerance = 0.9 };

    [Fact]
    public void Each_probability_is_rounded_once_to_a_multiple_of_2_to_the_minus_52_and_summed_exactly()
    {
        // 1,100 rows, so that the sums carry, also of p above 1; the second class lies halfway between two multiples, which goes to the even one.
        double[] tie = [1 - (3 * Math.ScaleB(1, -53)), 3 * Math.ScaleB(1, -53), Math.ScaleB(1, -60), 0];
        double[] above = [1.5, Math.ScaleB(5, -53), 0.25, 0];
        double[] certain = [1, 0, 0, 0];
        var sums = new ClassProbabilitySums(4);
        BigInteger[] expected = new BigInteger[4];
        foreach (double[] row in new[] { tie, above, certain })
        {
            Probed one = Probed.Of("scalar", Probs, row, 0);
            Assert.Equal(RowStatus.Valid, one.Status[0]);
            for (int times = 0; times < 1100; times++)
            {
                sums.Add(one.Sums);
            }

            Probed many = Probed.Of("512", Probs, LogitType.Float64, Repeat(row, 1100), 4, new int[1100]);
            sums.Add(many.Sums);
            for (int c = 0; c < 4; c++)
            {
                // Math.Round goes to even; both factors and their product are exact.
                expected[c] += (BigInteger)Math.Round(row[c] * Math.ScaleB(1, 52), MidpointRounding.ToEven) * 2200;
            }
        }

        Assert.Equal(6600, sums.Rows);
        for (int c = 0; c < 4; c++)
        {
            Assert.Equal(CorrectRounding.ToDouble(expected[c], -52), sums.Sum(c));
            Assert.Equal(CorrectRounding.Quotient(expected[c], 6600, -52), sums.Mean(c));
            Assert.Equal(CorrectRounding.Quotient(expected[c] - ((BigInteger)1234 << 52), 6600, -52), sums.Bias(c, 1234));
        }
    }

    [Fact]
    public void Order_and_merging_change_no_byte()
    {
        Random random = new(3);
        for (int trial = 0; trial < 20; trial++)
        {
            double[][] rows = [.. Enumerable.Range(0, 40).Select(_ => Softmax(random, 9))];
            byte[] expected = Bytes(Merge(rows));
            random.Shuffle(rows);
            int cut = random.Next(1, 39);
            ClassProbabilitySums left = Merge(rows[..cut]);
            ClassProbabilitySums right = Merge(rows[cut..]);
            right.Add(left);
            Assert.Equal(expected, Bytes(right));
        }
    }

    [Fact]
    public void What_was_written_reads_back_and_every_prefix_is_refused()
    {
        byte[] bytes = Bytes(Merge([.. Enumerable.Range(0, 300).Select(i => Softmax(new Random(i), 5))]));
        Assert.Equal(12 + (16 * 5), bytes.Length);
        ClassProbabilitySums read = ClassProbabilitySums.Read([.. bytes, 7], 5, out int length);
        Assert.Equal(bytes.Length, length);
        Assert.Equal(bytes, Bytes(read));
        for (int n = 0; n < bytes.Length; n++)
        {
            Assert.Throws<FormatException>(() => ClassProbabilitySums.Read(bytes.AsSpan(0, n), 5, out _));
        }
    }

    [Theory]
    [InlineData(0, 6)] // classes
    [InlineData(11, 0x80)] // negative rows
    [InlineData(18, 0x10)] // a fraction of 1
    [InlineData(27, 0x80)] // a negative sum
    [InlineData(26, 1)] // more than the rows can add to
    public void Contradictions_are_refused(int at, byte value)
    {
        byte[] bytes = Bytes(Merge([Softmax(new Random(1), 5)]));
        bytes[at] = value;
        Assert.Throws<FormatException>(() => ClassProbabilitySums.Read(bytes, 5, out _));
    }

    [Fact]
    public void Without_rows_there_is_no_mean()
    {
        var sums = new ClassProbabilitySums(3);
        Assert.Equal((0.0, null, null), (sums.Sum(2), sums.Mean(2), sums.Bias(2, 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => sums.Sum(3));
        Assert.Throws<ArgumentException>(() => sums.Add(new ClassProbabilitySums(4)));
        sums.Add(Merge([Softmax(new Random(1), 3)]));
        sums.Clear();
        Assert.Equal(Bytes(new ClassProbabilitySums(3)), Bytes(sums));
    }

    private static ClassProbabilitySums Merge(double[][] rows)
    {
        byte[] values = [.. rows.SelectMany(r => r).SelectMany(BitConverter.GetBytes)];
        return Probed.Of("256", Probs, LogitType.Float64, values, rows[0].Length, new int[rows.Length]).Sums;
    }

    private static byte[] Repeat(double[] row, int times) => [.. Enumerable.Repeat(row, times).SelectMany(r => r).SelectMany(BitConverter.GetBytes)];

    private static double[] Softmax(Random random, int classes)
    {
        double[] p = new double[classes];
        RowKernel.Default.Softmax([.. Enumerable.Range(0, classes).Select(_ => random.NextDouble() * 30)], p);
        return p;
    }

    private static byte[] Bytes(ClassProbabilitySums sums)
    {
        var output = new ArrayBufferWriter<byte>();
        sums.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }
}
