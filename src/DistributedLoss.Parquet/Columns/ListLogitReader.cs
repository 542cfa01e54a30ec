using System.Diagnostics.CodeAnalysis;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Logits as a list of floats, or targets as a list of numbers. Rows are found from the runs of the repetition levels, and are whole if the definition levels are one run of
/// "defined"; neither is expanded. A V1 page may end within a row, and nothing but the next page says whether it does: the last
/// row of such a page is carried over in scratch memory.
/// </summary>
internal sealed unsafe class ListLogitReader : LogitReader
{
    private enum Pending
    {
        Nothing,

        /// <summary>A whole row that is not what the caller wants.</summary>
        Row,

        /// <summary>The last row of a page, which may go on in the next.</summary>
        Tail,
    }

    private readonly PageReader _pages;
    private readonly HybridRuns _repetitions;
    private readonly HybridRuns _definitions;
    private readonly NativeBuffer _carry = new();
    private readonly FloatFormat _format;
    private readonly int _classes;
    private readonly int _valueBytes;
    private readonly uint _defined;
    private readonly uint _entry;
    private readonly long _rows;
    private long _rowsLeft;
    private long _entriesLeft;
    private bool _wholeRows;
    private bool _dropping;
    private Pending _pending;
    private long _pendingEntries;
    private long _pendingDefined;
    private bool _carrying;
    private long _carryEntries;
    private int _carryValues;
    private RowDefect _carryDefect;

    private readonly RowClaims _claims;

    /// <param name="valueBytes">Bytes of one value as taken from a page.</param>
    /// <param name="format">What tiles say of their values; integers and booleans, which have none, are told apart by whoever reads them.</param>
    public ListLogitReader(ParquetFile file, SchemaLeaf leaf, int valueBytes, FloatFormat format, int rowGroup, int classes, GroupPageRows pageRows, in RowRangeStart start)
    {
        (_format, _classes, _valueBytes) = (format, classes, valueBytes);
        (_defined, _entry) = ((uint)leaf.MaxDefinitionLevel, (uint)leaf.Lists[0].EntryDefinitionLevel);
        _rows = _rowsLeft = file.Metadata.RowGroups[rowGroup].NumRows;
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
        if (start.PageOffset == 0)
            return;
        _rowsLeft -= start.RowsBefore;
        _dropping = start.ValuesBefore > 0;
    }

    public override long BytesRead => _pages.Context.BytesRead;

    private long RowBytes => (long)_classes * _valueBytes;

    private protected override bool Advance(int maxRows, bool skip, out LogitTile tile)
    {
        while (true)
        {
            if (_pending == Pending.Row)
            {
                tile = TakePendingRow(maxRows);
                return true;
            }
            if (_entriesLeft == 0)
            {
                if (_pending == Pending.Tail)
                    StartCarry();
                if (NextPage(skip ? maxRows : 0, out var passed))
                    continue;
                if (passed > 0 || _carrying)
                {
                    tile = passed > 0 ? Count(new LogitTile { Rows = passed }) : TakeCarry();
                    return true;
                }
                if (_rowsLeft > 0)
                    _pages.Context.Fail($"the column ends {_rowsLeft} rows before the row group's {_rows}");
                tile = default;
                return false;
            }
            if (_carrying)
            {
                var more = TakeRepeated();
                if (more > 0)
                    AppendToCarry(more);
                if (_entriesLeft == 0)
                    continue;
                tile = TakeCarry();
                return true;
            }
            var values = _pages.Fixed;
            var rows = CutRows((int)Math.Min(maxRows, skip ? maxRows : RowsAtOnce(values)));
            if (rows == 0)
                continue;
            if (skip)
            {
                values.Skip((long)rows * _classes);
                tile = Count(new LogitTile { Rows = rows });
            }
            else
                tile = Good(values.Take(rows * _classes), rows, values.Ahead);
            return true;
        }
    }

    [DoesNotReturn]
    private protected override void FailShort(long rows) =>
        _pages.Context.Fail($"{rows} rows more are to be skipped than the row group's {_rows}");

