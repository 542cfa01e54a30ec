using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

public sealed partial class ClassTotals
{
    private const int EntryBytes = sizeof(int) + (3 * sizeof(long));

    /// <summary>
    /// Canonical bytes, little-endian: int32 Classes; int32 number of classes labelled or predicted; for each of those, by ascending
    /// index, int32 index, int64 labelled, int64 predicted, int64 correct; then the loss sums as <see cref="ExactSumArray.WriteTo"/> has them.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt32(Classes);
        var entries = 0;
        foreach (var counts in _counts)
            entries += counts.IsEmpty ? 0 : 1;
        output.WriteInt32(entries);
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_counts[i].IsEmpty)
                continue;
            output.WriteInt32(i);
            output.WriteInt64(_counts[i].Labelled);
            output.WriteInt64(_counts[i].Predicted);
            output.WriteInt64(_counts[i].Correct);
        }

        _losses.WriteTo(output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <param name="source">Bytes, possibly with others behind them.</param>
    /// <param name="classes">The number of classes that the reader expects; it bounds what is allocated.</param>
    /// <param name="bytesRead">Where the totals' bytes end.</param>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, of another number of classes, or contradict each other.</exception>
    public static ClassTotals Read(ReadOnlySpan<byte> source, int classes, out int bytesRead)
    {
        var reader = new ByteReader(source, "ClassTotals");
        reader.ReadInt32("number of classes", classes, classes);
        var entries = reader.ReadInt32("number of entries", 0, Math.Min(classes, reader.Rest.Length / EntryBytes));
        var all = new Counts[classes];
        var (labelled, predicted, index) = (0L, 0L, -1);
        for (var entry = 0; entry < entries; entry++)
        {
            index = reader.ReadInt32("class", index + 1, classes - 1);
            var counts = new Counts(
                reader.ReadInt64("labelled", 0, long.MaxValue - labelled), reader.ReadInt64("predicted", 0, long.MaxValue - predicted), 0);
            counts.Correct = reader.ReadInt64("correct", 0, Math.Min(counts.Labelled, counts.Predicted));
            if (counts.IsEmpty)
                throw reader.Malformed($"the entry of class {index} is empty");
            all[index] = counts;
            labelled += counts.Labelled;
            predicted += counts.Predicted;
        }

        if (labelled != predicted)
            throw reader.Malformed($"{labelled} labels and {predicted} predictions are not those of the same rows");
        var losses = ExactSumArray.Read(reader.Rest, classes, out var length);
        for (var i = 0; i < classes; i++)
        {
            if (!losses.CouldSum(i, all[i].Labelled))
                throw reader.Malformed($"class {i} has more losses than its {all[i].Labelled} rows");
        }

        bytesRead = reader.Position + length;
        return new ClassTotals(all, losses);
    }
}
