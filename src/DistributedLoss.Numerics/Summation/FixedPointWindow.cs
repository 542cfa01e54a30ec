using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DistributedLoss.Numerics.Summation;

/// <summary>
/// One exact sum in 40 bytes: a two's complement integer of five 64-bit limbs, lowest first, in units of 2^-256, with the carry done at
/// once. It takes what a loss usually is and says no to the rest.
/// </summary>
internal static class FixedPointWindow
{
    public const int Limbs = 5;

    private const int LowestExponent = -256;

    // The top limb counts units of 1. Addends stay below 2^62 and sums within 2^62 between additions, so that none overflows.
    private const int EndField = 1023 + 62;
    private const long MostUnits = 1L << 62;

    /// <summary>The smallest exponent field whose 53-bit mantissa has no bit below the window (2^-204 and up).</summary>
    private const int FirstField = 1075 + LowestExponent;

    /// <summary>Adds the value, or leaves the window as it was and returns false if it lies outside.</summary>
    public static bool TryAdd(Span<ulong> window, double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var position = ((int)(bits >> 52) & 0x7FF) - FirstField;
        if ((uint)position >= EndField - FirstField)
            return (bits << 1) == 0;
        var mantissa = (bits & ((1UL << 52) - 1)) | (1UL << 52);
        var low = mantissa << (position & 63);
        var high = mantissa >> 1 >> (63 - (position & 63));
        if ((bits >> 63) == 0)
            AddAt(window[(position >> 6)..], low, high);
        else
            SubtractAt(window[(position >> 6)..], low, high);
        return true;
    }

