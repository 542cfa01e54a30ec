using System.Diagnostics.CodeAnalysis;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Reads the logits of one row group whose rows are sequences: lists of positions, each a list of floats, row by row and within a row tile by tile. Never holds a row: native
/// memory is a few pages (compressed files) or a window (uncompressed ones), and one position. Not for several threads at once.
/// </summary>
/// <remarks>
/// As in <see cref="ListLogitReader"/>, lists are found from the runs of the levels. Repetition level 0 begins a row, 1 a position, 2 is another value. V2 pages end with a row;
/// a V1 page may end anywhere, and only the next page says whether its last position and its last row go on.
/// </remarks>
public sealed unsafe partial class SequenceLogitReader : IDisposable
{
    private readonly PageReader _pages;
    private readonly HybridRuns _repetitions;
    private readonly HybridRuns _definitions;
    private readonly RowClaims _claims;
    private readonly FloatFormat _format;
    private readonly int _classes;
    private readonly int _valueBytes;
    private readonly uint _defined;
    private readonly uint _position;
    private readonly uint _value;
    private readonly long _rows;

    // Rows of the row group whose first level has been consumed, in this range or before.
    private long _rowsBegun;

    // Entries of the open page whose repetition levels have not been consumed.
    private long _entriesLeft;
    private bool _rowsEndHere = true;
    private bool _dropping;

    // A row's first level has been consumed, and the row not been handed out.
    private bool _rowBegun;
    private bool _inRow;

    // The row at hand is null or empty: one entry, no position.
    private bool _isAbsent;

    internal SequenceLogitReader(ParquetFile file, SchemaLeaf leaf, FloatFormat format, int rowGroup, int classes, GroupPageRows pageRows, in RowRangeStart start)
    {
        (_format, _classes, _valueBytes) = (format, classes, format.Bytes());
        (_defined, _position, _value) = ((uint)leaf.MaxDefinitionLevel, (uint)leaf.Lists[0].EntryDefinitionLevel, (uint)leaf.Lists[1].EntryDefinitionLevel);
        _rows = file.Metadata.RowGroups[rowGroup].NumRows;
        _pages = new PageReader(file, leaf, file.Limits.WindowBytes);
        (_repetitions, _definitions) = (_pages.Repetitions, _pages.Definitions);
        try
        {
            _claims = RowClaims.Start(_pages, pageRows, rowGroup, start);
        }
        catch
        {
            _pages.Dispose();
            throw;
        }
        if (start.PageOffset != 0)
            (_rowsBegun, _dropping) = (start.RowsBefore, start.ValuesBefore > 0);
    }

    /// <summary>Bytes read from the file so far, page headers included.</summary>
    public long BytesRead => _pages.Context.BytesRead;

    /// <summary>Goes to the next row, passing over what was not read of the one before. False at the row group's end.</summary>
    /// <param name="isNull">Whether the row is null; it then has no positions, as an empty one has none.</param>
    /// <exception cref="ParquetException">The pages are damaged, contradict the footer, or use what cannot be read.</exception>
    public bool NextRow(out bool isNull)
    {
        EndRow();
        isNull = false;
        while (!_rowBegun)
        {
            if (_entriesLeft == 0 && !NextPage())
            {
                if (_rowsBegun != _rows)
                    _pages.Context.Fail($"the column ends {_rows - _rowsBegun} rows before the row group's {_rows}");
                return false;
            }
            if (_entriesLeft > 0)
                BeginRow();
        }
        var level = _definitions.PeekOne();
        (_rowBegun, _inRow, _isAbsent, isNull) = (false, true, level < _position, level + 1 < _position);
        if (_isAbsent)
            _definitions.TakeOne();
        _positionBegun = !_isAbsent;
        return true;
    }

    /// <summary>
    /// The next positions of the row: as many as lie contiguous, at most <paramref name="maxPositions"/>; <see cref="LogitTile.Rows"/> counts positions. False at the row's end, which verifies
    /// that the row does end where page headers or the offset index say so.
    /// </summary>
    /// <exception cref="ParquetException">As for <see cref="NextRow"/>.</exception>
    public bool TryReadPositions(int maxPositions, out LogitTile tile)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPositions);
        return Advance(maxPositions, skip: false, out tile);
    }

    /// <summary>Passes over what was not read of the row. To be called behind the last row of a range that was not read to its end.</summary>
    /// <exception cref="ParquetException">As for <see cref="NextRow"/>.</exception>
    public void EndRow()
    {
        while (Advance(int.MaxValue, skip: true, out _))
        {
        }
    }

    /// <summary>Passes over rows: V2 pages that lie wholly within them are not read, values are not decoded needlessly.</summary>
    /// <exception cref="ParquetException">As for <see cref="NextRow"/>; also when the row group ends before.</exception>
    public void Skip(long rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        while (rows > 0)
        {
            EndRow();
            if (!_rowBegun && _entriesLeft == 0 && !_dropping)
            {
                if (!NextHeader())
                    FailShort(rows);
                if (PageRows.Claimed(_pages.Header) is > 0 and var claimed && claimed <= rows)
                {
                    CountRows(claimed);
                    rows -= claimed;
                    continue;
                }
                OpenPage();
            }
            if (!NextRow(out _))
                FailShort(rows);
            rows--;
        }
    }

    public void Dispose()
    {
        _pages.Dispose();
        _carry.Dispose();
    }

    [DoesNotReturn]
    private void FailShort(long rows) => _pages.Context.Fail($"{rows} rows more are to be skipped than the row group's {_rows}");

    private void BeginRow()
    {
        if (_repetitions.TakeEqual(0, 1) == 0)
            _pages.Context.Fail("the page begins in the middle of a row, but no row is open");
        _entriesLeft--;
        _rowBegun = true;
        CountRows(1);
    }

    private void CountRows(int begun)
    {
        _rowsBegun += begun;
        if (_rowsBegun > _rows)
            _pages.Context.Fail($"the column has more rows than the row group's {_rows}");
        _claims.Check(_rowsBegun);
    }

    /// <summary>Opens the next page; false at the chunk's end.</summary>
    private bool NextPage()
    {
        if (!NextHeader())
            return false;
        OpenPage();
        return true;
    }

    private bool NextHeader()
    {
        _claims.Leave(_rowsBegun);
        _rowsEndHere = true;
        if (!_pages.Next())
            return false;
        _claims.Enter(_rowsBegun);
        return true;
    }

    private void OpenPage()
    {
        _pages.Open(PositionBytes);
        _entriesLeft = _pages.Header.NumValues;
        _rowsEndHere = _pages.Header.Type == PageType.DataV2;
        if (_dropping && !_rowsEndHere)
            DropForeignRow();
        else if (_rowsEndHere && _repetitions.PeekOne() != 0)
            _pages.Context.Fail("a V2 page begins in the middle of a row");
        _dropping = _dropping && !_rowsEndHere && _entriesLeft == 0;
    }

    // Reading began at this page: entries before its first row belong to whoever reads the page before.
    private void DropForeignRow()
    {
        for (long more = 1; more > 0;)
        {
            more = _repetitions.TakeEqual(2, _entriesLeft);
            more += _repetitions.TakeEqual(1, _entriesLeft - more);
            _entriesLeft -= more;
            _pages.Fixed.Skip(_definitions.Count(_defined, more, _position));
        }
    }
}
