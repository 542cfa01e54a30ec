using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// For each of a few k: how many rows have their label at rank k or better, the best rank being 1. The source of top-k accuracies.
/// </summary>
public sealed class RankCounts
{
    private readonly int[] _ks;

    // _bins[i] counts ranks in (_ks[i - 1], _ks[i]]; the last one those above every k.
    private readonly long[] _bins;

    /// <param name="ks">At least 1 each, in any order; repeated ones count once.</param>
    public RankCounts(params ReadOnlySpan<int> ks)
    {
        _ks = SortedOnce(ks);
        if (_ks.Length != 0)
            ArgumentOutOfRangeException.ThrowIfLessThan(_ks[0], 1, nameof(ks));
        _bins = new long[_ks.Length + 1];
    }

    // Few, and mostly sorted. Neither this nor the loops below are the framework's methods, which are compiled as the process runs.
    private static int[] SortedOnce(ReadOnlySpan<int> ks)
    {
        int[] sorted = ks.ToArray();
        var length = 0;
        foreach (var k in ks)
        {
            var at = length;
            while (at > 0 && sorted[at - 1] > k)
                at--;
            if (at > 0 && sorted[at - 1] == k)
                continue;
            for (var i = length++; i > at; i--)
                sorted[i] = sorted[i - 1];
            sorted[at] = k;
        }

        return sorted[..length];
    }

    /// <summary>The ks, ascending.</summary>
    public ReadOnlySpan<int> Ks => _ks;

    /// <summary>All ranks added.</summary>
    public long Count { get; private set; }

    /// <exception cref="ArgumentOutOfRangeException">The rank is below 1.</exception>
    public void Add(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);

        // Every k is compared, because the first comparison that fails is hard to predict.
        var bin = 0;
        foreach (var k in _ks)
            bin += rank > k ? 1 : 0;
        _bins[bin]++;
        Count++;
    }

    /// <summary>Adds a span of ranks; the same as adding each, several times faster.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A rank is below 1; nothing was added.</exception>
    public void Add(ReadOnlySpan<int> ranks)
    {
        var wrong = Scan.FirstOutside(ranks, 1, int.MaxValue);
        if (wrong >= 0)
            ArgumentOutOfRangeException.ThrowIfLessThan(ranks[wrong], 1, nameof(ranks));
        var above = ranks.Length;
        for (var bin = 0; bin < _ks.Length; bin++)
        {
            var before = above;
            above = CountAbove(ranks, _ks[bin]);
            _bins[bin] += before - above;
        }

        _bins[^1] += above;
        Count += ranks.Length;
    }

    /// <exception cref="ArgumentException">The ks differ.</exception>
    public void Add(RankCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!HasKsOf(other))
            throw new ArgumentException($"Counts for k = {string.Join(", ", other._ks)} cannot be added to those for {string.Join(", ", _ks)}.", nameof(other));
        Count = checked(Count + other.Count);
        for (var i = 0; i < _bins.Length; i++)
            _bins[i] += other._bins[i];
    }

    public void Clear()
    {
        Count = 0;
        Array.Clear(_bins);
    }

    /// <summary>Rows of rank k or better.</summary>
    /// <exception cref="ArgumentException">k is not one of <see cref="Ks"/>.</exception>
    public long Within(int k)
    {
        var index = _ks.Length - 1;
        while (index >= 0 && _ks[index] != k)
            index--;
        if (index < 0)
            throw new ArgumentException($"k = {k} is not among {string.Join(", ", _ks)}.", nameof(k));
        var within = 0L;
        for (var i = 0; i <= index; i++)
            within += _bins[i];
        return within;
    }

    /// <summary>Top-k accuracy: Within(k) / Count, correctly rounded; null without rows.</summary>
    /// <exception cref="ArgumentException">k is not one of <see cref="Ks"/>.</exception>
    public double? Accuracy(int k) => Within(k) is var within && Count == 0 ? null : CorrectRounding.Quotient(within, Count);

    /// <summary>
    /// Canonical bytes, little-endian: int32 number of ks; int32 for each, ascending; int64 count of the ranks up to the first k, above it
    /// up to the second, ..., above the last.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt32(_ks.Length);
        foreach (var k in _ks)
            output.WriteInt32(k);
        foreach (var bin in _bins)
            output.WriteInt64(bin);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">The bytes are cut short, out of order or out of range.</exception>
    public static RankCounts Read(ReadOnlySpan<byte> source, out int bytesRead)
    {
        var reader = new ByteReader(source, "RankCounts");
        var ks = new int[reader.ReadInt32("number of ks", 0, reader.Rest.Length / (sizeof(int) + sizeof(long)))];
        for (var i = 0; i < ks.Length; i++)
            ks[i] = reader.ReadInt32("k", i == 0 ? 1 : ks[i - 1], int.MaxValue);
        var counts = new RankCounts(ks);
        if (counts._ks.Length != ks.Length)
            throw reader.Malformed("a k is repeated");
        for (var i = 0; i < counts._bins.Length; i++)
        {
            counts._bins[i] = reader.ReadInt64("count", 0, long.MaxValue - counts.Count);
            counts.Count += counts._bins[i];
        }

        bytesRead = reader.Position;
        return counts;
    }

    private bool HasKsOf(RankCounts other)
    {
        var same = _ks.Length == other._ks.Length;
        for (var i = 0; same && i < _ks.Length; i++)
            same = _ks[i] == other._ks[i];
        return same;
    }

    private static int CountAbove(ReadOnlySpan<int> ranks, int k)
    {
        var limit = Vector256.Create(k);
        var negative = Vector256<int>.Zero;
        var vectors = MemoryMarshal.Cast<int, Vector256<int>>(ranks);
        foreach (var vector in vectors)
            negative += Vector256.GreaterThan(vector, limit);
        var above = -Vector256.Sum(negative);
        foreach (var rank in ranks[(vectors.Length * Vector256<int>.Count)..])
            above += rank > k ? 1 : 0;
        return above;
    }
}
