using System.Diagnostics.CodeAnalysis;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Logits as BYTE_ARRAY of packed floats. Each value has its own length before it, so rows do not touch: short ones are copied together into a
/// tile, long ones are handed out one by one where they lie.
/// </summary>
internal sealed unsafe class BinaryLogitReader : LogitReader
{
    private const int TileBytes = 256 << 10;
    private const int CopiedRowBytes = 16 << 10;
    private readonly FlatEntries _column;
    private readonly NativeBuffer _tile = new();
    private readonly FloatFormat _format;
    private readonly int _classes;
    private readonly long _rowBytes;
    private int? _wrongLength;

    public BinaryLogitReader(ParquetFile file, SchemaLeaf leaf, FloatFormat format, int rowGroup, int classes)
    {
        (_format, _classes, _rowBytes) = (format, classes, (long)classes * format.Bytes());
        _column = new FlatEntries(file, leaf, rowGroup, file.Limits.WindowBytes, _rowBytes + sizeof(int));
    }

    public override long BytesRead => _column.Pages.Context.BytesRead;

    private protected override bool Advance(int maxRows, bool skip, out LogitTile tile)
    {
        tile = default;
        if (_wrongLength is int length)
        {
            _wrongLength = null;
            tile = Bad(RowDefect.WrongLength, 1, length / _format.Bytes());
            return true;
        }
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
        tile = _column.IsNull ? Bad(RowDefect.NullLogits, (int)rows, 0) : TakeRows((int)rows);
        _column.Consume(tile.Rows);
        if (_wrongLength is not null && tile.Defect == RowDefect.None)
            _column.Consume(1);
        return true;
    }

    [DoesNotReturn]
    private protected override void FailShort(long rows) =>
        _column.Pages.Context.Fail($"{rows} rows more are to be skipped than the row group has");

    protected override void Dispose(bool disposing)
    {
        _column.Dispose();
        _tile.Dispose();
    }

    // A value of the wrong length ends the tile; having been taken already, it waits for the next call.
    private LogitTile TakeRows(int bound)
    {
        var values = _column.Pages.Bytes;
        if (_rowBytes > CopiedRowBytes)
        {
            var value = values.Take(out var length);
            return length == _rowBytes ? Good(value, 1) : Bad(RowDefect.WrongLength, 1, length / _format.Bytes());
        }
        bound = (int)Math.Min(bound, TileBytes / _rowBytes);
        var target = _tile.Reserve(bound * _rowBytes);
        var rows = 0;
        for (; rows < bound; rows++)
        {
            var value = values.Take(out var length);
            if (length != _rowBytes)
            {
                if (rows == 0)
                    return Bad(RowDefect.WrongLength, 1, length / _format.Bytes());
                _wrongLength = length;
                break;
            }
            new ReadOnlySpan<byte>(value, length).CopyTo(new Span<byte>(target + rows * _rowBytes, length));
        }
        return Good(target, rows);
    }

    private LogitTile Good(byte* values, int rows) => new()
    {
        Format = _format,
        Layout = TileLayout.RowMajor,
        Rows = rows,
        Classes = _classes,
        Values = new ReadOnlySpan<byte>(values, (int)(rows * _rowBytes)),
    };

    private LogitTile Bad(RowDefect defect, int rows, int length) => new()
    {
        Format = _format,
        Layout = TileLayout.RowMajor,
        Rows = rows,
        Classes = _classes,
        Defect = defect,
        DefectLength = length,
    };
}
