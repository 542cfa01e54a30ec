using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

public sealed partial class BinaryClassTotals
{
    /// <summary>
    /// Canonical bytes, little-endian: int32 Classes; int64 Rows; for each class int64 positives, int64 predicted positives, int64 true positives; then the loss sums as
    /// <see cref="ExactSumArray.WriteTo"/> has them.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Settle();
        output.WriteInt32(Classes);
        output.WriteInt64(Rows);
        foreach (var counts in _counts)
        {
            output.WriteInt64(counts.Positive);
            output.WriteInt64(counts.Predicted);
            output.WriteInt64(counts.Both);
        }

        _losses.WriteTo(output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <param name="source">Bytes, possibly with others behind them.</param>
    /// <param name="classes">The number of classes that the reader expects; it bounds what is allocated.</param>
    /// <param name="bytesRead">Where the totals' bytes end.</param>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, of another number of classes, or contradict each other.</exception>
    public static BinaryClassTotals Read(ReadOnlySpan<byte> source, int classes, out int bytesRead)
    {
        var reader = new ByteReader(source, "BinaryClassTotals");
        reader.ReadInt32("number of classes", classes, classes);
        var rows = reader.ReadInt64("rows", 0, classes == 0 ? 0 : long.MaxValue);
        if (reader.Rest.Length / (3 * sizeof(long)) < classes)
            throw reader.Malformed($"the counts of {classes} classes are not in {reader.Rest.Length} bytes");
        var totals = new BinaryClassTotals(classes, rows);
        for (var i = 0; i < classes; i++)
        {
            var (positive, predicted) = (reader.ReadInt64("positives", 0, rows), reader.ReadInt64("predicted positives", 0, rows));
            var least = Math.Max(0, positive - (rows - predicted));
            totals._counts[i] = new(positive, predicted, reader.ReadInt64("true positives", least, Math.Min(positive, predicted)));
        }

        totals._losses.Add(ExactSumArray.Read(reader.Rest, classes, out var length));
        for (var i = 0; i < classes; i++)
        {
            if (!totals._losses.CouldSum(i, rows))
                throw reader.Malformed($"class {i} has more losses than the {rows} rows");
        }

        bytesRead = reader.Position + length;
        return totals;
    }

    private BinaryClassTotals(int classes, long rows)
        : this(classes) => Rows = rows;
}