    protected override void Dispose(bool disposing)
    {
        _pages.Dispose();
        _carry.Dispose();
    }

    // A span holds less than 2^31 bytes.
    private long RowsAtOnce(FixedValues values) => Math.Max(1, Math.Min(values.TakeSize(_classes), (1 << 30) / _valueBytes) / _classes);

    private LogitTile Good(byte* values, int rows, nint ahead = 0) => Count(new LogitTile
    {
        Format = _format,
        Layout = TileLayout.RowMajor,
        Rows = rows,
        Classes = _classes,
        Values = new ReadOnlySpan<byte>(values, (int)(rows * RowBytes)),
        Ahead = ahead,
    });

    private LogitTile Bad(RowDefect defect, long length = 0, int rows = 1) => Count(new LogitTile
    {
        Format = _format,
        Layout = TileLayout.RowMajor,
        Rows = rows,
        Classes = _classes,
        Defect = defect,
        DefectLength = (int)Math.Min(length, int.MaxValue),
    });

    private LogitTile Count(LogitTile tile)
    {
        _rowsLeft -= tile.Rows;
        var rest = _entriesLeft > 0 || _pending != Pending.Nothing;
        if (_rowsLeft < 0 || (_rowsLeft == 0 && (rest || _pages.HasMore)))
            _pages.Context.Fail($"the column has more rows than the row group's {_rows}");
        _claims.Check(_rows - _rowsLeft + (rest ? 1 : 0));
        return tile;
    }

    /// <summary>
    /// Opens the next page; false at the chunk's end. V2 pages begin with a row and say how many they have: one that lies wholly within
    /// <paramref name="skippable"/> rows is passed over unread, its rows then <paramref name="passed"/>, and the answer is false too.
    /// </summary>
    private bool NextPage(long skippable, out int passed)
    {
        passed = 0;
        var rowsBefore = _rows - _rowsLeft + (_carrying ? 1 : 0);
        _claims.Leave(rowsBefore);
        if (!_pages.Next())
            return false;
        ref readonly var header = ref _pages.Header;
        _claims.Enter(rowsBefore);
        var v2 = header.Type == PageType.DataV2;
        if (!_carrying && !_dropping && PageRows.Claimed(header) is > 0 and var rows && rows <= skippable)
        {
            passed = rows;
            return false;
        }
        _pages.Open(RowBytes);
        _entriesLeft = header.NumValues;
        _wholeRows = v2 || !_pages.HasMore;
        if (_dropping && !v2)
            DropForeignRow();
        else if (!_carrying && _repetitions.TakeEqual(1, 1) == 1)
            _pages.Context.Fail("the page begins in the middle of a row, but no row is open");
        _dropping = _dropping && !v2 && _entriesLeft == 0;
        return true;
    }

    // Reading began at this page: entries before its first row belong to whoever reads the page before.
    private void DropForeignRow()
    {
        var foreign = TakeRepeated();
        _pages.Fixed.Skip(_definitions.Count(_defined, foreign, _entry));
    }

    private long TakeRepeated()
    {
        var entries = _repetitions.TakeEqual(1, _entriesLeft);
        _entriesLeft -= entries;
        return entries;
    }

    /// <summary>Passes over the levels of whole rows of the right length without nulls, at most <paramref name="bound"/>; what stopped it is pending.</summary>
    private int CutRows(int bound)
    {
        var rows = 0;
        while (rows < bound && _entriesLeft > 0)
        {
            rows += TakeShortRows(bound - rows, out var begun);
            if (begun == 0)
            {
                if (_repetitions.TakeEqual(0, 1) == 0)
                    _pages.Context.Fail("a repetition level above 1 in a list of numbers");
                _entriesLeft--;
                begun = 1;
            }
            var entries = begun + TakeRepeated();
            if (_entriesLeft == 0 && !_wholeRows)
            {
                (_pending, _pendingEntries) = (Pending.Tail, entries);
                break;
            }
            var defined = _definitions.TakeEqual(_defined, entries);
            if (entries != _classes || defined != entries)
            {
                (_pending, _pendingEntries, _pendingDefined) = (Pending.Row, entries, defined);
                break;
            }
            rows++;
        }
        return rows;
    }

