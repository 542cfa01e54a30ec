using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// The mean reciprocal rank of the labels: the exact sum of the reciprocals, each rounded to double, by their number. Mergeable in any order, to the same bits.
/// </summary>
public sealed class ReciprocalRanks
{
    private const int BlockLength = 512;

    // The greatest rank that is counted rather than inverted each time.
    private const int MostCounted = 64;

    private readonly ExactSum _sum = new();

    /// <summary>All ranks added.</summary>
    public long Count { get; private set; }

    /// <summary>The correctly rounded mean of the rounded reciprocals; null without ranks.</summary>
    public double? Mean => Count == 0 ? null : _sum.Quotient(Count);

    /// <param name="ranks">The best rank is 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rank is below 1; nothing was added.</exception>
    public void Add(ReadOnlySpan<int> ranks)
    {
        if (ranks.Length >= MostCounted && Scan.FirstOutside(ranks, 1, MostCounted) < 0)
        {
            AddCounted(ranks);
        }
        else
        {
            var wrong = Scan.FirstOutside(ranks, 1, int.MaxValue);
            if (wrong >= 0)
                ArgumentOutOfRangeException.ThrowIfLessThan(ranks[wrong], 1, nameof(ranks));
            AddInverted(ranks);
        }

        Count += ranks.Length;
    }

    public void Add(ReciprocalRanks other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count = checked(Count + other.Count);
        _sum.Add(other._sum);
    }

    public void Clear()
    {
        Count = 0;
        _sum.Clear();
    }

    /// <summary>Canonical bytes, little-endian: int64 Count, then the exact sum as <see cref="ExactSum.WriteTo"/> has it.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt64(Count);
        _sum.WriteTo(output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, or no sum of as many reciprocals.</exception>
    public static ReciprocalRanks Read(ReadOnlySpan<byte> source, out int bytesRead)
    {
        var reader = new ByteReader(source, "ReciprocalRanks");
        var ranks = new ReciprocalRanks { Count = reader.ReadInt64("count", 0) };
        ranks._sum.AddFrom(ref reader);

        // Reciprocals are multiples of 2^-83 from 1 / int.MaxValue to 1, so that rounding their mean leaves it there.
        if (ranks._sum.HasSpecials || ranks._sum.ToRational().Exponent < -83
            || (ranks.Count == 0 ? ranks._sum.Sign != 0 : !(ranks._sum.Quotient(ranks.Count) is >= 1.0 / int.MaxValue and <= 1)))
            throw reader.Malformed($"{ranks._sum.ToDouble():R} is no sum of {ranks.Count} reciprocals of ranks");
        bytesRead = reader.Position;
        return ranks;
    }

    /// <summary>Adds ranks of which few are different: each rank's reciprocal times as often as it occurs.</summary>
    private void AddCounted(ReadOnlySpan<int> ranks)
    {
        // Most ranks are 1: neighbours would wait for each other's store, and have a bank each.
        const int banks = 4;
        const int bank = MostCounted + 1;
        Span<int> counts = stackalloc int[banks * bank];
        counts.Clear();
        ref var first = ref MemoryMarshal.GetReference(counts);
        ref var rank = ref MemoryMarshal.GetReference(ranks);
        var whole = ranks.Length & -banks;
        for (nint i = 0; i < whole; i += banks)
        {
            Unsafe.Add(ref first, Unsafe.Add(ref rank, i))++;
            Unsafe.Add(ref first, Unsafe.Add(ref rank, i + 1) + bank)++;
            Unsafe.Add(ref first, Unsafe.Add(ref rank, i + 2) + (2 * bank))++;
            Unsafe.Add(ref first, Unsafe.Add(ref rank, i + 3) + (3 * bank))++;
        }

        foreach (var other in ranks[whole..])
            counts[other]++;
        for (var k = 1; k <= MostCounted; k++)
        {
            if (counts[k] + counts[k + bank] + counts[k + (2 * bank)] + counts[k + (3 * bank)] is not 0 and var count)
                _sum.AddProduct(count, 1.0 / k);
        }
    }

    [SkipLocalsInit]
    private void AddInverted(ReadOnlySpan<int> ranks)
    {
        Span<double> reciprocals = stackalloc double[BlockLength];
        while (!ranks.IsEmpty)
        {
            var block = ranks[..Math.Min(BlockLength, ranks.Length)];
            Invert(block, reciprocals);
            _sum.Add(reciprocals[..block.Length]);
            ranks = ranks[block.Length..];
        }
    }

    private static void Invert(ReadOnlySpan<int> ranks, Span<double> reciprocals)
    {
        // Below 2^52 an integer in the low bits of the double 2^52 is that many more than it.
        var (one, integer) = (Vector256<double>.One, Vector256.Create((double)(1L << 52)));
        var i = 0;
        for (; i <= ranks.Length - Vector128<int>.Count; i += Vector128<int>.Count)
        {
            var wide = Vector256.WidenLower(Vector128.Create(ranks[i..]).AsUInt32().ToVector256Unsafe());
            (one / ((wide | integer.AsUInt64()).AsDouble() - integer)).CopyTo(reciprocals[i..]);
        }

        for (; i < ranks.Length; i++)
            reciprocals[i] = 1.0 / ranks[i];
    }
}
