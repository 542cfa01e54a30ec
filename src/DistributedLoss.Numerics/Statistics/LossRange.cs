using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// The least and the greatest of a block of losses, where all are what a loss usually is: finite, and from +0.0 up. Found once, it spares each statistic a pass
/// over the block.
/// </summary>
public readonly struct LossRange
{
    private LossRange(bool isPlain, double least, double greatest) => (IsPlain, Least, Greatest) = (isPlain, least, greatest);

    /// <summary>Whether all are usual, and there is one; else nothing is said of them.</summary>
    public bool IsPlain { get; }

    public double Least { get; }

    public double Greatest { get; }

    public static LossRange Of(ReadOnlySpan<double> losses)
    {
        // As integers, the bits of doubles from +0.0 up keep their order, NaN is above infinity, and all with a sign are below 0.
        var vectors = MemoryMarshal.Cast<double, Vector256<long>>(losses);
        var (least, greatest) = (Vector256.Create(long.MaxValue), Vector256.Create(-1L));
        var (otherLeast, otherGreatest) = (least, greatest);
        for (var i = 0; i + 1 < vectors.Length; i += 2)
        {
            (least, greatest) = (Vector256.Min(least, vectors[i]), Vector256.Max(greatest, vectors[i]));
            (otherLeast, otherGreatest) = (Vector256.Min(otherLeast, vectors[i + 1]), Vector256.Max(otherGreatest, vectors[i + 1]));
        }

        if (vectors.Length % 2 != 0)
            (least, greatest) = (Vector256.Min(least, vectors[^1]), Vector256.Max(greatest, vectors[^1]));
        (least, greatest) = (Vector256.Min(least, otherLeast), Vector256.Max(greatest, otherGreatest));
        var low = Math.Min(Math.Min(least[0], least[1]), Math.Min(least[2], least[3]));
        var high = Math.Max(Math.Max(greatest[0], greatest[1]), Math.Max(greatest[2], greatest[3]));
        foreach (var loss in losses[(vectors.Length * Vector256<long>.Count)..])
            (low, high) = (Math.Min(low, BitConverter.DoubleToInt64Bits(loss)), Math.Max(high, BitConverter.DoubleToInt64Bits(loss)));
        var isPlain = low >= 0 && high >= 0 && high < BitConverter.DoubleToInt64Bits(double.PositiveInfinity);
        return isPlain ? new(true, BitConverter.Int64BitsToDouble(low), BitConverter.Int64BitsToDouble(high)) : default;
    }
}
