using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

public sealed partial class CalibrationBins
{
    /// <summary>
    /// Canonical bytes, little-endian: int32 Bins; for each bin int64 count and, if that is above 0, int64 correct and the 128-bit sum of confidences in
    /// units of 2^-62.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt32(Bins);
        for (var bin = 0; bin < Bins; bin++)
        {
            var tally = At(bin);
            output.WriteInt64(tally.Count);
            if (tally.Count == 0)
                continue;
            output.WriteInt64(tally.Correct);
            output.WriteInt64((long)tally.Sum.Low);
            output.WriteInt64((long)tally.Sum.High);
        }
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, or contradict each other.</exception>
    public static CalibrationBins Read(ReadOnlySpan<byte> source, out int bytesRead)
    {
        var reader = new ByteReader(source, "CalibrationBins");
        var bins = new CalibrationBins(reader.ReadInt32("number of bins", 1, Math.Clamp(reader.Rest.Length / sizeof(long), 1, MostBins)));
        var total = 0L;
        for (var bin = 0; bin < bins.Bins; bin++)
        {
            var count = reader.ReadInt64("count", 0, long.MaxValue - total);
            total += count;
            if (count == 0)
                continue;
            var correct = reader.ReadInt64("correct", 0, count);
            var (low, high) = ((ulong)reader.ReadInt64(), (ulong)reader.ReadInt64());
            var sum = new Wide(high, low);
            var most = bin == bins.Bins - 1 ? 2.0 : bins._edges[bin + 1];
            if (sum < Wide.Product(Units(bins._edges[bin]), (ulong)count) || sum > Wide.Product(Units(Math.BitDecrement(most)), (ulong)count))
                throw reader.Malformed($"{count} confidences of bin {bin} cannot have the sum {sum} / 2^62");
            bins._tallies[bin] = new(sum, count, correct);
        }

        bytesRead = reader.Position;
        return bins;
    }

    /// <summary>The multiple of 2^-62 that a confidence is rounded to.</summary>
    private static ulong Units(double confidence) => (ulong)Math.Round(confidence * (1L << FractionBits));
}
