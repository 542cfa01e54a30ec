using System.Numerics;

namespace DistributedLoss.Numerics.Summation;

/// <summary>
/// Exact integers and rationals to double, rounded once: to nearest, ties to even, with gradual underflow, and infinity from
/// 2^1024 - 2^970 upwards. The last step of every statistic that is computed in integers.
/// </summary>
public static class CorrectRounding
{
    private const int MinExponent = -1074;

    // Every integer up to here is a double, so that one hardware division is the correctly rounded quotient.
    private const long LargestExactInteger = 1L << 53;

    /// <summary>mantissa * 2^exponent.</summary>
    public static double ToDouble(BigInteger mantissa, int exponent)
    {
        if (mantissa.IsZero)
            return 0.0;
        var magnitude = BigInteger.Abs(mantissa);
        var excess = (int)magnitude.GetBitLength() - 63;
        if (excess <= 0)
            return Round((ulong)magnitude << -excess, false, exponent + excess, mantissa.Sign < 0);
        var head = magnitude >> excess;
        return Round((ulong)head, head << excess != magnitude, exponent + excess, mantissa.Sign < 0);
    }

    /// <summary>numerator / denominator * 2^exponent.</summary>
    /// <exception cref="DivideByZeroException">The denominator is zero.</exception>
    public static double Quotient(BigInteger numerator, BigInteger denominator, int exponent = 0)
    {
        if (denominator.IsZero)
            throw new DivideByZeroException($"{numerator} was divided by zero.");
        if (numerator.IsZero)
            return 0.0;
        var above = BigInteger.Abs(numerator);
        var below = BigInteger.Abs(denominator);

        // An integer quotient of 62 or 63 bits, and a remainder that only matters by being zero or not.
        var shift = 62 - (int)(above.GetBitLength() - below.GetBitLength());
        if (shift >= 0)
            above <<= shift;
        else
            below <<= -shift;
        var quotient = BigInteger.DivRem(above, below, out var remainder);
        return Round((ulong)quotient, !remainder.IsZero, exponent - shift, numerator.Sign != denominator.Sign);
    }

    /// <summary>numerator / denominator * 2^exponent, correctly rounded also beyond 2^53.</summary>
    /// <exception cref="DivideByZeroException">The denominator is zero.</exception>
    public static double Quotient(long numerator, long denominator, int exponent = 0)
    {
        if (denominator == 0)
            throw new DivideByZeroException($"{numerator} was divided by zero.");
        if (numerator == 0)
            return 0.0;
        if (exponent == 0 && IsExact(numerator) && IsExact(denominator))
            return (double)numerator / denominator;
        return Divide(numerator, denominator, exponent);
    }

    // A method of its own: the framework's wide integers are compiled when they are first needed, and a short run does not need them.
    private static double Divide(long numerator, long denominator, int exponent)
    {
        var above = (UInt128)Int128.Abs(numerator);
        var below = (ulong)Int128.Abs(denominator);

        // As above: the shifted numerator has 62 bits more than the denominator, 126 at most.
        var shift = 62 + BitOperations.LeadingZeroCount((ulong)above) - BitOperations.LeadingZeroCount(below);
        var (quotient, remainder) = UInt128.DivRem(above << Math.Max(shift, 0), (UInt128)below << Math.Max(-shift, 0));
        return Round((ulong)quotient, remainder != 0, exponent - shift, numerator < 0 != denominator < 0);
    }

    private static bool IsExact(long value) => value is >= -LargestExactInteger and <= LargestExactInteger;

    /// <summary>
    /// Rounds (head + f) * 2^exponent, where head has 62 or 63 bits, 0 &lt;= f &lt; 1, and sticky says that f is not zero.
    /// </summary>
    private static double Round(ulong head, bool sticky, int exponent, bool negative)
    {
        var bits = 64 - BitOperations.LeadingZeroCount(head);
        var lastPlace = Math.Max(bits + exponent - 53, MinExponent);
        var drop = lastPlace - exponent;
        ulong encoded = 0;

        // From 64 dropped bits on, the value is below half of the smallest subnormal.
        if (drop < 64)
        {
            var kept = head >> drop;
            var rest = head & ((1UL << drop) - 1);
            var half = 1UL << (drop - 1);
            if (rest > half || (rest == half && (sticky || (kept & 1) != 0)))
                kept++;

            // kept carries the implicit bit, which also steps the exponent field when rounding reaches the next power of two.
            const ulong infinity = 0x7FFUL << 52;
            encoded = lastPlace > 971 ? infinity : Math.Min(((ulong)(lastPlace - MinExponent) << 52) + kept, infinity);
        }

        return BitConverter.UInt64BitsToDouble(negative ? encoded | (1UL << 63) : encoded);
    }
}
