using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

public sealed partial class LossHistogram
{
    private const int EntryBytes = sizeof(short) + sizeof(long);

    /// <summary>
    /// Canonical bytes, little-endian: int64 counts of NaNs, -infinities, zeros and +infinities; then for losses above 0, and after them for those below, int16
    /// number of bins that are not empty, and for each, by rising magnitude, int16 bin and int64 count. Bin 0 is below 2^-50, bins 1 to 4480 are the 64 of each
    /// octave to 2^20, bins 4481 to 5484 the octaves from there.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt64(NaNCount);
        output.WriteInt64(_negativeInfinities);
        output.WriteInt64(_zeros);
        output.WriteInt64(_positiveInfinities);
        Write(_positive, output);
        Write(_negative, output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">The bytes are cut short or not canonical.</exception>
    public static LossHistogram Read(ReadOnlySpan<byte> source, out int bytesRead)
    {
        var reader = new ByteReader(source, "LossHistogram");
        var histogram = new LossHistogram
        {
            NaNCount = reader.ReadInt64("NaN count", 0),
        };
        histogram.Count = histogram.NaNCount;
        histogram._negativeInfinities = histogram.ReadCount(ref reader, 0);
        histogram._zeros = histogram.ReadCount(ref reader, 0);
        histogram._positiveInfinities = histogram.ReadCount(ref reader, 0);
        histogram.Read(histogram._positive, ref reader);
        histogram.Read(histogram._negative, ref reader);
        bytesRead = reader.Position;
        return histogram;
    }

    private static void Write(OctaveCounts counts, IBufferWriter<byte> output)
    {
        var entries = 0;
        for (var bin = counts.Next(-1); bin >= 0; bin = counts.Next(bin))
            entries++;
        output.WriteInt16((short)entries);
        for (var bin = counts.Next(-1); bin >= 0; bin = counts.Next(bin))
        {
            output.WriteInt16((short)bin);
            output.WriteInt64(counts.At(bin));
        }
    }

    private void Read(OctaveCounts counts, ref ByteReader reader)
    {
        int entries = reader.ReadInt16();
        if (entries < 0 || entries > reader.Rest.Length / EntryBytes)
            throw reader.Malformed($"{entries} bins are not in {reader.Rest.Length} bytes");
        for (var (entry, previous) = (0, -1); entry < entries; entry++)
        {
            int bin = reader.ReadInt16();
            if (bin <= previous || bin >= OctaveCounts.Length)
                throw reader.Malformed($"bin {bin} follows bin {previous} of {OctaveCounts.Length}");
            counts.Add(bin, ReadCount(ref reader, 1));
            previous = bin;
        }
    }

    private long ReadCount(ref ByteReader reader, long least)
    {
        var count = reader.ReadInt64("count", least, long.MaxValue - Count);
        Count += count;
        return count;
    }
}
