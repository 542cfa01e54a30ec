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
    private const int FineBins = (HighestOctave - LowestOctave) * BinsInOctave;

    /// <summary>Bins in all.</summary>
    public const int Length = 1 + FineBins + (1024 - HighestOctave);

    // The sign, exponent and first 6 mantissa bits of the first fine bin.
    private const int FirstHead = (1023 + LowestOctave) * BinsInOctave;

    private long _below;
    private long[]? _above;

    /// <summary>The fine counts of some octaves; the first is that of the values whose bits begin with <see cref="WindowHead"/>.</summary>
    public long[] Window { get; private set; } = [];

    public ulong WindowHead { get; private set; }

    public bool IsEmpty => Next(-1) < 0;

    public long AllocatedBytes => 64 + (sizeof(long) * ((long)Window.Length + (_above?.Length ?? 0)));

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
        for (var bin = other.Next(-1); bin >= 0; bin = other.Next(bin))
            Add(bin, other.At(bin));
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
        var next = Window.AsSpan(start).IndexOfAnyExcept(0L);
        if (next >= 0)
            return FirstOfWindow + start + next;
        start = Math.Max(bin - FineBins, 0);
        next = _above.AsSpan(Math.Min(start, _above?.Length ?? 0)).IndexOfAnyExcept(0L);
        return next >= 0 ? FineBins + 1 + start + next : -1;
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
            return ref (_above ??= new long[1024 - HighestOctave])[bin - FineBins - 1];
        var head = (ulong)(FirstHead + bin - 1);
        if (head - WindowHead >= (ulong)Window.Length)
            Widen(head & ~(BinsInOctave - 1UL));
        return ref Window[head - WindowHead];
    }

    /// <summary>Makes room for an octave.</summary>
    private void Widen(ulong octave)
    {
        var first = Window.Length == 0 ? octave : Math.Min(octave, WindowHead);
        var end = Math.Max(octave + BinsInOctave, WindowHead + (ulong)Window.Length);
        var wider = new long[end - first];
        Window.CopyTo(wider.AsSpan((int)(Window.Length == 0 ? 0 : WindowHead - first)));
        (Window, WindowHead) = (wider, first);
    }
}
