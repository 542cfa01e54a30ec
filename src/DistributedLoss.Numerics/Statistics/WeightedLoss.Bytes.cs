using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

public sealed partial class WeightedLoss
{
    /// <summary>
    /// Canonical bytes, little-endian: int64 Count; then the exact sums of contributions, weights, squared contributions, contributions times weights
    /// and squared weights, as <see cref="ExactSum.WriteTo"/> has them.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt64(Count);
        foreach (var sum in (ReadOnlySpan<ExactSum>)[_numerator, _denominator, _squares, _cross, _weightSquares])
            sum.WriteTo(output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, or contradict each other.</exception>
    public static WeightedLoss Read(ReadOnlySpan<byte> source, out int bytesRead)
    {
        var reader = new ByteReader(source, "WeightedLoss");
        var weighted = new WeightedLoss { Count = reader.ReadInt64("count", 0) };
        foreach (var sum in (ReadOnlySpan<ExactSum>)[weighted._numerator, weighted._denominator, weighted._squares, weighted._cross, weighted._weightSquares])
            sum.AddFrom(ref reader);
        if (!weighted.IsConsistent())
            throw reader.Malformed($"the sums are not those of {weighted.Count} rows with weights");
        bytesRead = reader.Position;
        return weighted;
    }

    /// <summary>What holds for the sums of any rows.</summary>
    private bool IsConsistent()
    {
        // A contribution that is not finite has no finite square and no finite product, and every one of those is a row that weighs something. The
        // numerator may lack such a row: there, finite parts are never rounded to an infinity.
        var weights = !_denominator.HasSpecials && !_weightSquares.HasSpecials && _denominator.Sign >= 0 && _denominator.Sign == _weightSquares.Sign;
        var contributions = _squares.CouldSum(Count) && _cross.CouldSum(Count) && _squares.Sign >= 0 && _squares.NegativeInfinityCount == 0
            && Specials(_squares) == Specials(_cross) && Specials(_squares) >= Specials(_numerator) && _squares.NaNCount >= _numerator.NaNCount;

        // An infinite contribution keeps its sign times its weight, or becomes NaN if that is 0.
        var signs = _numerator.PositiveInfinityCount <= (Int128)_cross.PositiveInfinityCount + _cross.NaNCount
            && _numerator.NegativeInfinityCount <= (Int128)_cross.NegativeInfinityCount + _cross.NaNCount;
        var anything = _denominator.Sign != 0 || _squares.Sign != 0 || _squares.HasSpecials;
        return weights && contributions && signs && anything == (Count != 0) && (anything || _cross.Sign == 0);
    }

    private static Int128 Specials(ExactSum sum) => (Int128)sum.NaNCount + sum.PositiveInfinityCount + sum.NegativeInfinityCount;
}
