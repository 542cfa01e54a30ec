using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>The positions of the row at hand.</summary>
public sealed unsafe partial class SequenceLogitReader
{
    private enum Pending
    {
        Nothing,

        /// <summary>A whole position that is not what the caller wants.</summary>
        Position,

        /// <summary>The last position of a V1 page, which may go on in the next.</summary>
        Tail,
    }

    private readonly NativeBuffer _carry = new();

    // A position's first repetition level has been consumed, and nothing else of it.
    private bool _positionBegun;
    private Pending _pending;
    private long _pendingEntries;
    private long _pendingDefined;
    private bool _carrying;
    private bool _isCarryAbsent;
    private long _carryEntries;
    private int _carryValues;
    private RowDefect _carryDefect;

    private long PositionBytes => (long)_classes * _valueBytes;

    // Whether the page's last position ends with the page.
    private bool PositionsEndHere => _rowsEndHere || !_pages.HasMore;

    private bool Advance(int max, bool skip, out LogitTile tile)
    {
        while (_inRow)
        {
            if (_pending == Pending.Position)
            {
                tile = TakePending();
                return true;
            }
            if (_pending == Pending.Tail)
                StartCarry();
            if (_entriesLeft == 0 && !_positionBegun)
            {
                if (_carrying ? !NextPage() : _rowsEndHere || !NextPage())
                    EndAtPageEnd();
                continue;
            }
            if (_carrying)
            {
                AppendToCarry(TakeRepeated());
                if (_entriesLeft == 0 && !PositionsEndHere)
                    continue;
                tile = TakeCarry();
                return true;
            }
            if (!_positionBegun && !BeginPosition())
                break;
            var values = _pages.Fixed;
            var positions = CutPositions((int)Math.Min(max, skip ? max : PositionsAtOnce(values)));
            if (positions == 0)
                continue;
            if (skip)
            {
                values.Skip((long)positions * _classes);
                tile = new LogitTile { Rows = positions };
            }
            else
                tile = Good(values.Take(positions * _classes), positions);
            return true;
        }
        tile = default;
        return false;
    }

    private void EndAtPageEnd()
    {
        if (_carrying)
            _pages.Context.Fail($"the column ends within a position of {_carryEntries} values");
        _inRow = false;
        _claims.Leave(_rowsBegun);
    }

    private bool BeginPosition()
    {
        if (_repetitions.PeekOne() == 0)
        {
            BeginRow();
            _inRow = false;
            return false;
        }
        if (_isAbsent)
            _pages.Context.Fail("a list that is null or empty has a second entry");
        if (_repetitions.TakeEqual(1, 1) == 0)
            _pages.Context.Fail("the page begins in the middle of a position, but none is open");
        _entriesLeft--;
        return _positionBegun = true;
    }

    // A span holds less than 2^31 bytes.
    private long PositionsAtOnce(FixedValues values) => Math.Max(1, Math.Min(values.TakeSize(_classes), (1 << 30) / _valueBytes) / _classes);

    /// <summary>Passes over the levels of whole positions of the right length without nulls, at most <paramref name="bound"/>; what stopped it is pending, or the row's end.</summary>
    private int CutPositions(int bound)
    {
        var positions = 0;
        while (true)
        {
            var entries = 1 + TakeRepeated();
            _positionBegun = false;
            if (_entriesLeft == 0 && !PositionsEndHere)
            {
                (_pending, _pendingEntries) = (Pending.Tail, entries);
                return positions;
            }
            var defined = _definitions.TakeEqual(_defined, entries);
            if (entries != _classes || defined != entries)
            {
                (_pending, _pendingEntries, _pendingDefined) = (Pending.Position, entries, defined);
                return positions;
            }
            positions++;
            positions += TakeShortPositions(bound - positions);
            if (positions == bound || _entriesLeft == 0 || !BeginPosition())
                return positions;
        }
    }

