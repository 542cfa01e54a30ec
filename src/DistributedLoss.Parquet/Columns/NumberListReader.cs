using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>Why a row's list of numbers cannot be used.</summary>
public enum ListDefect : byte
{
    None,

    /// <summary>The list is null, or one of its elements is.</summary>
    Null,

    /// <summary>The list has another number of elements than is expected of every row.</summary>
    WrongLength,
}

/// <summary>
/// Reads for each row of one row group a list of numbers (soft targets, multi-label targets) as float64: floats exactly, integers of any width and sign
/// rounded to nearest beyond 2^53, booleans as 0 and 1. A column of scalars is one of lists of one. Not for several threads at once.
/// </summary>
public sealed class NumberListReader : IDisposable
{
    private readonly LogitReader _tiles;
    private readonly NumberFormat _format;
    private readonly int _width;

    private NumberListReader(LogitReader tiles, NumberFormat format, int width) => (_tiles, _format, _width) = (tiles, format, width);

    /// <param name="column">Dotted path.</param>
    /// <param name="rowGroup">0-based.</param>
    /// <param name="width">The numbers that every row is expected to have.</param>
    /// <exception cref="ParquetException">There is no such column (the message names those that exist), or it holds no lists of numbers.</exception>
    public static NumberListReader Open(ParquetFile file, string column, int rowGroup, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        var (leaf, format) = Find(file, column);
        if ((long)width * format.Bytes() > file.Limits.MaxPageBytes)
            throw new ParquetException($"lists of {width} numbers are over the limit of {file.Limits.MaxPageBytes} bytes", file.Path, rowGroup, column);
        return new NumberListReader(
            leaf.MaxRepetitionLevel == 0
                ? new FixedLogitReader(file, leaf, format.Bytes(), default, rowGroup, width)
                : new ListLogitReader(file, leaf, format.Bytes(), default, rowGroup, width, new GroupPageRows(file, leaf), default),
            format,
            width);
    }

    /// <summary>Throws as <see cref="Open"/> does for the column, without reading anything.</summary>
    public static void Check(ParquetFile file, string column) => Find(file, column);

    /// <summary>Bytes read from the file so far, page headers included.</summary>
    public long BytesRead => _tiles.BytesRead;

    /// <summary>Reads the next rows, as many as <paramref name="defects"/> has room for or the row group has.</summary>
    /// <param name="values">Rows x width, row by row; zeros in rows with a defect.</param>
    /// <param name="defects">One per row.</param>
    /// <param name="lengths">Empty, or as long as <paramref name="defects"/>: the number of elements of a row of <see cref="ListDefect.WrongLength"/>, else 0.</param>
    /// <returns>The number of rows read; 0 at the row group's end.</returns>
    /// <exception cref="ParquetException">The pages are damaged, contradict the footer, or use what cannot be read.</exception>
    public int Read(Span<double> values, Span<ListDefect> defects, Span<int> lengths = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual((long)values.Length, (long)defects.Length * _width, nameof(values));
        var done = 0;
        while (done < defects.Length && _tiles.TryRead(defects.Length - done, out var tile))
        {
            var target = values.Slice(done * _width, tile.Rows * _width);
            var defect = tile.Defect switch
            {
                RowDefect.None => ListDefect.None,
                RowDefect.NullLogits => ListDefect.Null,
                _ => ListDefect.WrongLength,
            };
            if (defect == ListDefect.None)
                _format.Widen(tile.Values, target);
            else
                target.Clear();
            defects.Slice(done, tile.Rows).Fill(defect);
            if (!lengths.IsEmpty)
                lengths.Slice(done, tile.Rows).Fill(tile.DefectLength);
            done += tile.Rows;
        }
        return done;
    }

    /// <summary>Passes over rows; pages are not read where their headers are enough.</summary>
    /// <exception cref="ParquetException">As for reading; also when the row group ends before.</exception>
    public void Skip(long rows) => _tiles.Skip(rows);

    public void Dispose() => _tiles.Dispose();

    private static (SchemaLeaf Leaf, NumberFormat Format) Find(ParquetFile file, string column)
    {
        var shape = ColumnShape.Of(file, column);
        if (shape.ListDepth > 1 || NumberFormats.Of(shape.Leaf) is not NumberFormat format)
            throw new ParquetException($"the column is {shape.Description}, where a list of numbers is needed", file.Path, column: column);
        return (shape.Leaf, format);
    }
}
