using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Tests.Summation;

public class ExactSumSpecialsTests
{
    private const double Inf = double.PositiveInfinity;

    [Theory]
    [InlineData(new[] { 1.0, Inf, -1e308 }, Inf)]
    [InlineData(new[] { -Inf, 5.0 }, -Inf)]
    [InlineData(new[] { Inf, -Inf }, double.NaN)]
    [InlineData(new[] { 1.0, double.NaN, Inf }, double.NaN)]
    public void Sums_with_specials_are_what_IEEE_addition_gives(double[] values, double expected)
    {
        var sum = new ExactSum();
        sum.Add(values);
        Assert.Equal(expected, sum.ToDouble());
        Assert.Equal(expected, sum.Quotient(3));
        Assert.Equal(-expected, sum.Quotient(-3));
        Assert.Equal(values.Sum(), sum.ToDouble());
    }

    [Fact]
    public void Specials_are_counted_apart_and_leave_the_finite_part_alone()
    {
        var sum = new ExactSum();
        sum.Add([1.5, Inf, double.NaN, -Inf, -Inf, -double.NaN, 2.0, -Inf]);
        Assert.Equal((2L, 1L, 3L), (sum.NaNCount, sum.PositiveInfinityCount, sum.NegativeInfinityCount));
        Assert.Equal((7, -1), sum.ToRational());
        Assert.Equal(1, sum.Sign);
        sum.Clear();
        Assert.Equal((0L, 0L, 0L, 0), (sum.NaNCount, sum.PositiveInfinityCount, sum.NegativeInfinityCount, sum.Sign));
    }

    [Theory]
    [InlineData(0.0, Inf)]
    [InlineData(Inf, -0.0)]
    [InlineData(-2.0, Inf)]
    [InlineData(-Inf, -2.0)]
    [InlineData(double.NaN, 0.0)]
    [InlineData(-Inf, Inf)]
    public void Products_with_specials_are_counted_as_IEEE_multiplication_has_them(double a, double b)
    {
        var sum = new ExactSum();
        sum.AddProduct(a, b);
        Assert.Equal(a * b, sum.ToDouble());
        Assert.Equal(1, sum.NaNCount + sum.PositiveInfinityCount + sum.NegativeInfinityCount);
        Assert.Equal(0, sum.Sign);
    }

    // 1e308 + 1e308 overflows a double but is finite; it must not act as an infinity.
    [Theory]
    [InlineData(new[] { Inf }, new[] { -2.0 }, -Inf)]
    [InlineData(new[] { 1.0 }, new[] { Inf }, 0.0)]
    [InlineData(new[] { 1e308, 1e308 }, new[] { Inf }, 0.0)]
    [InlineData(new[] { Inf }, new[] { 1e308, 1e308 }, Inf)]
    [InlineData(new[] { Inf }, new[] { -Inf }, double.NaN)]
    [InlineData(new[] { double.NaN }, new[] { 1.0 }, double.NaN)]
    [InlineData(new[] { 0.0 }, new[] { Inf }, 0.0)]
    public void Quotients_with_specials_are_what_IEEE_division_gives(double[] numerator, double[] denominator, double expected)
    {
        var above = new ExactSum();
        above.Add(numerator);
        var below = new ExactSum();
        below.Add(denominator);
        Assert.Equal(expected, above.Quotient(below));
    }
}