    // Of short positions, many lie in one word of levels; without nulls around, they need no look one by one.
    private int TakeShortPositions(int bound)
    {
        if (bound == 0 || _entriesLeft == 0)
            return 0;
        var defined = _definitions.RepeatedLeft();
        if (defined < _classes || _definitions.RepeatedValue != _defined)
            return 0;
        var positions = _repetitions.TakeLists(2, _classes, Math.Min(bound, defined / _classes));
        _entriesLeft -= positions * _classes;
        _definitions.TakeEqual(_defined, positions * _classes);
        return (int)positions;
    }

    private long TakeRepeated()
    {
        var entries = _repetitions.TakeEqual(2, _entriesLeft);
        _entriesLeft -= entries;
        return entries;
    }

    private LogitTile TakePending()
    {
        _pending = Pending.Nothing;
        var defect = TakeRestOfDefinitions(_pendingEntries, _pendingDefined, isFirst: true, out var values, out var isAbsent);
        _pages.Fixed.Skip(values);
        return defect == RowDefect.None ? Bad(RowDefect.WrongLength, isAbsent ? 0 : _pendingEntries) : Bad(defect);
    }

    /// <summary>Consumes the definition levels of a position's <paramref name="entries"/> behind the first <paramref name="defined"/>, and says what they make of it.</summary>
    /// <param name="isAbsent">Whether its only entry stands for a position that is null or empty.</param>
    private RowDefect TakeRestOfDefinitions(long entries, long defined, bool isFirst, out long values, out bool isAbsent)
    {
        (values, isAbsent) = (defined, false);
        if (defined == entries)
            return RowDefect.None;
        var level = _definitions.TakeOne();
        if (level >= _value)
        {
            values += _definitions.Count(_defined, entries - defined - 1, _value);
            return RowDefect.NullLogits;
        }
        if (entries != 1 || !isFirst || level < _position)
            _pages.Context.Fail($"definition level {level} inside a list, where at least {(level < _position ? _position : _value)} is possible");
        isAbsent = true;
        return level == _value - 1 ? RowDefect.None : RowDefect.NullLogits;
    }

    private void StartCarry()
    {
        (_pending, _carrying, _isCarryAbsent, _carryEntries, _carryValues, _carryDefect) = (Pending.Nothing, true, false, 0, 0, RowDefect.None);
        AppendToCarry(_pendingEntries);
    }

    private void AppendToCarry(long entries)
    {
        if (entries == 0)
            return;
        if (_isCarryAbsent)
            _pages.Context.Fail("a list that is null or empty has a second entry");
        var defined = _definitions.TakeEqual(_defined, entries);
        var defect = TakeRestOfDefinitions(entries, defined, isFirst: _carryEntries == 0, out var values, out _isCarryAbsent);
        if (defect != RowDefect.None)
            _carryDefect = defect;
        var kept = (int)Math.Min(values, _classes - _carryValues);
        if (kept > 0)
        {
            var target = _carry.Reserve(PositionBytes) + (long)_carryValues * _valueBytes;
            new ReadOnlySpan<byte>(_pages.Fixed.Take(kept), kept * _valueBytes).CopyTo(new Span<byte>(target, kept * _valueBytes));
            _carryValues += kept;
        }
        _pages.Fixed.Skip(values - kept);
        _carryEntries += _isCarryAbsent ? 0 : entries;
    }

    private LogitTile TakeCarry()
    {
        _carrying = false;
        if (_carryDefect != RowDefect.None)
            return Bad(_carryDefect);
        return _carryEntries == _classes ? Good(_carry.Start, 1) : Bad(RowDefect.WrongLength, _carryEntries);
    }

    private LogitTile Good(byte* values, int positions) => new()
    {
        Format = _format,
        Layout = TileLayout.RowMajor,
        Rows = positions,
        Classes = _classes,
        Values = new ReadOnlySpan<byte>(values, (int)(positions * PositionBytes)),
    };

    private LogitTile Bad(RowDefect defect, long length = 0) => new()
    {
        Format = _format,
        Layout = TileLayout.RowMajor,
        Rows = 1,
        Classes = _classes,
        Defect = defect,
        DefectLength = (int)Math.Min(length, int.MaxValue),
    };
}
