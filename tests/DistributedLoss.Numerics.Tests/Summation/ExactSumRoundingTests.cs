using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Tests.Summation;

public class ExactSumRoundingTests
{
    [Theory]
    [MemberData(nameof(ListKinds))]
    public void A_sum_is_the_exact_sum_rounded_once(int kind)
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var values = Samples.List(new Random(seed), kind);
            var sum = Sum(values);
            var exact = Rational.Sum(values);
            Assert.Equal(0, Rational.Compare(exact, Rational.OfRational(sum.ToRational())));
            Assert.Equal(exact.Numerator.Sign, sum.Sign);
            exact.AssertRoundsTo(sum.ToDouble());
        }
    }

    [Theory]
    [MemberData(nameof(ListKinds))]
    public void A_quotient_by_a_count_is_rounded_once(int kind)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var values = Samples.List(random, kind);
            foreach (var count in new[] { values.Length, 3, -7, 1L << 62, long.MinValue, long.MaxValue, random.NextInt64(1, 1 << 20) })
                (Rational.Sum(values) / new Rational(count, 1)).AssertRoundsTo(Sum(values).Quotient(count));
        }
    }

    [Theory]
    [MemberData(nameof(ListKinds))]
    public void A_quotient_by_a_sum_is_rounded_once(int kind)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var values = Samples.List(random, kind);
            var weights = Samples.List(random, random.Next(Samples.ListKinds));
            var denominator = Sum(weights);
            if (denominator.Sign != 0)
                (Rational.Sum(values) / Rational.Sum(weights)).AssertRoundsTo(Sum(values).Quotient(denominator));
        }
    }

    [Theory]
    [MemberData(nameof(ListKinds))]
    public void A_sum_of_products_is_the_exact_sum_rounded_once(int kind)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var left = Samples.List(random, kind);
            var right = left.Select(_ => Samples.List(random, random.Next(Samples.ListKinds))[0]).ToArray();
            var sum = new ExactSum();
            sum.AddProducts(left, right);
            var exact = left.Zip(right, (a, b) => Rational.Of(a) * Rational.Of(b)).Aggregate((a, b) => a + b);
            Assert.Equal(0, Rational.Compare(exact, Rational.OfRational(sum.ToRational())));
            exact.AssertRoundsTo(sum.ToDouble());
        }
    }

    // Each expected value follows from the definition of round to nearest even; u is half a unit in the last place of 1.
    [Theory]
    [InlineData(1.0, new[] { 1.0, 1.1102230246251565e-16 })]
    [InlineData(1.0000000000000004, new[] { 1.0000000000000002, 1.1102230246251565e-16 })]
    [InlineData(1.0000000000000002, new[] { 1.0, 1.1102230246251565e-16, 5e-324 })]
    [InlineData(-1.0, new[] { -1.0, -1.1102230246251565e-16, 5e-324 })]
    [InlineData(-1.0000000000000002, new[] { -1.0, -1.1102230246251565e-16, -5e-324 })]
    [InlineData(2.0, new[] { 1.9999999999999998, 1.1102230246251565e-16 })]
    [InlineData(-2.0, new[] { -1.9999999999999998, -1.1102230246251565e-16 })]
    [InlineData(double.MaxValue, new[] { double.MaxValue, 9.9792015476736e+291, -5e-324 })]
    [InlineData(double.PositiveInfinity, new[] { double.MaxValue, 9.9792015476736e+291 })]
    [InlineData(double.NegativeInfinity, new[] { -double.MaxValue, -double.MaxValue })]
    [InlineData(double.MaxValue, new[] { double.MaxValue, double.MaxValue, -double.MaxValue })]
    [InlineData(2.2250738585072014e-308, new[] { 2.225073858507201e-308, 5e-324 })]
    [InlineData(0.0, new[] { -0.0, -0.0 })]
    [InlineData(1e-300, new[] { 1e300, 1e-300, -1e300 })]
    public void Known_sums(double expected, double[] values) =>
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(Sum(values).ToDouble()));

    [Fact]
    public void Products_below_and_above_every_double_are_kept()
    {
        var sum = new ExactSum();
        sum.AddProduct(double.Epsilon, -double.Epsilon);
        Assert.Equal(-1, sum.Sign);
        Assert.Equal(long.MinValue, BitConverter.DoubleToInt64Bits(sum.ToDouble()));
        Assert.Equal((-1, -2148), sum.ToRational());
        sum.AddProduct(double.MaxValue, double.MaxValue);
        Assert.Equal(double.PositiveInfinity, sum.ToDouble());
        sum.AddProduct(-double.MaxValue, double.MaxValue);
        sum.AddProduct(double.Epsilon, double.Epsilon);
        Assert.Equal(0, sum.Sign);
        Assert.Equal(0L, BitConverter.DoubleToInt64Bits(sum.ToDouble()));
    }

    [Fact]
    public void Carries_are_in_time_for_more_additions_than_a_chunk_can_hold()
    {
        // All-ones mantissas at one exponent fill a chunk fastest: after 2,048 of them at the worst of the 32 places in a chunk.
        const int count = 10_000;
        foreach (var value in Enumerable.Range(0, 32).SelectMany(i => new[] { Math.ScaleB(double.MaxValue, -i), Math.ScaleB(-double.MaxValue, -i) }))
        {
            var sum = new ExactSum();
            var squares = new ExactSum();
            for (var i = 0; i < count; i++)
            {
                sum.Add(value);
                squares.AddProduct(value, value);
            }

            Assert.Equal(value, sum.Quotient(count));
            var exact = Rational.Of(value) * Rational.Of(value) * new Rational(count, 1);
            Assert.Equal(0, Rational.Compare(exact, Rational.OfRational(squares.ToRational())));
        }
    }

    [Fact]
    public void Two_to_the_62_additions_of_the_largest_product_fit()
    {
        var sum = new ExactSum();
        sum.AddProduct(double.MaxValue, double.MaxValue);
        for (var i = 0; i < 62; i++)
            sum.Add(sum);
        var exact = Rational.Of(double.MaxValue) * Rational.Of(double.MaxValue) * new Rational(1L << 62, 1);
        Assert.Equal(0, Rational.Compare(exact, Rational.OfRational(sum.ToRational())));
    }

    [Fact]
    public void Quotients_by_zero_are_refused()
    {
        var sum = Sum([1.0]);
        Assert.Throws<DivideByZeroException>(() => sum.Quotient(0));
        Assert.Throws<DivideByZeroException>(() => sum.Quotient(new ExactSum()));
        Assert.Throws<DivideByZeroException>(() => Sum([double.PositiveInfinity]).Quotient(new ExactSum()));
    }

    public static TheoryData<int> ListKinds() => [.. Enumerable.Range(0, Samples.ListKinds)];

    private static ExactSum Sum(double[] values)
    {
        var sum = new ExactSum();
        foreach (var value in values)
            sum.Add(value);
        return sum;
    }
}
