using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>Losses in [Low, High); the first bar of losses below 0 begins at -infinity, and the last one includes +infinity.</summary>
public readonly record struct HistogramBar(double Low, double High, long Count);

/// <summary>
/// Losses counted in bins of their leading bits: quantiles with a stated error, and a histogram. Integers only, mergeable in any order, to the same bits.
/// </summary>
/// <remarks>
/// 64 bins an octave for magnitudes from 2^-50 to 2^20, one an octave above, one below; the same for losses below 0, which probabilities that sum to
/// a little more than 1 have. 512 bytes for each octave between the least and the greatest loss seen.
/// </remarks>
public sealed partial class LossHistogram
{
    // Bars for people: from half as many to all of these reach the 99% quantile.
    private const int MostBars = 64;
    private const int NarrowestBar = -50;
    private const int WidestBar = 14;

    private readonly OctaveCounts _positive = new();
    private readonly OctaveCounts _negative = new();
    private long _zeros;
    private long _positiveInfinities;
    private long _negativeInfinities;

    /// <summary>All losses added, NaNs included.</summary>
    public long Count { get; private set; }

    public long NaNCount { get; private set; }

    /// <summary>Bytes of the heap in use.</summary>
    public long AllocatedBytes => 128 + _positive.AllocatedBytes + _negative.AllocatedBytes;

    /// <summary>Adds losses. Allocates nothing once their octaves are seen.</summary>
    public void Add(ReadOnlySpan<double> losses) => Add(losses, LossRange.Of(losses));

    /// <inheritdoc cref="Add(ReadOnlySpan{double})"/>
    /// <param name="range">That of these losses.</param>
    public void Add(ReadOnlySpan<double> losses, in LossRange range)
    {
        Count += losses.Length;
        var (window, head) = ((ulong)_positive.Window.Length, _positive.WindowHead);
        if (range.IsPlain && OctaveCounts.Head(range.Least) - head < window && OctaveCounts.Head(range.Greatest) - head < window)
            AddToWindow(losses);
        else
            AddEach(losses);
    }

    public void Add(LossHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);

