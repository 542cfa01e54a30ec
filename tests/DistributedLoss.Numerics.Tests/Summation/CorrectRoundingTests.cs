using System.Numerics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Tests.Summation;

public class CorrectRoundingTests
{
    [Fact]
    public void Ratios_of_integers_are_rounded_once()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var numerator = Integer(random);
            var denominator = Integer(random);
            if (denominator == 0)
                continue;
            (new Rational(numerator, 1) / new Rational(denominator, 1)).AssertRoundsTo(CorrectRounding.Quotient(numerator, denominator));
            var down = random.Next(0, 1200);
            (new Rational(numerator, BigInteger.One << down) / new Rational(denominator, 1)).AssertRoundsTo(CorrectRounding.Quotient(numerator, denominator, -down));
        }
    }

    [Fact]
    public void Fractions_of_any_size_are_rounded_once()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var numerator = Big(random);
            var denominator = Big(random);
            var exponent = random.Next(-1200, 1200);
            var scale = exponent < 0 ? new Rational(1, BigInteger.One << -exponent) : new Rational(BigInteger.One << exponent, 1);
            (new Rational(numerator, 1) * scale).AssertRoundsTo(CorrectRounding.ToDouble(numerator, exponent));
            if (!denominator.IsZero)
                (new Rational(numerator, 1) * scale / new Rational(denominator, 1)).AssertRoundsTo(CorrectRounding.Quotient(numerator, denominator, exponent));
        }
    }

    // 2^-1075 is the tie between 0 and the smallest subnormal; 2^1024 - 2^970 the one between the greatest double and infinity.
    [Fact]
    public void The_ties_at_both_ends_go_to_even()
    {
        Assert.Equal(0.0, CorrectRounding.ToDouble(1, -1075));
        Assert.Equal(double.Epsilon, CorrectRounding.ToDouble((BigInteger.One << 200) + 1, -1275));
        Assert.Equal(2 * double.Epsilon, CorrectRounding.ToDouble(3, -1075));
        Assert.Equal(0.0, CorrectRounding.ToDouble(1, -5000));
        Assert.Equal(double.PositiveInfinity, CorrectRounding.ToDouble((BigInteger.One << 54) - 1, 970));
        Assert.Equal(double.MaxValue, CorrectRounding.ToDouble((BigInteger.One << 254) - (BigInteger.One << 200) - 1, 770));
        Assert.Equal(double.NegativeInfinity, CorrectRounding.ToDouble(-1, 5000));
    }

    [Fact]
    public void A_zero_denominator_is_refused()
    {
        Assert.Throws<DivideByZeroException>(() => CorrectRounding.Quotient(1L, 0L));
        Assert.Throws<DivideByZeroException>(() => CorrectRounding.Quotient(BigInteger.Zero, BigInteger.Zero));
    }

    private static long Integer(Random random) => random.Next(6) switch
    {
        0 => random.Next(-5, 6),
        1 => long.MinValue + random.Next(2),
        2 => long.MaxValue - random.Next(2),
        3 => (1L << 53) + random.Next(-3, 4),
        _ => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64),
    };

    private static BigInteger Big(Random random)
    {
        var bytes = new byte[random.Next(1, 60)];
        random.NextBytes(bytes);
        if (random.Next(3) == 0)
            bytes.AsSpan(0, bytes.Length - 1).Fill((byte)(random.Next(2) * 255));
        return new BigInteger(bytes);
    }
}
