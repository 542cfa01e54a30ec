using System.Runtime.CompilerServices;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Reads any column of one row group, of any physical type, in batches: weights, slices, string labels. Levels are expanded here, one per entry;
/// logits have readers of their own. Not for several threads at once.
/// </summary>
public sealed unsafe class ScalarColumnReader : IDisposable
{
    private const int MaxWindowBytes = 64 << 10;
    private const int MaxEntries = 8192;

    // A batch of strings ends here, unless a single value is longer.
    private const int BatchBytes = 256 << 10;
    private readonly PageReader _pages;
    private readonly SchemaLeaf _leaf;
    private readonly long _rows;
    private readonly NativeBuffer _values = new();
    private readonly bool[] _isNull = new bool[MaxEntries];
    private readonly int[] _offsets;
    private readonly uint[] _repetitions;
    private readonly uint[] _definitions;
    private NativeBuffer _bytes = new();
    private NativeBuffer _moreBytes = new();
    private long _rowsRead;
    private int _pageLeft;

    private ScalarColumnReader(ParquetFile file, SchemaLeaf leaf, int rowGroup)
    {
        _leaf = leaf;
        _rows = file.Metadata.RowGroups[rowGroup].NumRows;
        _offsets = new int[IsByteArray ? MaxEntries + 1 : 0];
        _repetitions = new uint[leaf.MaxRepetitionLevel > 0 ? MaxEntries : 0];
        _definitions = new uint[leaf.MaxDefinitionLevel > 0 ? MaxEntries : 0];
        _pages = new PageReader(file, leaf, Math.Min(MaxWindowBytes, file.Limits.WindowBytes));
        _pages.Start(rowGroup);
    }

    /// <summary>The column in the schema: type, meaning, levels.</summary>
    public SchemaLeaf Leaf => _leaf;

    /// <summary>Bytes read from the file so far, page headers included.</summary>
    public long BytesRead => _pages.Context.BytesRead;

    private bool IsByteArray => _leaf.Type == PhysicalType.ByteArray;

    /// <summary>Opens a column that has one scalar per row.</summary>
    /// <param name="column">Dotted path.</param>
    /// <param name="rowGroup">0-based.</param>
    /// <exception cref="ParquetException">There is no such column (the message names those that exist), or it is a list or a group.</exception>
    public static ScalarColumnReader Open(ParquetFile file, string column, int rowGroup) => new(file, ColumnFinder.FindScalar(file, column), rowGroup);

    /// <summary>Opens any leaf, in lists too.</summary>
    public static ScalarColumnReader Open(ParquetFile file, SchemaLeaf leaf, int rowGroup) => new(file, leaf, rowGroup);

