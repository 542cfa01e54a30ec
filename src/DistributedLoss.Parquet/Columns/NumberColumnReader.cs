using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Reads a column of numbers (sample weights) of one row group as float64: floats of any width exactly, integers of any width and sign rounded to
/// nearest beyond 2^53. Not for several threads at once.
/// </summary>
public sealed class NumberColumnReader : IDisposable
{
    private readonly ScalarColumnReader _values;
    private readonly bool _isFloat;
    private readonly bool _isUnsigned;

    private NumberColumnReader(ScalarColumnReader values)
    {
        _values = values;
        _isFloat = FloatFormats.Of(values.Leaf) is not null;
        _isUnsigned = IntegerColumnReader.IsUnsigned(values.Leaf);
    }

    /// <param name="column">Dotted path.</param>
    /// <param name="rowGroup">0-based.</param>
    /// <exception cref="ParquetException">There is no such column (the message names those that exist), or it holds no numbers.</exception>
    public static NumberColumnReader Open(ParquetFile file, string column, int rowGroup) =>
        new(ScalarColumnReader.Open(file, Find(file, column), rowGroup));

    /// <summary>Throws as <see cref="Open"/> does, without reading anything.</summary>
    public static void Check(ParquetFile file, string column) => Find(file, column);

    /// <summary>Reads the next rows, as many as fit the spans or the row group has.</summary>
    /// <param name="values">0 for a null.</param>
    /// <param name="isNull">As long as <paramref name="values"/>.</param>
    /// <returns>The number of rows read; 0 at the row group's end.</returns>
    public int Read(Span<double> values, Span<bool> isNull)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(isNull.Length, values.Length, nameof(isNull));
        int done = 0;
        while (done < values.Length && _values.TryRead(values.Length - done, out var batch))
        {
            batch.IsNull.CopyTo(isNull[done..]);
            for (int i = 0; i < batch.Count; i++)
                values[done + i] = Value(batch, i);
            done += batch.Count;
        }

        return done;
    }

    /// <summary>Passes over rows; pages that lie wholly within them are not read.</summary>
    public void Skip(long rows) => _values.Skip(rows);

    public void Dispose() => _values.Dispose();

    private static SchemaLeaf Find(ParquetFile file, string column)
    {
        var leaf = ColumnFinder.FindScalar(file, column);
        return IntegerColumnReader.IsInteger(leaf) || FloatFormats.Of(leaf) is not null ? leaf
            : throw new ParquetException($"the column is {LeafDescription.Of(leaf)}, where numbers are needed", file.Path, column: column);
    }

    // A null's bytes are zeros, which is 0 in every type.
    private double Value(in ScalarBatch batch, int entry) =>
        !_isFloat ? Integer(batch.Int64(entry), batch.Width)
        : batch.Width == 2 ? (double)BitConverter.ToHalf(batch.Bytes(entry))
        : batch.Double(entry);

    private double Integer(long value, int width) =>
        !_isUnsigned ? value : width == sizeof(int) ? (uint)value : (double)(ulong)value;
}
