using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Tests.Summation;

public class ExactSumArrayTests
{
    private const int Length = 150;

    [Fact]
    public void Each_sum_is_the_ExactSum_of_its_values_whatever_the_order_and_merging()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var rows = Rows(random, seed % Samples.ListKinds);
            var array = Accumulate(rows);
            var expected = Enumerable.Range(0, Length).Select(_ => new ExactSum()).ToArray();
            foreach (var (index, value) in rows)
                expected[index].Add(value);
            for (var index = 0; index < Length; index++)
                Assert.Equal(Bytes(expected[index].WriteTo), Bytes(array.Get(index).WriteTo));
            Assert.Equal(ArrayBytes(expected), Bytes(array.WriteTo));

            var bulk = new ExactSumArray(Length);
            bulk.Add(Array.ConvertAll(rows, row => row.Index), Array.ConvertAll(rows, row => row.Value));
            Assert.Equal(Bytes(array.WriteTo), Bytes(bulk.WriteTo));

            random.Shuffle(rows);
            var cut = random.Next(rows.Length);
            var merged = Accumulate(rows[cut..]);
            merged.Add(Read(Accumulate(rows[..cut])));
            Assert.Equal(Bytes(array.WriteTo), Bytes(merged.WriteTo));
            Assert.Equal(Bytes(array.WriteTo), Bytes(Read(array).WriteTo));
        }
    }

    // The window takes magnitudes in [2^-204, 2^62) and sums in [-2^62, 2^62): values at, below and above each edge, many times.
    [Theory]
    [InlineData(-205)]
    [InlineData(-204)]
    [InlineData(-203)]
    [InlineData(-12)]
    [InlineData(51)]
    [InlineData(52)]
    [InlineData(61)]
    [InlineData(62)]
    [InlineData(63)]
    public void The_edges_of_the_window_are_invisible(int exponent)
    {
        foreach (var mantissa in new[] { 1.0, Math.BitDecrement(2.0), Math.BitDecrement(1.0), -1.0, -Math.BitDecrement(2.0) })
        {
            var value = Math.ScaleB(mantissa, exponent);
            var array = new ExactSumArray(3);
            var sum = new ExactSum();
            for (var i = 0; i < 100; i++)
            {
                array.Add(1, value);
                sum.Add(value);
                array.Add(1, -0.125 * i);
                sum.Add(-0.125 * i);
                Assert.Equal(sum.ToRational(), array.Get(1).ToRational());
                if (i % 10 == 0)
                    array = Read(array);
            }

            var bulk = new ExactSumArray(3);
            for (var i = 0; i < 100; i++)
                bulk.Add([1, 1], [value, -0.125 * i]);
            Assert.Equal(sum.ToRational(), bulk.Get(1).ToRational());
            Assert.Equal(sum.ToDouble(), array.ToDouble(1));
            Assert.Equal(sum.Quotient(100), array.Quotient(1, 100));
            Assert.Equal(ArrayBytes([new ExactSum(), sum, new ExactSum()]), Bytes(array.WriteTo));
            Assert.Equal(0, array.Get(0).Sign);
        }
    }

    [Fact]
    public void Carries_run_through_every_limb()
    {
        foreach (var step in new[] { 64, 128, 192, 255 })
        {
            // From just below a limb's end, one unit of 2^-204 more carries over all limbs above.
            var array = new ExactSumArray(2);
            var sum = new ExactSum();
            for (var exponent = -204; exponent < step - 205; exponent++)
                Add(Math.ScaleB(1, exponent));
            for (var i = 0; i < 4; i++)
                Add(Math.ScaleB(1, -204));
            Assert.Equal(sum.ToRational(), array.Get(1).ToRational());

            void Add(double value)
            {
                array.Add([1], [value]);
                sum.Add(value);
            }
        }
    }

    [Fact]
    public void An_array_can_be_added_to_itself()
    {
        var array = new ExactSumArray(2);
        foreach (var value in new[] { Math.ScaleB(1, 61), Math.ScaleB(1.5, 60), 1e-300, double.PositiveInfinity })
            array.Add(1, value);
        var twice = array.Get(1);
        twice.Add(twice);
        array.Add(array);
        Assert.Equal(Bytes(twice.WriteTo), Bytes(array.Get(1).WriteTo));
    }

    [Fact]
    public void Specials_are_counted_for_their_own_index()
    {
        var array = new ExactSumArray(4);
        array.Add(2, double.PositiveInfinity);
        array.Add(2, 1.5);
        array.Add(3, double.NaN);
        array.Add(array);
        Assert.Equal((2L, 0L, 3, 0), (array.Get(2).PositiveInfinityCount, array.Get(2).NaNCount, array.Get(2).ToRational().Mantissa, array.Get(2).ToRational().Exponent));
        Assert.Equal(double.PositiveInfinity, array.ToDouble(2));
        Assert.Equal(double.NaN, array.ToDouble(3));
        Assert.Equal(0.0, array.ToDouble(0));
    }

    [Fact]
    public void Wrong_indices_and_lengths_are_refused()
    {
        var array = new ExactSumArray(5);
        Assert.Throws<ArgumentOutOfRangeException>(() => array.Add(5, 1.0));
        Assert.Throws<ArgumentOutOfRangeException>(() => array.Add(-1, 1.0));
        Assert.Throws<ArgumentOutOfRangeException>(() => array.Get(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => array.Add([0, 5], [1.0, 1.0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => array.Add([-1], [1.0]));
        Assert.Throws<ArgumentException>(() => array.Add([1], [1.0, 1.0]));
        Assert.Throws<ArgumentException>(() => array.Add(new ExactSumArray(6)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExactSumArray(-1));
        Assert.Throws<DivideByZeroException>(() => array.Quotient(1, 0));
    }

    [Fact]
    public void The_layout_is_the_documented_one()
    {
        var array = new ExactSumArray(300);
        Assert.Equal([44, 1, 0, 0, 0, 0, 0, 0], Bytes(array.WriteTo));
        array.Add(7, 1.0);
        array.Add(7, -1.0);
        array.Add(8, 1e-300);
        array.Add(8, -1e-300);
        array.Add(257, -3.0);
        Assert.Equal([44, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 2, 0, 0, 1, 0, 3], Bytes(array.WriteTo));
    }

    [Theory]
    [InlineData(new byte[] { 4, 0, 0, 0, 0, 0, 0, 0 }, "length")]
    [InlineData(new byte[] { 3, 0, 0, 0, 1, 0, 0, 0 }, "number of entries")]
    [InlineData(new byte[] { 3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 1, 0, 1 }, "index")]
    [InlineData(new byte[] { 3, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 1, 0, 1 }, "index")]
    [InlineData(new byte[] { 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1 }, "empty")]
    [InlineData(new byte[] { 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1 }, "index")]
    [InlineData(new byte[] { 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 2 }, "odd")]
    public void Bytes_of_no_array_are_refused(byte[] bytes, string reason)
    {
        var error = Assert.Throws<FormatException>(() => ExactSumArray.Read(bytes, 3, out _));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_prefix_is_refused()
    {
        var bytes = Bytes(Accumulate(Rows(new Random(1), 0)).WriteTo);
        for (var length = 0; length < bytes.Length; length += 7)
            Assert.Throws<FormatException>(() => ExactSumArray.Read(bytes.AsSpan(0, length), Length, out _));
    }

    private static (int Index, double Value)[] Rows(Random random, int kind)
    {
        var rows = new List<(int, double)>();
        for (var i = 0; i < 30; i++)
        {
            foreach (var value in Samples.List(random, i % 3 == 0 ? kind : 5))
                rows.Add((random.Next(Length / 2) * 2, value));
        }

        if (random.Next(2) == 0)
            rows.Add((random.Next(Length), double.PositiveInfinity));
        return [.. rows];
    }

    private static ExactSumArray Accumulate((int Index, double Value)[] rows)
    {
        var array = new ExactSumArray(Length);
        foreach (var (index, value) in rows)
            array.Add(index, value);
        return array;
    }

    private static ExactSumArray Read(ExactSumArray array)
    {
        var bytes = Bytes(array.WriteTo);
        var read = ExactSumArray.Read([.. bytes, 9], array.Length, out var length);
        Assert.Equal(bytes.Length, length);
        return read;
    }

    /// <summary>What an array of these sums writes, by the description of <see cref="ExactSumArray.WriteTo"/>.</summary>
    private static byte[] ArrayBytes(ExactSum[] sums)
    {
        (int Index, byte[] Bytes)[] entries = [.. sums.Select((sum, index) => (index, Bytes(sum.WriteTo))).Where(entry => entry.Item2.Length > 1 || entry.Item2[0] != 0)];
        return [.. BitConverter.GetBytes(sums.Length), .. BitConverter.GetBytes(entries.Length), .. entries.SelectMany(e => (byte[])[.. BitConverter.GetBytes(e.Index), .. e.Bytes])];
    }

    private static byte[] Bytes(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }
}
