using System.Runtime.CompilerServices;

namespace DistributedLoss.Numerics.Summation;

/// <summary>
/// The exact sum of any finite doubles and of any products of two finite doubles. The order of additions and merges is
/// unobservable: it changes neither the value read nor the bytes written. Reading rounds once, to nearest, ties to even.
/// NaN and the infinities are counted apart and never enter the finite part.
/// </summary>
/// <remarks>
/// A superaccumulator after R. M. Neal, "Fast exact summation using small and large superaccumulators" (arXiv:1505.05571):
/// overlapping signed 64-bit chunks, 32 bits apart, over the fixed-point grid 2^-2148 (the smallest product) upwards. Carries
/// are delayed until the chunks could overflow. It holds 2^62 additions of anything at all. Readers do not write: a sum
/// that nobody adds to may be read from several threads.
/// </remarks>
public sealed partial class ExactSum
{
    /// <summary>Weight of the grid's lowest bit: the product of the two smallest subnormals is 2^-2148.</summary>
    internal const int LowestExponent = -2148;

    /// <summary>2^62 products of magnitude below 2^2048 stay below 2^2110; bytes that claim 2^2112 or more are refused.</summary>
    internal const int EndExponent = 2112;

    // 136 chunks reach 2^2204 and the last one has 31 bits above that, so that no number of merges of sums read from bytes
    // (each below 2^EndExponent) can overflow it.
    private const int ChunkCount = 136;

    // Every operation adds less than 2^52 to any one chunk, and a carry leaves less than 2^32: 2,047 would still fit in 63 bits.
    private const int MaxPending = 2000;

    private const long MantissaMask = (1L << 52) - 1;
    private const long ImplicitBit = 1L << 52;
    private const int SpecialExponent = 0x7FF;

    private readonly long[] _chunks = new long[ChunkCount];
    private int _pending;

    /// <summary>NaNs added, or products that are NaN (0 times infinity among them).</summary>
    public long NaNCount { get; private set; }

    public long PositiveInfinityCount { get; private set; }

    public long NegativeInfinityCount { get; private set; }

    /// <summary>Bytes of the heap that one sum occupies: the object, its chunk array and their headers.</summary>
    internal const int AllocatedBytes = (ChunkCount * sizeof(long)) + 24 + 56;

    internal bool HasSpecials => (NaNCount | PositiveInfinityCount | NegativeInfinityCount) != 0;

    public void Add(double value)
    {
        if (_pending == MaxPending)
            Carry();
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >>> 52) & SpecialExponent;
        var mantissa = bits & MantissaMask;
        if ((uint)(exponent - 1) < SpecialExponent - 1)
        {
            mantissa |= ImplicitBit;
        }
        else if (exponent == SpecialExponent)
        {
            CountSpecial(value);
            return;
        }
        else
        {
            exponent = 1;
        }

        // The mantissa's lowest bit weighs 2^(exponent - 1075).
        var position = exponent - 1075 - LowestExponent;
        var shift = position & 31;
        var sign = bits >> 63;
        var low = (mantissa << shift) & uint.MaxValue;
        var high = mantissa >> (32 - shift);
        var chunks = _chunks.AsSpan(position >> 5, 2);
        chunks[0] += (low ^ sign) - sign;
        chunks[1] += (high ^ sign) - sign;
        _pending++;
    }

    /// <summary>Adds a times b without rounding, whatever the range of the product.</summary>
    public void AddProduct(double a, double b)
    {
        if (!double.IsFinite(a) || !double.IsFinite(b))
        {
            CountSpecial(a * b);
            return;
        }

        if (_pending == MaxPending)
            Carry();
        var sign = (BitConverter.DoubleToInt64Bits(a) ^ BitConverter.DoubleToInt64Bits(b)) >> 63;
        var high = Math.BigMul(Mantissa(a, out var exponentA), Mantissa(b, out var exponentB), out ulong low);

        // The 106-bit product's lowest bit weighs 2^(exponentA + exponentB - 2150): at least 2^LowestExponent.
        var position = exponentA + exponentB - 2150 - LowestExponent;
        var shift = position & 31;
        var middle = (high << shift) | (low >> 1 >> (63 - shift));
        var chunks = _chunks.AsSpan(position >> 5, 4);
        chunks[0] += ((long)(uint)(low << shift) ^ sign) - sign;
        chunks[1] += ((long)(low << shift >> 32) ^ sign) - sign;
        chunks[2] += ((long)(uint)middle ^ sign) - sign;
        chunks[3] += ((long)(high >> (32 - shift)) ^ sign) - sign;
        _pending++;
    }

    /// <summary>Adds every addend of <paramref name="other"/>, which stays as it was (and may be this very sum).</summary>
    /// <exception cref="OverflowException">A count of NaNs or infinities would pass 2^63 - 1; nothing was added.</exception>
    public void Add(ExactSum other)
    {
        ArgumentNullException.ThrowIfNull(other);
        AddSpecials(other.NaNCount, other.PositiveInfinityCount, other.NegativeInfinityCount);
        AddFinite(other);
    }

    public void Clear()
    {
        Array.Clear(_chunks);
        _pending = 0;
        NaNCount = PositiveInfinityCount = NegativeInfinityCount = 0;
    }

    /// <summary>Adds the finite part of another sum alone.</summary>
    internal void AddFinite(ExactSum other)
    {
        if (_pending == MaxPending)
            Carry();
        Span<uint> limbs = stackalloc uint[LimbCount];
        var sign = (long)other.Magnitude(limbs);
        for (var i = 0; i < ChunkCount; i++)
            _chunks[i] += sign * limbs[i];
        _pending++;
    }

    /// <summary>Adds (negative ? -1 : 1) * magnitude * 2^exponent, the magnitude in little-endian bytes.</summary>
    internal void AddMagnitude(ReadOnlySpan<byte> magnitude, int exponent, bool negative)
    {
        if (_pending == MaxPending)
            Carry();
        var sign = negative ? -1L : 1L;
        for (var i = 0; i < magnitude.Length; i++)
        {
            var position = exponent - LowestExponent + (8 * i);
            var piece = (ulong)magnitude[i] << (position & 31);
            _chunks[position >> 5] += sign * (uint)piece;
            _chunks[(position >> 5) + 1] += sign * (long)(piece >> 32);
        }

        _pending++;
    }

    internal void AddSpecials(long naNs, long positiveInfinities, long negativeInfinities)
    {
        var sums = (checked(NaNCount + naNs), checked(PositiveInfinityCount + positiveInfinities),
            checked(NegativeInfinityCount + negativeInfinities));
        (NaNCount, PositiveInfinityCount, NegativeInfinityCount) = sums;
    }

    private static ulong Mantissa(double value, out int exponent)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        exponent = (int)(bits >>> 52) & SpecialExponent;
        var mantissa = (ulong)(bits & MantissaMask);
        if (exponent != 0)
            return mantissa | (ulong)ImplicitBit;
        exponent = 1;
        return mantissa;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CountSpecial(double value)
    {
        if (double.IsNaN(value))
            NaNCount++;
        else if (value > 0)
            PositiveInfinityCount++;
        else
            NegativeInfinityCount++;
    }

    /// <summary>Leaves every chunk but the last in [0, 2^32); the last keeps the sign.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Carry()
    {
        var chunks = _chunks;
        var carry = 0L;
        for (var i = 0; i < ChunkCount - 1; i++)
        {
            var chunk = chunks[i] + carry;
            chunks[i] = chunk & uint.MaxValue;
            carry = chunk >> 32;
        }

        chunks[ChunkCount - 1] += carry;
        _pending = 0;
    }
}
