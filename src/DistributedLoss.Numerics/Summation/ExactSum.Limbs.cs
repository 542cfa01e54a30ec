using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Numerics.Summation;

/// <summary>Sums of blocks of values of like magnitudes, as those of losses are, and of their squares: by vectors, see <see cref="TwoLimbs"/>.</summary>
public sealed partial class ExactSum
{
    // Bits from one limb of a square to the next.
    private const int LimbBits = 50;

    /// <summary>Adds the values, or says no where one does not fit: nothing is added then.</summary>
    /// <param name="values">At most <see cref="TwoLimbs.MostValues"/>, a multiple of 4.</param>
    private bool TryAddLimbs(ReadOnlySpan<double> values)
    {
        if (!TwoLimbs.TryFor(values, out var limbs))
            return false;
        var (highs, lows, rests) = (Vector256<long>.Zero, Vector256<long>.Zero, Vector256<double>.Zero);
        foreach (var value in MemoryMarshal.Cast<double, Vector256<double>>(values))
        {
            rests |= limbs.Split(value, out var high, out var low);
            highs += high;
            lows += low;
        }

        // A rest is 0 or -0.
        if (!Vector256.EqualsAll(rests, Vector256<double>.Zero))
            return false;
        Flush([Vector256.Sum(highs)], limbs.HighExponent);
        Flush([Vector256.Sum(lows)], limbs.LowExponent);
        return true;
    }

    /// <summary>Adds the squares, or says no.</summary>
    /// <param name="values">As for <see cref="TryAddLimbs"/>.</param>
    private bool TryAddSquareLimbs(ReadOnlySpan<double> values) =>
        TwoLimbs.TryFor(values, out var limbs) && TryAddWithSquares(values, limbs, null, this);

    /// <summary>
    /// Adds values and their squares, or says no: nothing is added then. A value is m 2^(e-99), m an integer; its square is that rounded, p, plus an error: both are
    /// multiples of 2^(2e-198), which four limbs of 50 bits hold. p takes the first three, the error the second and third, and what is left of both, below
    /// 2^(2e-149), is one exact number for the last.
    /// </summary>
    /// <param name="values">At most <see cref="TwoLimbs.MostValues"/>, a multiple of 4, within the limbs' range.</param>
    internal static bool TryAddWithSquares(ReadOnlySpan<double> values, in TwoLimbs limbs, ExactSum? sum, ExactSum squares)
    {
        var first = (2 * limbs.Exponent) - 49;
        var shift1 = Vector256.Create(TwoLimbs.Shift(first));
        var shift2 = Vector256.Create(TwoLimbs.Shift(first - LimbBits));
        var shift3 = Vector256.Create(TwoLimbs.Shift(first - (2 * LimbBits)));
        var shift4 = Vector256.Create(TwoLimbs.Shift(first - (3 * LimbBits)));
        var (sum1, sum2, sum3, sum4) = (Vector256<long>.Zero, Vector256<long>.Zero, Vector256<long>.Zero, Vector256<long>.Zero);
        var (highs, lows, rests) = (Vector256<long>.Zero, Vector256<long>.Zero, Vector256<double>.Zero);
        foreach (var value in MemoryMarshal.Cast<double, Vector256<double>>(values))
        {
            rests |= limbs.Split(value, out var high, out var low);
            highs += high;
            lows += low;
            var square = value * value;
            var error = Vector256.FusedMultiplyAdd(value, value, -square);
            Take(ref square, shift1, ref sum1);
            Take(ref square, shift2, ref sum2);
            Take(ref square, shift3, ref sum3);
            Take(ref error, shift2, ref sum2);
            Take(ref error, shift3, ref sum3);
            square += error;
            Take(ref square, shift4, ref sum4);
        }

        if (!Vector256.EqualsAll(rests, Vector256<double>.Zero))
            return false;
        sum?.Flush([Vector256.Sum(highs)], limbs.HighExponent);
        sum?.Flush([Vector256.Sum(lows)], limbs.LowExponent);
        squares.Flush([Vector256.Sum(sum1)], first);
        squares.Flush([Vector256.Sum(sum2)], first - LimbBits);
        squares.Flush([Vector256.Sum(sum3)], first - (2 * LimbBits));
        squares.Flush([Vector256.Sum(sum4)], first - (3 * LimbBits));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take(ref Vector256<double> value, Vector256<double> shift, ref Vector256<long> sum)
    {
        var shifted = value + shift;
        sum += shifted.AsInt64() - shift.AsInt64();
        value -= shifted - shift;
    }
}
