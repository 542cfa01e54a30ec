using System.Buffers.Binary;
using System.Numerics;

namespace DistributedLoss.Numerics.Summation;

public sealed partial class ExactSum
{
    private const int LimbCount = ChunkCount + 1;

    /// <summary>-1, 0 or 1: the sign of the finite part.</summary>
    public int Sign
    {
        get
        {
            Span<uint> limbs = stackalloc uint[LimbCount];
            return Magnitude(limbs);
        }
    }

    /// <summary>
    /// The sum rounded to nearest, ties to even; beyond the range of double, an infinity, as IEEE 754 rounds. A sum of zero is
    /// +0.0; -0.0 comes only from a negative sum of products too small for a double. With any NaN, or infinities of both signs: NaN;
    /// with infinities of one sign: that infinity.
    /// </summary>
    public double ToDouble()
    {
        if (HasSpecials)
            return SpecialValue();
        var (mantissa, exponent) = ToRational();
        return CorrectRounding.ToDouble(mantissa, exponent);
    }

    /// <summary>The sum divided by a count, rounded once, to nearest, ties to even. Infinities and NaN as in <see cref="ToDouble"/>.</summary>
    /// <exception cref="DivideByZeroException">The count is zero: a mean of nothing is for the caller to name.</exception>
    public double Quotient(long count)
    {
        if (count == 0)
            throw new DivideByZeroException("A sum was divided by a count of zero.");
        if (HasSpecials)
            return SpecialValue() / count;
        var (mantissa, exponent) = ToRational();
        return CorrectRounding.Quotient(mantissa, count, exponent);
    }

    /// <summary>The exact quotient of two sums, rounded once. Infinite or NaN sums divide as IEEE 754 divides.</summary>
    /// <exception cref="DivideByZeroException">The denominator is an exact zero.</exception>
    public double Quotient(ExactSum denominator)
    {
        ArgumentNullException.ThrowIfNull(denominator);
        if (HasSpecials || denominator.HasSpecials)
        {
            // A finite sum takes part by its sign alone, which decides the quotient with anything infinite.
            var above = HasSpecials ? SpecialValue() : Sign;
            var below = denominator.HasSpecials ? denominator.SpecialValue() : denominator.Sign;
            return below == 0 ? throw ZeroDenominator() : above / below;
        }

        var (numeratorMantissa, numeratorExponent) = ToRational();
        var (denominatorMantissa, denominatorExponent) = denominator.ToRational();
        return denominatorMantissa.IsZero
            ? throw ZeroDenominator()
            : CorrectRounding.Quotient(numeratorMantissa, denominatorMantissa, numeratorExponent - denominatorExponent);
    }

    /// <summary>The finite part, exactly: Mantissa * 2^Exponent with an odd mantissa, or (0, 0).</summary>
    public (BigInteger Mantissa, int Exponent) ToRational()
    {
        Span<byte> bytes = stackalloc byte[LimbCount * sizeof(uint)];
        var length = OddMagnitude(bytes, out var sign, out var exponent);
        var magnitude = new BigInteger(bytes[..length], isUnsigned: true);
        return (sign < 0 ? -magnitude : magnitude, exponent);
    }

    /// <summary>Whether this could be the sum of <paramref name="count"/> addends: counts alone can contradict it.</summary>
    internal bool CouldSum(long count)
    {
        var specials = new Wide(0, (ulong)NaNCount) + (ulong)PositiveInfinityCount + (ulong)NegativeInfinityCount;
        return specials < (ulong)count || (specials == (ulong)count && Sign == 0);
    }

    /// <summary>What a sum with at least one NaN or infinity is.</summary>
    private double SpecialValue() =>
        NaNCount != 0 || (PositiveInfinityCount != 0 && NegativeInfinityCount != 0) ? double.NaN
        : PositiveInfinityCount != 0 ? double.PositiveInfinity
        : double.NegativeInfinity;

    private static DivideByZeroException ZeroDenominator() => new("A sum was divided by a sum that is exactly zero.");

    /// <summary>
    /// The finite part's magnitude as |sum| = M * 2^exponent with M odd: M's little-endian bytes without leading zeros. Returns their
    /// number, 0 for a zero sum (whose exponent is 0).
    /// </summary>
    private int OddMagnitude(Span<byte> bytes, out int sign, out int exponent)
    {
        Span<uint> limbs = stackalloc uint[LimbCount];
        sign = Magnitude(limbs);
        exponent = 0;
        if (sign == 0)
            return 0;
        var first = Scan.FirstNonzero(limbs);
        var last = Scan.LastNonzero(limbs);
        var shift = BitOperations.TrailingZeroCount(limbs[first]);
        exponent = LowestExponent + (32 * first) + shift;
        for (var i = first; i <= last; i++)
        {
            var above = i < last ? (ulong)limbs[i + 1] << 32 : 0;
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[((i - first) * sizeof(uint))..], (uint)((above | limbs[i]) >> shift));
        }

        var length = (last - first + 1) * sizeof(uint);
        while (bytes[length - 1] == 0)
            length--;
        return length;
    }

    /// <summary>Writes |sum| on the grid of 2^LowestExponent, little-endian, and returns the sum's sign.</summary>
    private int Magnitude(Span<uint> limbs)
    {
        var carry = 0L;
        for (var i = 0; i < ChunkCount; i++)
        {
            var chunk = _chunks[i] + carry;
            limbs[i] = (uint)chunk;
            carry = chunk >> 32;
        }

        limbs[ChunkCount] = (uint)carry;
        if (carry >= 0)
            return Scan.FirstNonzero(limbs) >= 0 ? 1 : 0;
        var borrow = 1UL;
        for (var i = 0; i < LimbCount; i++)
        {
            var limb = borrow + ~limbs[i];
            limbs[i] = (uint)limb;
            borrow = limb >> 32;
        }

        return -1;
    }
}