    // Of short rows, many lie in one word of levels; without nulls around, they need no look one by one. Of the row that stops it, the first entries are taken.
    private int TakeShortRows(int bound, out int begun)
    {
        begun = 0;
        var defined = _definitions.RepeatedLeft();
        if (defined < _classes || _definitions.RepeatedValue != _defined)
            return 0;
        var rows = _repetitions.TakeLists(1, _classes, Math.Min(bound, defined / _classes), out begun);
        _entriesLeft -= (rows * _classes) + begun;
        _definitions.TakeEqual(_defined, rows * _classes);
        return (int)rows;
    }

    private LogitTile TakePendingRow(int maxRows)
    {
        _pending = Pending.Nothing;
        var defect = TakeRestOfDefinitions(_pendingEntries, _pendingDefined, isFirst: true, out var values, out var absent);
        _pages.Fixed.Skip(values);
        if (absent is not uint level)
            return defect == RowDefect.None ? Bad(RowDefect.WrongLength, _pendingEntries) : Bad(defect);
        // Rows alike that follow, null or empty, each of one entry: a file of nothing else still goes by the run.
        var more = _definitions.TakeEqual(level, Math.Min(maxRows - 1, _entriesLeft));
        if (_repetitions.TakeEqual(0, more) != more)
            _pages.Context.Fail("a list that is null or empty has a second entry");
        _entriesLeft -= more;
        return defect == RowDefect.None ? Bad(RowDefect.WrongLength, 0, 1 + (int)more) : Bad(defect, 0, 1 + (int)more);
    }

    /// <summary>Consumes the definition levels of a row's <paramref name="entries"/> behind the first <paramref name="defined"/>, and says what they make of it.</summary>
    /// <param name="absent">The definition level of a row whose only entry stands for a list that is null or empty.</param>
    private RowDefect TakeRestOfDefinitions(long entries, long defined, bool isFirst, out long values, out uint? absent)
    {
        values = defined;
        absent = null;
        if (defined == entries)
            return RowDefect.None;
        var level = _definitions.TakeOne();
        if (level >= _entry)
        {
            values += _definitions.Count(_defined, entries - defined - 1, _entry);
            return RowDefect.NullLogits;
        }
        if (entries != 1 || !isFirst)
            _pages.Context.Fail($"definition level {level} inside a list, where at least {_entry} is possible");
        absent = level;
        return level == _entry - 1 ? RowDefect.None : RowDefect.NullLogits;
    }

    private void StartCarry()
    {
        (_pending, _carrying, _carryEntries, _carryValues, _carryDefect) = (Pending.Nothing, true, 0, 0, RowDefect.None);
        AppendToCarry(_pendingEntries);
    }

    private void AppendToCarry(long entries)
    {
        var defined = _definitions.TakeEqual(_defined, entries);
        var defect = TakeRestOfDefinitions(entries, defined, isFirst: _carryEntries == 0, out var values, out var absent);
        if (defect != RowDefect.None)
            _carryDefect = defect;
        var kept = (int)Math.Min(values, _classes - _carryValues);
        if (kept > 0)
        {
            var target = _carry.Reserve(RowBytes) + (long)_carryValues * _valueBytes;
            new ReadOnlySpan<byte>(_pages.Fixed.Take(kept), kept * _valueBytes).CopyTo(new Span<byte>(target, kept * _valueBytes));
            _carryValues += kept;
        }
        _pages.Fixed.Skip(values - kept);
        _carryEntries += absent is null ? entries : 0;
    }

    private LogitTile TakeCarry()
    {
        _carrying = false;
        if (_carryDefect != RowDefect.None)
            return Bad(_carryDefect);
        return _carryEntries == _classes ? Good(_carry.Start, 1) : Bad(RowDefect.WrongLength, _carryEntries);
    }
}
