using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Numerics.Summation;

/// <summary>
/// Doubles of one block cut into two integers each, by vectors: x = high 2^(e-49) + low 2^(e-99), where every |x| is below 2^e. Neither integer is above 2^49 in
/// magnitude, so that 2^12 of them and more add up in 64 bits: an exact sum of many values costs a few integer additions a value, whatever their order.
/// </summary>
/// <remarks>
/// 1.5 x 2^k plus a value below 2^(k-1) is rounded to a multiple of 2^(k-52), which the sum's low bits then hold as an integer: the way of R. Demmel and
/// H. D. Nguyen, "Parallel reproducible summation" (2015). A value with bits below 2^(e-99), as a few of 2^(e-47) and less have, leaves a rest.
/// </remarks>
internal readonly struct TwoLimbs
{
    /// <summary>Values of one block.</summary>
    public const int MostValues = 1 << 12;

    private const int HighBits = 49;
    private const int LowBits = 99;

    // Sums of 2^12 values stay below 2^62, all that a FixedPointWindow takes; and units of 2^(e-99) within its 2^-256.
    private const int MostExponent = 48;
    private const int LeastExponent = -150;

    private readonly Vector256<double> _highShift;
    private readonly Vector256<double> _lowShift;

    private TwoLimbs(int exponent)
    {
        HighExponent = exponent - HighBits;
        LowExponent = exponent - LowBits;
        _highShift = Vector256.Create(Shift(HighExponent));
        _lowShift = Vector256.Create(Shift(LowExponent));
    }

    /// <summary>High's unit is two to this.</summary>
    public int HighExponent { get; }

    public int LowExponent { get; }

    /// <summary>What every |x| is below is two to this.</summary>
    public int Exponent => HighExponent + HighBits;

    /// <summary>1.5 x 2^k whose last place is 2^<paramref name="unitExponent"/>.</summary>
    public static double Shift(int unitExponent) => Math.ScaleB(1.5, unitExponent + 52);

    /// <returns>False where one of the values is NaN, infinite or 2^48 and above.</returns>
    public static bool TryFor(ReadOnlySpan<double> values, out TwoLimbs limbs)
    {
        var vectors = MemoryMarshal.Cast<double, Vector256<long>>(values);
        var mask = Vector256.Create(long.MaxValue);
        var (most, other) = (Vector256<long>.Zero, Vector256<long>.Zero);
        for (var i = 0; i + 1 < vectors.Length; i += 2)
        {
            most = Vector256.Max(most, vectors[i] & mask);
            other = Vector256.Max(other, vectors[i + 1] & mask);
        }

        if (vectors.Length % 2 != 0)
            most = Vector256.Max(most, vectors[^1] & mask);
        most = Vector256.Max(most, other);
        var greatest = Math.Max(Math.Max(most[0], most[1]), Math.Max(most[2], most[3]));
        foreach (var value in values[(vectors.Length * Vector256<long>.Count)..])
            greatest = Math.Max(greatest, BitConverter.DoubleToInt64Bits(value) & long.MaxValue);
        return TryFor(BitConverter.Int64BitsToDouble(greatest), out limbs);
    }

    /// <param name="greatest">From +0.0 up, no less than the magnitude of any value.</param>
    /// <returns>False where it is NaN, infinite or 2^48 and above.</returns>
    public static bool TryFor(double greatest, out TwoLimbs limbs)
    {
        var exponent = (int)(BitConverter.DoubleToUInt64Bits(greatest) >> 52) - 1022;
        limbs = exponent <= MostExponent ? new TwoLimbs(Math.Max(exponent, LeastExponent)) : default;
        return exponent <= MostExponent;
    }

    /// <returns>What is left of each value: all zeros where the two integers are all of it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> Split(Vector256<double> values, out Vector256<long> high, out Vector256<long> low)
    {
        var shifted = values + _highShift;
        high = shifted.AsInt64() - _highShift.AsInt64();
        values -= shifted - _highShift;
        shifted = values + _lowShift;
        low = shifted.AsInt64() - _lowShift.AsInt64();
        return values - (shifted - _lowShift);
    }
}
