using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// A column in no list, one entry per row, seen as runs: so many rows with values, so many without. Its pages are opened as they are needed.
/// </summary>
internal sealed class FlatEntries : IDisposable
{
    private readonly uint _defined;
    private readonly long _unitBytes;
    private readonly long _rows;
    private long _pageLeft;
    private long _run;

    /// <param name="unitBytes">Bytes of one value, for windows of whole values.</param>
    public FlatEntries(ParquetFile file, SchemaLeaf leaf, int rowGroup, int windowBytes, long unitBytes)
    {
        Pages = new PageReader(file, leaf, windowBytes);
        (_defined, _unitBytes) = ((uint)leaf.MaxDefinitionLevel, unitBytes);
        Pages.Start(rowGroup);
        _rows = file.Metadata.RowGroups[rowGroup].NumRows;
        var values = file.Metadata.RowGroups[rowGroup].Columns[leaf.ColumnIndex].NumValues;
        if (values != _rows)
            Pages.Context.Fail($"the column has {values} values in a row group of {_rows} rows");
        RowsLeft = _rows;
    }

    public PageReader Pages { get; }

    public long RowsLeft { get; private set; }

    /// <summary>Whether the rows of the current run are null.</summary>
    public bool IsNull { get; private set; }

    /// <summary>Rows left in the current run of nulls or of values; 0 at the row group's end.</summary>
    public long Run()
    {
        if (RowsLeft == 0)
            End();
        else if (_run == 0)
            NextRun();
        return _run;
    }

    /// <summary>To be called by who finds no rows left: a page read through windows has its checksum compared when the reader goes on behind it.</summary>
    public void End()
    {
        if (Pages.Next())
            Pages.Context.Fail($"the column goes on behind the row group's {_rows} rows");
    }

    /// <summary>Notes that rows of the current run are done with; their values have been taken, or skipped, by the caller.</summary>
    public void Consume(long rows)
    {
        _run -= rows;
        RowsLeft -= rows;
    }

    /// <summary>Passes over rows. Pages that lie wholly within them are not read.</summary>
    public void Skip(long rows)
    {
        if (rows > RowsLeft)
            Pages.Context.Fail($"{rows} rows are to be skipped where {RowsLeft} of the row group's {_rows} are left");
        while (rows > 0)
        {
            if (_run == 0 && _pageLeft == 0)
            {
                NextPage();
                if (_pageLeft <= rows)
                {
                    rows -= _pageLeft;
                    RowsLeft -= _pageLeft;
                    _pageLeft = 0;
                    continue;
                }
                Pages.Open(_unitBytes);
            }
            var skipped = Math.Min(rows, Run());
            if (!IsNull)
                SkipValues(skipped);
            Consume(skipped);
            rows -= skipped;
        }
    }

    public void Dispose() => Pages.Dispose();

    private void SkipValues(long count)
    {
        if (Pages.IsByteArray)
            Pages.Bytes.Skip(count);
        else
            Pages.Fixed.Skip(count);
    }

    private void NextPage()
    {
        if (!Pages.Next())
            Pages.Context.Fail($"the column ends {RowsLeft} rows before the row group's {_rows}");
        _pageLeft = Pages.Header.NumValues;
    }

    private void NextRun()
    {
        if (_pageLeft == 0)
        {
            NextPage();
            Pages.Open(_unitBytes);
        }
        IsNull = false;
        _run = _defined == 0 ? _pageLeft : Pages.Definitions.TakeEqual(_defined, _pageLeft);
        if (_run == 0)
        {
            // Below the defined level, different levels are different ancestors that are null: all the same here.
            IsNull = true;
            _run = 1 + Pages.Definitions.TakeEqual(Pages.Definitions.TakeOne(), _pageLeft - 1);
        }
        _pageLeft -= _run;
    }
}