    /// <summary>
    /// As the other, for what a loss usually is: positive, normal and from 2^-204 to 2^52. Returns false, with nothing done, for the rest.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAddUsual(ref ulong window, double value)
    {
        // A negative value's sign is an exponent field too large.
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var position = (uint)(bits >> 52) - FirstField;
        if (position >= (Limbs - 1) * 64)
            return false;
        var mantissa = (bits & ((1UL << 52) - 1)) | (1UL << 52);
        ref var limb = ref Unsafe.Add(ref window, position >> 6);
        var low = limb + (mantissa << (int)position);
        var high = (mantissa >> 1 >> (int)~position) + (low < limb ? 1UL : 0UL);
        limb = low;
        ref var next = ref Unsafe.Add(ref limb, 1);
        high += next;
        var carries = high < next;
        next = high;
        if (carries)
            Carry(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref limb, 2), Limbs - 2 - (int)(position >> 6)));
        return true;
    }

    /// <summary>Adds the product of two finite values, or leaves the window as it was and returns false if a bit of it lies outside.</summary>
    public static bool TryAddProduct(Span<ulong> window, double a, double b)
    {
        if (a == 0 || b == 0)
            return true;
        var high = Math.BigMul(Mantissa(a, out var exponentA), Mantissa(b, out var exponentB), out ulong low);

        // The 106-bit product's lowest bit weighs 2^(exponentA + exponentB - 2150). Where that is below the window, it may still end in as many zeros.
        var position = exponentA + exponentB - 2150 - LowestExponent;
        if (position < 0)
        {
            var product = new UInt128(high, low);
            if (position + (int)UInt128.TrailingZeroCount(product) < 0)
                return false;
            product >>= -position;
            (high, low, position) = ((ulong)(product >> 64), (ulong)product, 0);
        }

        if (position + 106 > 62 - LowestExponent)
            return false;
        var shift = position & 63;
        ReadOnlySpan<ulong> pieces = [low << shift, (high << shift) | (low >> 1 >> (63 - shift)), high >> 1 >> (63 - shift)];
        var (flip, carry) = (a < 0) == (b < 0) ? (0UL, 0UL) : (ulong.MaxValue, 1UL);
        for (var (limb, piece) = (position >> 6, 0); limb < Limbs; limb++, piece++)
        {
            var addend = (piece < pieces.Length ? pieces[piece] : 0) ^ flip;
            var sum = window[limb] + addend;
            var carries = sum < addend;
            window[limb] = sum + carry;
            carry = carries || window[limb] < sum ? 1UL : 0UL;
        }

        return true;
    }

    /// <summary>Adds units of 2^<paramref name="exponent"/>, all of which must lie in the window: below 2^62 together, and from 2^-256 up.</summary>
    public static void AddUnits(Span<ulong> window, long units, int exponent)
    {
        var position = exponent - LowestExponent;
        var shift = position & 63;
        var (addend, carry) = ((ulong)units << shift, 0UL);
        for (var limb = position >> 6; limb < Limbs; limb++)
        {
            var sum = window[limb] + addend;
            var carries = sum < addend;
            window[limb] = sum + carry;
            carry = carries || window[limb] < sum ? 1UL : 0UL;
            addend = limb == position >> 6 ? (ulong)(units >> 1 >> (63 - shift)) : (ulong)(units >> 63);
        }
    }

    /// <summary>Adds another window. Both must be within bounds (see <see cref="IsFull"/>).</summary>
    public static void Add(Span<ulong> window, ReadOnlySpan<ulong> other)
    {
        var carry = 0UL;
        for (var i = 0; i < Limbs; i++)
        {
            var sum = window[i] + other[i];
            var carries = sum < other[i];
            window[i] = sum + carry;
            carry = carries || window[i] < sum ? 1UL : 0UL;
        }
    }

    /// <summary>Sets an empty window to mantissa * 2^exponent, or leaves it and returns false if that does not fit.</summary>
    public static bool TrySet(Span<ulong> window, BigInteger mantissa, int exponent)
    {
        if (exponent < LowestExponent || exponent + mantissa.GetBitLength() > 62)
            return false;
        Span<byte> bytes = stackalloc byte[Limbs * sizeof(ulong)];
        bytes.Fill(mantissa.Sign < 0 ? byte.MaxValue : byte.MinValue);
        if (!(mantissa << (exponent - LowestExponent)).TryWriteBytes(bytes, out _))
            return false;
        for (var i = 0; i < Limbs; i++)
            window[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]);
        return true;
    }

    /// <summary>Whether the sum has reached 2^62 and must be moved elsewhere before the next addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsFull(ulong topLimb) => (long)topLimb is >= MostUnits or < -MostUnits;

    /// <summary>Whether nothing is in the window, or there is none: asked of each of 128,256 classes for every shard.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero(ReadOnlySpan<ulong> window) => window.Length < Limbs || (window[0] | window[1] | window[2] | window[3] | window[4]) == 0;

    /// <summary>Adds the window's sum to an unbounded one.</summary>
    public static void AddTo(ReadOnlySpan<ulong> window, ExactSum sum)
    {
        var negative = (long)window[Limbs - 1] < 0;
        Span<byte> magnitude = stackalloc byte[Limbs * sizeof(ulong)];
        var borrow = negative ? 1UL : 0UL;
        for (var i = 0; i < Limbs; i++)
        {
            var limb = negative ? ~window[i] + borrow : window[i];
            borrow &= limb == 0 ? 1UL : 0UL;
            BinaryPrimitives.WriteUInt64LittleEndian(magnitude[(i * sizeof(ulong))..], limb);
        }

        sum.AddMagnitude(magnitude, LowestExponent, negative);
    }

    /// <summary>Writes what <see cref="ExactSum.WriteTo"/> has for the window's sum, which is not zero, without a detour over all the limbs of an unbounded one.</summary>
    public static void WriteTo(ReadOnlySpan<ulong> window, IBufferWriter<byte> output)
    {
        // One limb above, for the last shift.
        Span<ulong> magnitude = stackalloc ulong[Limbs + 1];
        magnitude[Limbs] = 0;
        var negative = (long)window[Limbs - 1] < 0;
        var borrow = negative ? 1UL : 0UL;
        for (var i = 0; i < Limbs; i++)
        {
            magnitude[i] = negative ? ~window[i] + borrow : window[i];
            borrow &= magnitude[i] == 0 ? 1UL : 0UL;
        }

        var first = 0;
        while (magnitude[first] == 0)
            first++;
        var shift = BitOperations.TrailingZeroCount(magnitude[first]);
        Span<byte> odd = stackalloc byte[Limbs * sizeof(ulong)];
        var length = 0;
        for (var i = first; i < Limbs; i++)
        {
            var limb = (magnitude[i] >> shift) | (magnitude[i + 1] << 1 << (63 - shift));
            BinaryPrimitives.WriteUInt64LittleEndian(odd[((i - first) * sizeof(ulong))..], limb);
            length = limb == 0 ? length : ((i - first + 1) * sizeof(ulong)) - (BitOperations.LeadingZeroCount(limb) / 8);
        }

        ExactSum.WriteFinite(output, negative, LowestExponent + (64 * first) + shift, odd[..length]);
    }

    private static ulong Mantissa(double value, out int exponent)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        exponent = (int)(bits >> 52) & 0x7FF;
        var mantissa = bits & ((1UL << 52) - 1);
        if (exponent != 0)
            return mantissa | (1UL << 52);
        exponent = 1;
        return mantissa;
    }

    // In both, the high half is below 2^53, so that it can take the carry; it is 0 where no second limb is left.
    private static void AddAt(Span<ulong> limbs, ulong low, ulong high)
    {
        limbs[0] += low;
        high += limbs[0] < low ? 1UL : 0UL;
        if (limbs.Length == 1)
            return;
        limbs[1] += high;
        if (limbs[1] < high)
            Carry(limbs[2..]);
    }

    private static void Carry(Span<ulong> limbs)
    {
        var carry = true;
        for (var i = 0; carry && i < limbs.Length; i++)
            carry = ++limbs[i] == 0;
    }

    private static void SubtractAt(Span<ulong> limbs, ulong low, ulong high)
    {
        high += limbs[0] < low ? 1UL : 0UL;
        limbs[0] -= low;
        if (limbs.Length == 1)
            return;
        var borrow = limbs[1] < high;
        limbs[1] -= high;
        for (var i = 2; borrow && i < limbs.Length; i++)
            borrow = limbs[i]-- == 0;
    }
}
