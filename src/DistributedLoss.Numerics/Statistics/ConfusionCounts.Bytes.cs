using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

public sealed partial class ConfusionCounts
{
    private const int EntryBytes = (2 * sizeof(int)) + sizeof(long);

    /// <summary>
    /// Canonical bytes, little-endian: int32 Classes; int32 number of pairs that occur (the right ones only up to <see cref="MostDenseClasses"/>); for each, by
    /// label and then predicted class, int32 label, int32 predicted and int64 count.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt32(Classes);
        if (IsDense)
        {
            output.WriteInt32(_matrix.Length - _matrix.AsSpan().Count(0L));
            for (var i = 0; i < _matrix.Length; i++)
            {
                if (_matrix[i] != 0)
                    Write(new(i / Classes, i % Classes, _matrix[i]), output);
            }

            return;
        }

        ConfusedPair[] pairs = [.. _pairs.Entries()];
        Array.Sort(pairs, (a, b) => (a.Label, a.Predicted).CompareTo((b.Label, b.Predicted)));
        output.WriteInt32(pairs.Length);
        foreach (var pair in pairs)
            Write(pair, output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <param name="source">Bytes, possibly with others behind them.</param>
    /// <param name="classes">The number of classes that the reader expects.</param>
    /// <param name="pairLimit">As the constructor's; with the bytes' own length it bounds what is allocated.</param>
    /// <param name="bytesRead">Where the counts' bytes end.</param>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, of another number of classes, or of more pairs than the limit.</exception>
    public static ConfusionCounts Read(ReadOnlySpan<byte> source, int classes, int pairLimit, out int bytesRead)
    {
        var reader = new ByteReader(source, "ConfusionCounts");
        reader.ReadInt32("number of classes", classes, classes);
        var counts = new ConfusionCounts(classes, pairLimit);
        var most = counts.IsDense ? classes * classes : pairLimit;
        var entries = reader.ReadInt32("number of pairs", 0, Math.Min(most, reader.Rest.Length / EntryBytes));
        var (total, previous) = (0L, -1L);
        for (var entry = 0; entry < entries; entry++)
        {
            var label = reader.ReadInt32("label", 0, classes - 1);
            var predicted = reader.ReadInt32("predicted class", 0, classes - 1);
            var place = ((long)label * classes) + predicted;
            if (place <= previous || (label == predicted && !counts.IsDense))
                throw reader.Malformed($"the pair ({label}, {predicted}) is out of place");
            var count = reader.ReadInt64("count", 1, long.MaxValue - total);
            (total, previous) = (total + count, place);
            if (counts.IsDense)
                counts.Matrix()[place] = count;
            else
                counts._pairs.Add(PairTable.Key(label, predicted), count);
        }

        bytesRead = reader.Position;
        return counts;
    }

    private static void Write(ConfusedPair pair, IBufferWriter<byte> output)
    {
        output.WriteInt32(pair.Label);
        output.WriteInt32(pair.Predicted);
        output.WriteInt64(pair.Count);
    }
}
