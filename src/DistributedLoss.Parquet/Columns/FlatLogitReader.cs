using System.Diagnostics.CodeAnalysis;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>Logits as one column per class, read side by side. A row with a null in any of them is a defect.</summary>
internal sealed unsafe class FlatLogitReader : LogitReader
{
    // A window of its own should still be worth a system call.
    private const int LeastWindowBytes = 16 << 10;
    private readonly FlatEntries[] _columns;
    private readonly nint[] _addresses;
    private readonly FloatFormat _format;

    public FlatLogitReader(ParquetFile file, IReadOnlyList<SchemaLeaf> leaves, FloatFormat format, int rowGroup)
    {
        _format = format;
        _addresses = GC.AllocateArray<nint>(leaves.Count, pinned: true);
        _columns = new FlatEntries[leaves.Count];
        var all = file.Limits.WindowBytes;
        var window = (int)Math.Clamp(2L * all / leaves.Count, Math.Min(all, LeastWindowBytes), all);
        try
        {
            for (var c = 0; c < _columns.Length; c++)
                _columns[c] = new FlatEntries(file, leaves[c], rowGroup, window, format.Bytes());
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long BytesRead => _columns.Sum(column => column.Pages.Context.BytesRead);

    private protected override bool Advance(int maxRows, bool skip, out LogitTile tile)
    {
        tile = default;
        var rows = Math.Min(maxRows, _columns[0].RowsLeft);
        if (rows == 0)
        {
            foreach (var column in _columns)
                column.End();
            return false;
        }
        if (skip)
        {
            foreach (var column in _columns)
                column.Skip(rows);
            tile = new LogitTile { Rows = (int)rows };
            return true;
        }
        var defect = RowDefect.None;
        foreach (var column in _columns)
        {
            rows = Math.Min(rows, column.Run());
            if (column.IsNull)
                defect = RowDefect.NullLogits;
            else
                rows = Math.Min(rows, column.Pages.Fixed.TakeSize(1));
        }
        for (var c = 0; c < _columns.Length; c++)
        {
            var column = _columns[c];
            if (defect == RowDefect.None)
                _addresses[c] = (nint)column.Pages.Fixed.Take((int)rows);
            else if (!column.IsNull)
                column.Pages.Fixed.Skip(rows);
            column.Consume(rows);
        }
        tile = new LogitTile
        {
            Format = _format,
            Layout = TileLayout.ColumnMajor,
            Rows = (int)rows,
            Classes = _columns.Length,
            Columns = defect == RowDefect.None ? _addresses : default,
            Defect = defect,
        };
        return true;
    }

    [DoesNotReturn]
    private protected override void FailShort(long rows) =>
        _columns[0].Pages.Context.Fail($"{rows} rows more are to be skipped than the row group has");

    protected override void Dispose(bool disposing)
    {
        foreach (var column in _columns)
            column?.Dispose();
    }
}
