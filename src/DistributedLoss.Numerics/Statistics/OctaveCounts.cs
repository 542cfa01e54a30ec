using System.Runtime.CompilerServices;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// Positive finite doubles counted in bins: 64 equal ones an octave from 2^-50 to 2^20, an octave each above, and one for everything below. Memory is that of
/// the octaves between the least and the greatest value seen: 512 bytes each, 36 kB at most, and 8 kB if any is above.
/// </summary>
internal sealed class OctaveCounts
{
    /// <summary>The bin of everything below 2^-50; fine bins begin at 1.</summary>
    private const int Below = 0;

    private const int LowestOctave = -50;
    private const int HighestOctave = 20;
    private const int BinsInOctave = 64;
    private const int FractionBits = 52 - 6;
    private const int Octaves = 1024 - HighestOctave;
    private const int FineBins = (HighestOctave - LowestOctave) * BinsInOctave;

    /// <summary>Bins in all.</summary>
    public const int Length = 1 + FineBins + Octaves;

    // The sign, exponent and first 6 mantissa bits of the first fine bin.
    private const int FirstHead = (1023 + LowestOctave) * BinsInOctave;

    private long _below;
    private long[]? _above;

    /// <summary>The fine counts of some octaves; the first is that of the values whose bits begin with <see cref="WindowHead"/>.</summary>
    public long[] Window { get; private set; } = [];

    public ulong WindowHead { get; private set; }

    public long Total => _below + Sum(Window) + (_above is null ? 0 : Sum(_above));

    public long AllocatedBytes => 64 + (sizeof(long) * ((long)Window.Length + (_above?.Length ?? 0)));

    private static long Sum(long[] counts)
    {
        var sum = 0L;
        foreach (var count in counts)
            sum += count;
        return sum;
    }

    private int FirstOfWindow => 1 + (int)WindowHead - FirstHead;

    /// <summary>Sign, exponent and first 6 mantissa bits: consecutive integers for consecutive bins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Head(double value) => BitConverter.DoubleToUInt64Bits(value) >> FractionBits;

    /// <summary>Where the bin begins and ends; the last one ends at infinity.</summary>
    public static (double Low, double High) Bounds(int bin) => (Low(bin), Low(bin + 1));

    /// <summary>The middle of the bin.</summary>
    public static double Middle(int bin) => bin switch
    {
        Below => Math.ScaleB(0.5, LowestOctave),
        <= FineBins => BitConverter.UInt64BitsToDouble(((ulong)(FirstHead + bin - 1) << FractionBits) | (1UL << (FractionBits - 1))),
        _ => Math.ScaleB(1.5, HighestOctave + bin - FineBins - 1),
    };

    /// <summary>Counts a positive finite value.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Add(double value) => CountOf(BinOf(value))++;

    public void Add(int bin, long count)
    {
        ref var total = ref CountOf(bin);
        total = checked(total + count);
    }

    public void Add(OctaveCounts other)
    {
        _below = checked(_below + other._below);
        if (other.Window.Length != 0)
        {
            Widen(other.WindowHead, other.WindowHead + (ulong)other.Window.Length);
            Add(Window.AsSpan((int)(other.WindowHead - WindowHead)), other.Window);
        }

        if (other._above is not null)
            Add(_above ??= new long[Octaves], other._above);
    }

    public void Clear()
    {
        _below = 0;
        Array.Clear(Window);
        if (_above is not null)
            Array.Clear(_above);
    }

    public long At(int bin) => bin switch
    {
        Below => _below,
        <= FineBins => (uint)(bin - FirstOfWindow) < (uint)Window.Length ? Window[bin - FirstOfWindow] : 0,
        _ => _above?[bin - FineBins - 1] ?? 0,
    };

    /// <summary>The next bin after this one that is not empty; -1 if there is none.</summary>
    public int Next(int bin)
    {
        if (bin < Below && _below != 0)
            return Below;
        var start = Math.Clamp(bin + 1 - FirstOfWindow, 0, Window.Length);
        var next = Scan.FirstNonzero(Window.AsSpan(start));
        if (next >= 0)
            return FirstOfWindow + start + next;
        start = Math.Max(bin - FineBins, 0);
        next = Scan.FirstNonzero(_above.AsSpan(Math.Min(start, _above?.Length ?? 0)));
        return next >= 0 ? FineBins + 1 + start + next : -1;
    }

    /// <summary>The bin of the rank-th smallest value, from 1; -1, with the rank less all values, if there are fewer.</summary>
    public int BinOfRank(ref long rank)
    {
        rank -= _below;
        if (rank <= 0)
            return Below;
        var fine = Find(Window, ref rank);
        if (fine >= 0)
            return FirstOfWindow + fine;
        var above = Find(_above, ref rank);
        return above >= 0 ? FineBins + 1 + above : -1;

        static int Find(ReadOnlySpan<long> counts, ref long rank)
        {
            for (var i = 0; i < counts.Length; i++)
            {
                rank -= counts[i];
                if (rank <= 0)
                    return i;
            }

            return -1;
        }
    }

    private static double Low(int bin) => bin switch
    {
        Below => 0,
        <= FineBins => BitConverter.UInt64BitsToDouble((ulong)(FirstHead + bin - 1) << FractionBits),
        _ => Math.ScaleB(1, HighestOctave + bin - FineBins - 1),
    };

    private static int BinOf(double value)
    {
        var fine = (int)Head(value) - FirstHead;
        return fine < 0 ? Below : 1 + (fine < FineBins ? fine : FineBins + ((fine - FineBins) / BinsInOctave));
    }

    private ref long CountOf(int bin)
    {
        if (bin == Below)
            return ref _below;
        if (bin > FineBins)
            return ref (_above ??= new long[Octaves])[bin - FineBins - 1];
        var head = (ulong)(FirstHead + bin - 1);
        if (head - WindowHead >= (ulong)Window.Length)
        {
            var octave = head & ~(BinsInOctave - 1UL);
            Widen(octave, octave + BinsInOctave);
        }

        return ref Window[head - WindowHead];
    }

    /// <summary>Makes room for the octaves from one head up to another.</summary>
    private void Widen(ulong first, ulong end)
    {
        if (Window.Length != 0)
            (first, end) = (Math.Min(first, WindowHead), Math.Max(end, WindowHead + (ulong)Window.Length));
        if ((ulong)Window.Length == end - first)
            return;
        var wider = new long[end - first];
        if (Window.Length != 0)
            Window.CopyTo(wider.AsSpan((int)(WindowHead - first)));
        (Window, WindowHead) = (wider, first);
    }

    private static void Add(Span<long> counts, ReadOnlySpan<long> others)
    {
        for (var i = 0; i < others.Length; i++)
            counts[i] = checked(counts[i] + others[i]);
    }
}
