using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

public sealed partial class LossMoments
{
    /// <summary>
    /// Canonical bytes, little-endian: int64 Count; the exact sum and the exact sum of squares as <see cref="ExactSum.WriteTo"/> has
    /// them; and, if Count is above the NaN count, float64 Min and float64 Max (never NaN, never -0.0).
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt64(Count);
        _sum.WriteTo(output);
        _squares.WriteTo(output);
        if (Count == NaNCount)
            return;
        output.WriteDouble(_min);
        output.WriteDouble(_max);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, or contradict each other.</exception>
    public static LossMoments Read(ReadOnlySpan<byte> source, out int bytesRead)
    {
        var reader = new ByteReader(source, "LossMoments");
        var moments = new LossMoments { Count = reader.ReadInt64("count", 0) };
        moments._sum.AddFrom(ref reader);
        moments._squares.AddFrom(ref reader);
        moments.Validate(ref reader);
        bytesRead = reader.Position;
        return moments;
    }

    private void Validate(ref ByteReader reader)
    {
        var (positives, negatives) = (_sum.PositiveInfinityCount, _sum.NegativeInfinityCount);
        var finite = (Int128)Count - NaNCount - positives - negatives;
        if (finite < 0)
            throw reader.Malformed($"{Count} losses are fewer than their NaNs and infinities");
        var squaresAgree = _squares.NaNCount == NaNCount && _squares.NegativeInfinityCount == 0
            && _squares.PositiveInfinityCount == positives + negatives;
        if (!squaresAgree || _squares.Sign < 0 || (finite == 0 && (_sum.Sign != 0 || _squares.Sign != 0)))
            throw reader.Malformed("the sums are not those of as many losses");
        if (Count == NaNCount)
            return;
        var (min, max) = (reader.ReadDouble(), reader.ReadDouble());
        var least = negatives != 0 ? double.NegativeInfinity : finite != 0 ? 0.0 : double.PositiveInfinity;
        var greatest = positives != 0 ? double.PositiveInfinity : finite != 0 ? 0.0 : double.NegativeInfinity;
        if (!(min <= max) || IsNegativeZero(min) || IsNegativeZero(max) || !SameKind(min, least) || !SameKind(max, greatest))
            throw reader.Malformed($"these losses cannot have the least {min:R} and the greatest {max:R}");
        (_min, _max) = (min, max);
    }

    /// <summary>Both finite, or the same infinity.</summary>
    private static bool SameKind(double value, double example) => double.IsFinite(example) ? double.IsFinite(value) : value.Equals(example);

    private static bool IsNegativeZero(double value) => value == 0 && double.IsNegative(value);
}
