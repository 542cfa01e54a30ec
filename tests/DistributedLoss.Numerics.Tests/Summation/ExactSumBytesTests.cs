using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Tests.Summation;

public class ExactSumBytesTests
{
    [Fact]
    public void What_was_written_reads_back_and_says_its_length()
    {
        for (var seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            var sum = new ExactSum();
            sum.Add(Samples.List(random, seed % Samples.ListKinds));
            sum.AddProduct(Samples.Finite(random), Samples.Finite(random));
            if (seed % 3 == 0)
                sum.Add(double.NaN);
            if (seed % 5 == 0)
                sum.Add(double.NegativeInfinity);
            var bytes = Bytes(sum);
            var read = ExactSum.Read([.. bytes, 1, 2, 3], out var length);
            Assert.Equal(bytes.Length, length);
            Assert.Equal(sum.ToRational(), read.ToRational());
            Assert.Equal(bytes, Bytes(read));
        }
    }

    // The layout, written out by hand.
    [Fact]
    public void The_layout_is_the_documented_one()
    {
        var sum = new ExactSum();
        Assert.Equal([0], Bytes(sum));
        sum.Add(-768.0);
        Assert.Equal([2, 8, 0, 1, 0, 3], Bytes(sum));
        sum.Add(double.NaN);
        sum.Add(double.PositiveInfinity);
        sum.Add(double.PositiveInfinity);
        Assert.Equal([2 + 4 + 8, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 8, 0, 1, 0, 3], Bytes(sum));
        sum.Clear();
        sum.AddProduct(double.Epsilon, double.Epsilon);
        Assert.Equal([1, 0x9C, 0xF7, 1, 0, 1], Bytes(sum));
    }

    [Fact]
    public void Every_prefix_is_refused()
    {
        var sum = new ExactSum();
        sum.Add([1.0, 1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity]);
        var bytes = Bytes(sum);
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<FormatException>(() => ExactSum.Read(bytes.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData(new byte[] { 3, 0, 0, 1, 0, 1 }, "flags")] // both signs
    [InlineData(new byte[] { 32 }, "flags")]
    [InlineData(new byte[] { 4, 0, 0, 0, 0, 0, 0, 0, 0 }, "NaN count")] // zero is said by no flag
    [InlineData(new byte[] { 8, 0, 0, 0, 0, 0, 0, 0, 128 }, "infinity count")] // negative
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, "empty")]
    [InlineData(new byte[] { 1, 0, 0, 1, 0, 2 }, "odd")]
    [InlineData(new byte[] { 1, 0, 0, 2, 0, 1, 0 }, "leading zero")]
    [InlineData(new byte[] { 1, 0x9B, 0xF7, 1, 0, 1 }, "2^-2148")] // 2^-2149
    [InlineData(new byte[] { 1, 0x40, 0x08, 1, 0, 1 }, "2^2112")] // 2^2112
    [InlineData(new byte[] { 1, 0x3F, 0x08, 1, 0, 3 }, "2^2112")] // 3 * 2^2111
    public void Bytes_of_no_sum_are_refused(byte[] bytes, string reason)
    {
        var error = Assert.Throws<FormatException>(() => ExactSum.Read(bytes, out _));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_sum_in_bytes_is_read_and_merged_often_without_overflow()
    {
        var sum = ExactSum.Read([1, 0x3F, 0x08, 1, 0, 1], out _);
        for (var i = 0; i < 5000; i++)
            sum.Add(ExactSum.Read([1, 0x3F, 0x08, 1, 0, 1], out _));
        Assert.Equal((5001, 2111), sum.ToRational());
    }

    [Fact]
    public void Random_bytes_are_refused_or_canonical()
    {
        var canonical = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(1, 24)];
            random.NextBytes(bytes);
            bytes[0] &= 0x13;
            if (bytes.Length > 4)
                (bytes[3], bytes[4]) = ((byte)random.Next(12), 0);
            ExactSum sum;
            int length;
            try
            {
                sum = ExactSum.Read(bytes, out length);
            }
            catch (FormatException)
            {
                continue;
            }

            canonical++;
            Assert.Equal(bytes[..length], Bytes(sum));
        }

        Assert.InRange(canonical, 100, 19_900);
    }

    [Fact]
    public void Special_counts_that_would_overflow_are_refused_and_change_nothing()
    {
        var full = ExactSum.Read([4, 255, 255, 255, 255, 255, 255, 255, 127], out _);
        var sum = new ExactSum();
        sum.Add([1.5, double.NaN]);
        var before = Bytes(sum);
        Assert.Throws<OverflowException>(() => sum.Add(full));
        Assert.Equal(before, Bytes(sum));
    }

    private static byte[] Bytes(ExactSum sum)
    {
        var output = new ArrayBufferWriter<byte>();
        sum.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }
}