        // No part is more than its whole: with room for the count there is room for each.
        Count = checked(Count + other.Count);
        NaNCount += other.NaNCount;
        _zeros += other._zeros;
        _positiveInfinities += other._positiveInfinities;
        _negativeInfinities += other._negativeInfinities;
        _positive.Add(other._positive);
        _negative.Add(other._negative);
    }

    /// <summary>Back to zeros, with the memory kept.</summary>
    public void Clear()
    {
        Count = NaNCount = _zeros = _positiveInfinities = _negativeInfinities = 0;
        _positive.Clear();
        _negative.Clear();
    }

    /// <summary>
    /// The quantile by nearest rank: the ceil(q n)-th smallest of the n losses that are not NaN (the smallest for q = 0), q taken as the decimal that
    /// it was written as, to 15 digits. The value is the middle of that loss's bin: within 1/128 of the loss, relatively, for magnitudes from 2^-50 to 2^20,
    /// within 2^-51 below, within a half, relatively, above, and exact for 0 and the infinities. Null if there is no loss.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">q is not in [0, 1].</exception>
    public double? Quantile(double q) => Rank(q) is > 0 and var rank ? AtRank(rank) : null;

    /// <summary>
    /// As the other, no less than the least and no more than the greatest of the same losses: never farther from the loss, and these two themselves at the first
    /// and the last rank.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">q is not in [0, 1].</exception>
    public double? Quantile(double q, LossMoments losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        var rank = Rank(q);
        if (rank == 0 || losses is not { Min: { } least, Max: { } greatest })
            return null;
        return rank == 1 ? least : rank == Count - NaNCount ? greatest : Math.Clamp(AtRank(rank), least, greatest);
    }

    /// <summary>
    /// A histogram to look at: bars of equal width from 0 up, an exact count in each, 33 to 64 of them up to the 99% quantile (fewer only if it is below 2^-45), and
    /// one for all above. The width is a power of two, so that no fine bin lies across an edge. If any loss is below 0, the first bar is theirs. NaNs are in none. Empty
    /// if there is no loss.
    /// </summary>
    public HistogramBar[] ToBars() => ToBars(0);

    /// <summary>The same, of bars that are at least so wide.</summary>
    /// <param name="leastWidth">0, or the width of other bars.</param>
    internal HistogramBar[] ToBars(double leastWidth)
    {
        if (Quantile(0.99) is not { } most)
            return [];
        var exponent = leastWidth == 0 ? NarrowestBar : Math.ILogB(leastWidth);
        while (exponent < WidestBar && Math.ScaleB(MostBars, exponent) <= most)
            exponent++;
        var width = Math.ScaleB(1, exponent);
        var counts = new long[most < Math.ScaleB(MostBars, exponent) ? Math.Max(0, (int)(most / width)) + 1 : MostBars];
        counts[0] = _zeros;
        var above = _positiveInfinities;
        for (var bin = _positive.Next(-1); bin >= 0; bin = _positive.Next(bin))
        {
            var bar = OctaveCounts.Bounds(bin).Low / width;
            if (bar < counts.Length)
                counts[(int)bar] += _positive.At(bin);
            else
                above += _positive.At(bin);
        }

        var negative = Count - NaNCount - above;
        foreach (var count in counts)
            negative -= count;
        var first = negative == 0 ? 0 : 1;
        var bars = new HistogramBar[first + counts.Length + (above == 0 ? 0 : 1)];
        if (negative != 0)
            bars[0] = new(double.NegativeInfinity, 0, negative);
        for (var bar = 0; bar < counts.Length; bar++)
            bars[first + bar] = new(bar * width, (bar + 1) * width, counts[bar]);
        if (above != 0)
            bars[^1] = new(counts.Length * width, double.PositiveInfinity, above);
        return bars;
    }

    // All of them have a count in the window.
    private void AddToWindow(ReadOnlySpan<double> losses)
    {
        ref var window = ref MemoryMarshal.GetArrayDataReference(_positive.Window);
        var head = _positive.WindowHead;
        foreach (var loss in losses)
            Unsafe.Add(ref window, (nint)(OctaveCounts.Head(loss) - head))++;
    }

    private void AddEach(ReadOnlySpan<double> losses)
    {
        var (window, head) = (_positive.Window, _positive.WindowHead);
        foreach (var loss in losses)
        {
            var bin = OctaveCounts.Head(loss) - head;
            if (bin < (ulong)window.Length)
            {
                window[bin]++;
                continue;
            }

            AddUnusual(loss);
            (window, head) = (_positive.Window, _positive.WindowHead);
        }
    }

    /// <summary>From 1; 0 if there is no loss.</summary>
    private long Rank(double q)
    {
        if (!(q >= 0 && q <= 1))
            throw new ArgumentOutOfRangeException(nameof(q), q, "A quantile's fraction is in [0, 1].");
        var count = Count - NaNCount;
        var bits = decimal.GetBits((decimal)q);
        var digits = ((BigInteger)(uint)bits[2] << 64) | ((BigInteger)(uint)bits[1] << 32) | (uint)bits[0];
        var one = BigInteger.Pow(10, (bits[3] >> 16) & 0xFF);
        return Math.Min(count, Math.Max(1, (long)(((digits * count) + one - 1) / one)));
    }

    private double AtRank(long rank)
    {
        rank -= _negativeInfinities;
        if (rank <= 0)
            return double.NegativeInfinity;

        // Of the losses below 0, the least have the greatest magnitudes.
        var negatives = _negative.Total;
        if (rank <= negatives)
        {
            rank = negatives - rank + 1;
            return -OctaveCounts.Middle(_negative.BinOfRank(ref rank));
        }

        rank -= negatives + _zeros;
        if (rank <= 0)
            return 0;
        var bin = _positive.BinOfRank(ref rank);
        return bin >= 0 ? OctaveCounts.Middle(bin) : double.PositiveInfinity;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddUnusual(double loss)
    {
        if (double.IsNaN(loss))
            NaNCount++;
        else if (loss == 0)
            _zeros++;
        else if (double.IsPositiveInfinity(loss))
            _positiveInfinities++;
        else if (double.IsNegativeInfinity(loss))
            _negativeInfinities++;
        else
            (loss > 0 ? _positive : _negative).Add(Math.Abs(loss));
    }
}
