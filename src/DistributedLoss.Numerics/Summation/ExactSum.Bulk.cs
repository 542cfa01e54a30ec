using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DistributedLoss.Numerics.Summation;

public sealed partial class ExactSum
{
    // Below this many values, clearing and flushing the bins costs more than they save; and flushing limbs, below this.
    private const int BulkThreshold = 192;
    private const int LimbThreshold = 32;

    // 1,024 mantissas below 2^53 stay below 2^63; each bank takes one value in four.
    private const int BlockLength = Banks * 1024;
    private const int Banks = 4;
    private const int SquareBlockLength = 2 * 1024;

    // Exponent fields 832..1087: magnitudes from 2^-191 to 2^65. Others take the path of Add.
    private const int BinCount = 256;
    private const int FirstExponent = 832;

    /// <summary>Adds every value. One pass, no allocation.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        while (values.Length >= LimbThreshold)
        {
            var length = Math.Min(values.Length & -Banks, BlockLength);
            if (!TryAddLimbs(values[..length]))
            {
                if (length < BulkThreshold)
                    break;
                AddBlock(values[..length]);
            }

            values = values[length..];
        }

        foreach (var value in values)
            Add(value);
    }

    /// <summary>Adds every value times itself, unrounded.</summary>
    public void AddSquares(ReadOnlySpan<double> values)
    {
        while (values.Length >= LimbThreshold)
        {
            var length = Math.Min(values.Length & -Banks, SquareBlockLength);
            if (!TryAddSquareLimbs(values[..length]))
            {
                if (length < BulkThreshold)
                    break;
                AddSquareBlock(values[..length]);
            }

            values = values[length..];
        }

        foreach (var value in values)
            AddProduct(value, value);
    }

    /// <summary>Adds every product of two values of the same place, unrounded.</summary>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public void AddProducts(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        if (left.Length != right.Length)
            throw new ArgumentException($"{left.Length} values cannot be multiplied pairwise with {right.Length}.", nameof(right));
        for (var i = 0; i < left.Length; i++)
            AddProduct(left[i], right[i]);
    }

    /// <summary>
    /// Sums mantissas in one bin per exponent (the "large superaccumulator" of the paper, cut to the usual exponents so that it lives in the
    /// first-level cache). Four banks, because neighbours mostly share an exponent and would wait for each other's store.
    /// </summary>
    [SkipLocalsInit]
    private void AddBlock(ReadOnlySpan<double> values)
    {
        Span<long> bins = stackalloc long[Banks * BinCount];
        bins.Clear();
        ref var first = ref MemoryMarshal.GetReference(bins);
        ref var value = ref MemoryMarshal.GetReference(values);
        for (nint i = 0; i < values.Length; i += Banks)
        {
            AddToBin(ref first, Unsafe.Add(ref value, i));
            AddToBin(ref Unsafe.Add(ref first, BinCount), Unsafe.Add(ref value, i + 1));
            AddToBin(ref Unsafe.Add(ref first, 2 * BinCount), Unsafe.Add(ref value, i + 2));
            AddToBin(ref Unsafe.Add(ref first, 3 * BinCount), Unsafe.Add(ref value, i + 3));
        }

        for (var bank = 0; bank < Banks; bank++)
            Flush(bins.Slice(bank * BinCount, BinCount), FirstExponent - 1075);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddToBin(ref long bank, double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var bin = (nuint)((bits >>> 52) & SpecialExponent) - FirstExponent;
        if (bin >= BinCount)
        {
            Add(value);
            return;
        }

        var sign = bits >> 63;
        var mantissa = (bits & MantissaMask) | ImplicitBit;
        Unsafe.Add(ref bank, bin) += (mantissa ^ sign) - sign;
    }

    /// <summary>The same for squares of mantissas: two bins for each exponent, of the low and the high 53 bits, and two banks.</summary>
    [SkipLocalsInit]
    private void AddSquareBlock(ReadOnlySpan<double> values)
    {
        Span<long> bins = stackalloc long[4 * BinCount];
        bins.Clear();
        ref var first = ref MemoryMarshal.GetReference(bins);
        ref var value = ref MemoryMarshal.GetReference(values);
        for (nint i = 0; i < values.Length; i += 2)
        {
            AddSquareToBin(ref first, Unsafe.Add(ref value, i));
            AddSquareToBin(ref Unsafe.Add(ref first, 2 * BinCount), Unsafe.Add(ref value, i + 1));
        }

        for (var bank = 0; bank < 4; bank++)
            Flush(bins.Slice(bank * BinCount, BinCount), (2 * (FirstExponent - 1075)) + (bank % 2 * 53), 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddSquareToBin(ref long bank, double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var bin = (nuint)((bits >>> 52) & SpecialExponent) - FirstExponent;
        if (bin >= BinCount)
        {
            AddProduct(value, value);
            return;
        }

        var mantissa = (ulong)((bits & MantissaMask) | ImplicitBit);
        var high = Math.BigMul(mantissa, mantissa, out ulong low);
        Unsafe.Add(ref bank, bin) += (long)(low & ((1UL << 53) - 1));
        Unsafe.Add(ref bank, bin + BinCount) += (long)((high << 11) | (low >> 53));
    }

    /// <summary>Adds bins whose units are 2^exponent for the first and 2^step times more for each next one.</summary>
    private void Flush(ReadOnlySpan<long> bins, int exponent, int step = 1)
    {
        if (_pending == MaxPending)
            Carry();
        var end = Scan.LastNonzero(bins) + 1;
        for (var i = end == 0 ? 0 : Scan.FirstNonzero(bins); i < end; i++)
        {
            var position = exponent + (i * step) - LowestExponent;
            var shift = position & 31;
            var low = (ulong)bins[i] << shift;
            var chunks = _chunks.AsSpan(position >> 5, 3);
            chunks[0] += (uint)low;
            chunks[1] += (uint)(low >> 32);
            chunks[2] += bins[i] >> 1 >> (63 - shift);
        }

        _pending++;
    }
}