    /// <summary>The next entries, at most <paramref name="maxEntries"/>, often fewer. False at the row group's end.</summary>
    /// <exception cref="ParquetException">The pages are damaged, contradict the footer, or use what cannot be read.</exception>
    public bool TryRead(int maxEntries, out ScalarBatch batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxEntries);
        batch = default;
        if (_pageLeft == 0 && !NextPage())
            return false;
        var count = Math.Min(maxEntries, Math.Min(_pageLeft, MaxEntries));
        if (IsByteArray)
            count = TakeBytes(count);
        else
            TakeFixed(count = (int)Math.Min(count, Math.Max(1, BatchBytes / FixedWidth)));
        _pageLeft -= count;
        CountRows(count);
        batch = new ScalarBatch
        {
            Count = count,
            Type = _leaf.Type,
            Width = FixedWidth,
            IsNull = _isNull.AsSpan(0, count),
            Values = IsByteArray ? new(_bytes.Start, _offsets[count]) : new(_values.Start, count * FixedWidth),
            Offsets = IsByteArray ? _offsets.AsSpan(0, count + 1) : default,
            RepetitionLevels = _repetitions.AsSpan(0, Math.Min(count, _repetitions.Length)),
            DefinitionLevels = _definitions.AsSpan(0, Math.Min(count, _definitions.Length)),
        };
        return true;
    }

    /// <summary>Passes over rows of a column in no list; pages that lie wholly within them are not read.</summary>
    public void Skip(long rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (_leaf.MaxRepetitionLevel > 0)
            throw new InvalidOperationException("rows of a list cannot be passed over");
        while (rows > 0)
        {
            if (_pageLeft == 0)
            {
                if (!_pages.Next())
                    _pages.Context.Fail($"{rows} rows more are to be skipped than the row group's {_rows}");
                if (_pages.Header.NumValues <= rows)
                {
                    rows -= _pages.Header.NumValues;
                    _rowsRead += _pages.Header.NumValues;
                    continue;
                }
                OpenPage();
            }
            TryRead((int)Math.Min(rows, MaxEntries), out var batch);
            rows -= batch.Count;
        }
    }

    public void Dispose()
    {
        _pages.Dispose();
        _values.Dispose();
        _bytes.Dispose();
        _moreBytes.Dispose();
    }

    private int FixedWidth => _leaf.Type switch
    {
        PhysicalType.Boolean => 1,
        PhysicalType.ByteArray => 0,
        _ => ValueDecoders.WidthOf(_leaf.Type, _leaf.TypeLength),
    };

    private bool NextPage()
    {
        if (!_pages.Next())
        {
            if (_rowsRead != _rows)
                _pages.Context.Fail($"the column has {_rowsRead} rows in a row group of {_rows}");
            return false;
        }
        OpenPage();
        return true;
    }

    private void OpenPage()
    {
        _pages.Open(Math.Max(1, FixedWidth));
        _pageLeft = _pages.Header.NumValues;
    }

    private void CountRows(int count)
    {
        var rows = count;
        if (_repetitions.Length > 0)
        {
            _pages.Repetitions.Expand(_repetitions.AsSpan(0, count));
            rows = _repetitions.AsSpan(0, count).Count(0u);
            if (_rowsRead == 0 && rows > 0 && _repetitions[0] != 0)
                _pages.Context.Fail("the column begins in the middle of a row");
        }
        _rowsRead += rows;
        if (_rowsRead > _rows)
            _pages.Context.Fail($"the column has more rows than the row group's {_rows}");
    }

    private void TakeFixed(int count)
    {
        var width = FixedWidth;
        var target = _values.Reserve((long)count * width);
        var present = MarkNulls(count);
        var from = present == 0 ? null : _pages.Fixed.Take(present);
        if (present == count)
        {
            Unsafe.CopyBlockUnaligned(target, from, (uint)(count * width));
            return;
        }
        for (var i = 0; i < count; i++, target += width)
        {
            var slot = new Span<byte>(target, width);
            if (_isNull[i])
                slot.Clear();
            else
            {
                new ReadOnlySpan<byte>(from, width).CopyTo(slot);
                from += width;
            }
        }
    }

    // Definition levels are taken one by one: only the values that fit the batch may be marked.
    private int TakeBytes(int bound)
    {
        var used = 0;
        var count = 0;
        _offsets[0] = 0;
        for (; count < bound && used < BatchBytes; count++)
        {
            MarkNull(count);
            if (!_isNull[count])
            {
                var value = _pages.Bytes.Take(out var length);
                EnsureBytes(used, (long)used + length);
                new ReadOnlySpan<byte>(value, length).CopyTo(new Span<byte>(_bytes.Start + used, length));
                used += length;
            }
            _offsets[count + 1] = used;
        }
        return count;
    }

    private void EnsureBytes(int used, long needed)
    {
        if (needed > int.MaxValue)
            _pages.Context.Fail($"values of {needed} bytes in one batch");
        if (needed <= _bytes.Capacity)
            return;
        _moreBytes.Reserve(Math.Max(needed, BatchBytes));
        new ReadOnlySpan<byte>(_bytes.Start, used).CopyTo(new Span<byte>(_moreBytes.Start, used));
        (_bytes, _moreBytes) = (_moreBytes, _bytes);
    }

    private int MarkNulls(int count)
    {
        var present = count;
        for (var i = 0; i < count; i++)
            present -= MarkNull(i);
        return present;
    }

    private int MarkNull(int entry)
    {
        if (_definitions.Length == 0)
        {
            _isNull[entry] = false;
            return 0;
        }
        _definitions[entry] = _pages.Definitions.TakeOne();
        _isNull[entry] = _definitions[entry] != (uint)_leaf.MaxDefinitionLevel;
        return _isNull[entry] ? 1 : 0;
    }
}
