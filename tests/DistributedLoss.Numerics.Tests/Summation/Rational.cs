using System.Numerics;

namespace DistributedLoss.Numerics.Tests.Summation;

/// <summary>A plain big-integer fraction with a positive denominator: the oracle for everything exact.</summary>
internal readonly record struct Rational(BigInteger Numerator, BigInteger Denominator)
{
    private static BigInteger Grid { get; } = BigInteger.One << 1074;

    public static Rational Zero => new(BigInteger.Zero, BigInteger.One);

    /// <summary>Infinity stands for 2^1024, the value from which IEEE 754 measures the distance when it rounds to infinity.</summary>
    public static Rational Of(double value)
    {
        Assert.False(double.IsNaN(value));
        if (double.IsInfinity(value))
            return new(value.CompareTo(0) * (BigInteger.One << 1024), BigInteger.One);
        var bits = BitConverter.DoubleToInt64Bits(Math.Abs(value));
        var field = (int)(bits >> 52);
        var mantissa = field == 0 ? bits : (bits & 0xFFFFFFFFFFFFF) + (1L << 52);
        var scaled = (BigInteger)mantissa << (Math.Max(field, 1) - 1);
        return new(value < 0 ? -scaled : scaled, Grid);
    }

    public static Rational OfRational((BigInteger Mantissa, int Exponent) value) => value.Exponent >= 0
        ? new(value.Mantissa << value.Exponent, BigInteger.One)
        : new(value.Mantissa, BigInteger.One << -value.Exponent);

    public static Rational Sum(IEnumerable<double> values) =>
        new(values.Aggregate(BigInteger.Zero, (sum, value) => sum + Of(value).Over(Grid)), Grid);

    public static Rational operator +(Rational a, Rational b) => a.Denominator == b.Denominator
        ? a with { Numerator = a.Numerator + b.Numerator }
        : new((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    public static Rational operator -(Rational a, Rational b) => a + (b with { Numerator = -b.Numerator });

    public static Rational operator *(Rational a, Rational b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    public static Rational operator /(Rational a, Rational b) => b.Numerator.Sign < 0
        ? new(-a.Numerator * b.Denominator, -b.Numerator * a.Denominator)
        : new(a.Numerator * b.Denominator, b.Numerator * a.Denominator);

    public static int Compare(Rational a, Rational b) => (a.Numerator * b.Denominator).CompareTo(b.Numerator * a.Denominator);

    public Rational Abs() => this with { Numerator = BigInteger.Abs(Numerator) };

    /// <summary>
    /// Asserts the definition of rounding to nearest, ties to even: no other double is nearer, and one as near has an odd last bit.
    /// </summary>
    public void AssertRoundsTo(double actual)
    {
        Assert.False(double.IsNaN(actual), "rounded to NaN");
        if (Numerator.Sign != 0)
            Assert.Equal(Numerator.Sign < 0, double.IsNegative(actual));
        else
            Assert.Equal(0L, BitConverter.DoubleToInt64Bits(actual));
        var distance = (this - Of(actual)).Abs();
        foreach (var neighbour in new[] { Math.BitIncrement(actual), Math.BitDecrement(actual) })
        {
            if (double.IsInfinity(actual) && neighbour.Equals(actual))
                continue;
            var order = Compare(distance, (this - Of(neighbour)).Abs());
            Assert.True(order <= 0, $"{neighbour:R} is nearer than {actual:R}");
            Assert.True(order != 0 || (BitConverter.DoubleToInt64Bits(actual) & 1) == 0, $"{actual:R} is the odd one of a tie");
        }
    }

    private BigInteger Over(BigInteger denominator) => Denominator == denominator ? Numerator : Numerator * (denominator / Denominator);
}
