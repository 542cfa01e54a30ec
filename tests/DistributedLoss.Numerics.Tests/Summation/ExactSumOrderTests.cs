using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Tests.Summation;

public class ExactSumOrderTests
{
    [Fact]
    public void Order_and_merge_tree_change_no_byte()
    {
        for (var seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            double[] values = [.. Samples.List(random, seed % Samples.ListKinds), .. Specials(random)];
            var expected = Bytes(Accumulate(values));
            Assert.Equal(expected, Bytes(Accumulate(Samples.Shuffled(random, values))));
            Assert.Equal(expected, Bytes(Tree(random, Samples.Shuffled(random, values))));
        }
    }

    [Fact]
    public void Detours_leave_no_trace_in_the_bytes()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var values = Samples.List(random, seed % Samples.ListKinds);
            var detour = Samples.List(random, random.Next(Samples.ListKinds));
            var sum = Accumulate(values);
            foreach (var value in detour)
            {
                sum.Add(value);
                sum.AddProduct(value, double.MaxValue);
                sum.AddProduct(-value, double.MaxValue);
                sum.AddProduct(-1, value);
            }

            Assert.Equal(Bytes(Accumulate(values)), Bytes(sum));
        }
    }

    [Theory]
    [InlineData(191)]
    [InlineData(192)]
    [InlineData(511)]
    [InlineData(515)]
    [InlineData(4096)]
    [InlineData(4099)]
    [InlineData(20_001)]
    public void Bulk_adds_equal_single_ones(int length)
    {
        for (var kind = 0; kind < Samples.ListKinds; kind++)
        {
            var random = new Random(kind);
            var values = new List<double>(Specials(random));
            while (values.Count < length)
                values.AddRange(Samples.List(random, kind));
            var array = values[..length].ToArray();
            var sum = new ExactSum();
            sum.Add(array);
            Assert.Equal(Bytes(Accumulate(array)), Bytes(sum));

            var squares = new ExactSum();
            foreach (var value in array)
                squares.AddProduct(value, value);
            sum.Clear();
            sum.AddSquares(array);
            Assert.Equal(Bytes(squares), Bytes(sum));
        }
    }

    /// <summary>Two limbs hold what is less than 47 octaves below the greatest value, or has its lowest bits there; these reach over all their edges.</summary>
    [Theory]
    [InlineData(40)]
    [InlineData(46)]
    [InlineData(47)]
    [InlineData(48)]
    [InlineData(120)]
    public void Bulk_adds_of_like_magnitudes_equal_single_ones(int octaves)
    {
        foreach (var top in new[] { -170, -151, -150, -149, -20, 0, 4, 46, 47, 48, 49 })
        {
            var random = new Random(top);
            foreach (var length in new[] { 32, 35, 4096 + 37 })
            {
                double[] values = [.. Enumerable.Range(0, length).Select(_ => Samples.Patterned(random, 1023 + top - octaves, 1023 + top))];
                var (sum, squares, single) = (new ExactSum(), new ExactSum(), new ExactSum());
                sum.Add(values);
                squares.AddSquares(values);
                Assert.Equal(Bytes(Accumulate(values)), Bytes(sum));
                foreach (var value in values)
                    single.AddProduct(value, value);
                Assert.Equal(Bytes(single), Bytes(squares));
            }
        }
    }

    [Theory]
    [InlineData(1.9999999999999998)]
    [InlineData(-1.9999999999999998)]
    [InlineData(3.68934881474191e+19)]
    [InlineData(-6.3723676445298084e-58)]
    public void Bulk_bins_hold_a_million_equal_all_ones_mantissas(double value)
    {
        const int count = 1 << 20;
        var values = new double[count];
        values.AsSpan().Fill(value);
        var sum = new ExactSum();
        sum.Add(values);
        Assert.Equal(value * count, sum.ToDouble());
        sum.Clear();
        sum.AddSquares(values);
        var exact = Rational.Of(value) * Rational.Of(value) * new Rational(count, 1);
        Assert.Equal(0, Rational.Compare(exact, Rational.OfRational(sum.ToRational())));
    }

    [Fact]
    public void Products_of_different_numbers_of_values_are_refused() =>
        Assert.Throws<ArgumentException>(() => new ExactSum().AddProducts([1.0, 2.0], [1.0]));

    private static double[] Specials(Random random) => random.Next(3) != 0
        ? []
        : [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(3) switch
        {
            0 => double.NaN,
            1 => double.PositiveInfinity,
            _ => double.NegativeInfinity,
        })];

    private static ExactSum Accumulate(double[] values)
    {
        var sum = new ExactSum();
        foreach (var value in values)
            sum.Add(value);
        return sum;
    }

    /// <summary>Splits at random places down to single values, and merges either child into the other.</summary>
    private static ExactSum Tree(Random random, ReadOnlySpan<double> values)
    {
        if (values.Length <= 1)
            return Accumulate(values.ToArray());
        var cut = random.Next(values.Length);
        var left = Tree(random, values[..Math.Max(cut, 1)]);
        var right = Tree(random, values[Math.Max(cut, 1)..]);
        var (into, from) = random.Next(2) == 0 ? (left, right) : (right, left);
        into.Add(random.Next(4) == 0 ? ExactSum.Read(Bytes(from), out _) : from);
        return into;
    }

    private static byte[] Bytes(ExactSum sum)
    {
        var output = new ArrayBufferWriter<byte>();
        sum.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }
}
