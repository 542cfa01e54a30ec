using System.Diagnostics.CodeAnalysis;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>Logits as one value of fixed width per row: FIXED_LEN_BYTE_ARRAY of packed floats, or a column of numbers (one class).</summary>
internal sealed unsafe class FixedLogitReader : LogitReader
{
    private readonly FlatEntries _column;
    private readonly FloatFormat _format;
    private readonly int _classes;
    private readonly int _rowBytes;
    private readonly int _length;

    /// <param name="valueBytes">Bytes of one value as taken from a page.</param>
    /// <param name="format">As for <see cref="ListLogitReader"/>.</param>
    public FixedLogitReader(ParquetFile file, SchemaLeaf leaf, int valueBytes, FloatFormat format, int rowGroup, int classes)
    {
        // A boolean has no width in the file, and is taken as one byte.
        _rowBytes = Math.Max(Pages.ValueDecoders.WidthOf(leaf.Type, leaf.TypeLength), 1);
        (_format, _classes, _length) = (format, classes, _rowBytes / valueBytes);
        _column = new FlatEntries(file, leaf, rowGroup, file.Limits.WindowBytes, _rowBytes);
    }

    public override long BytesRead => _column.Pages.Context.BytesRead;

    private protected override bool Advance(int maxRows, bool skip, out LogitTile tile)
    {
        tile = default;
        var rows = Math.Min(maxRows, _column.RowsLeft);
        if (rows == 0)
        {
            _column.End();
            return false;
        }
        if (skip)
        {
            _column.Skip(rows);
            tile = new LogitTile { Rows = (int)rows };
            return true;
        }
        rows = Math.Min(rows, _column.Run());
        var defect = _column.IsNull ? RowDefect.NullLogits : _length != _classes ? RowDefect.WrongLength : RowDefect.None;
        var values = default(ReadOnlySpan<byte>);
        if (!_column.IsNull)
        {
            rows = Math.Max(1, Math.Min(rows, Math.Min(_column.Pages.Fixed.TakeSize(1), (1 << 30) / _rowBytes)));
            values = new ReadOnlySpan<byte>(_column.Pages.Fixed.Take((int)rows), (int)rows * _rowBytes);
        }
        _column.Consume(rows);
        tile = new LogitTile
        {
            Format = _format,
            Layout = TileLayout.RowMajor,
            Rows = (int)rows,
            Classes = _classes,
            Values = defect == RowDefect.None ? values : default,
            Ahead = _column.Pages.Fixed.Ahead,
            Defect = defect,
            DefectLength = defect == RowDefect.WrongLength ? _length : 0,
        };
        return true;
    }

    [DoesNotReturn]
    private protected override void FailShort(long rows) =>
        _column.Pages.Context.Fail($"{rows} rows more are to be skipped than the row group has");

    protected override void Dispose(bool disposing) => _column.Dispose();
}
