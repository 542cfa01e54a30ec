using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>Reads the labels of sequences, a list of integers per row, of one row group, row by row. Not for several threads at once.</summary>
public sealed class SequenceLabelReader : IDisposable
{
    private const int EntriesAtOnce = 8192;
    private readonly ScalarColumnReader _entries;
    private readonly ParquetFile _file;
    private readonly int _rowGroup;
    private readonly string _column;
    private readonly bool _isUnsigned;
    private readonly uint _entry;
    private readonly int _maxLength;
    private long[] _labels = new long[256];
    private bool[] _isNull = new bool[256];

    // A batch's labels as 64-bit integers, its levels, and how far it has been used: batches do not end with rows.
    private readonly long[] _batch = new long[EntriesAtOnce];
    private readonly uint[] _repetitions = new uint[EntriesAtOnce];
    private readonly uint[] _definitions = new uint[EntriesAtOnce];
    private readonly uint _defined;
    private int _at;
    private int _count;

    private SequenceLabelReader(ParquetFile file, SchemaLeaf leaf, string column, int rowGroup)
    {
        (_file, _rowGroup, _column) = (file, rowGroup, column);
        _isUnsigned = IntegerColumnReader.IsUnsigned(leaf);
        (_entry, _defined) = ((uint)leaf.Lists[0].EntryDefinitionLevel, (uint)leaf.MaxDefinitionLevel);
        _maxLength = file.Limits.MaxSequenceLength;
        _entries = ScalarColumnReader.Open(file, leaf, rowGroup);
    }

    /// <summary>Whether values are the bits of unsigned 64-bit integers: those of 2^63 and above come out negative.</summary>
    public bool IsUnsigned64 => _isUnsigned && _entries.Leaf.Type == PhysicalType.Int64;

    /// <summary>Bytes read from the file so far, page headers included.</summary>
    public long BytesRead => _entries.BytesRead;

    /// <param name="column">Dotted path.</param>
    /// <param name="rowGroup">0-based.</param>
    /// <exception cref="ParquetException">There is no such column (the message names those that exist), or it holds no lists of integers.</exception>
    public static SequenceLabelReader Open(ParquetFile file, string column, int rowGroup) => new(file, Find(file, column), column, rowGroup);

    /// <summary>Throws as <see cref="Open"/> does, without reading anything.</summary>
    public static void Check(ParquetFile file, string column) => Find(file, column);

    /// <summary>Goes to the next row. False at the row group's end.</summary>
    /// <param name="labels">Sign- or zero-extended to 64 bits, 0 for a null; valid until the next call.</param>
    /// <param name="isNull">As long as <paramref name="labels"/>.</param>
    /// <param name="isNullList">Whether the row is null; it then has no labels, as an empty one has none.</param>
    /// <exception cref="ParquetException">The pages are damaged, contradict the footer, use what cannot be read, or the row is over <see cref="ReaderLimits.MaxSequenceLength"/>.</exception>
    public bool NextRow(out ReadOnlySpan<long> labels, out ReadOnlySpan<bool> isNull, out bool isNullList)
    {
        labels = [];
        isNull = [];
        isNullList = false;
        if (!Fill())
            return false;
        var first = _definitions[_at];
        if (first < _entry)
        {
            // Null or empty: one entry.
            _at++;
            isNullList = first + 1 < _entry;
            if (Fill() && _repetitions[_at] != 0)
                throw Error("a list that is null or empty has a second entry");
            return true;
        }
        var length = 0;
        do
        {
            var run = 1;
            while (_at + run < _count && _repetitions[_at + run] != 0)
                run++;
            Append(length, run);
            length += run;
        }
        while (Fill() && _repetitions[_at] != 0);
        labels = _labels.AsSpan(0, length);
        isNull = _isNull.AsSpan(0, length);
        return true;
    }

    /// <summary>Passes over rows.</summary>
    /// <exception cref="ParquetException">As for <see cref="NextRow"/>; also when the row group ends before.</exception>
    public void Skip(long rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        for (; rows > 0; rows--)
        {
            if (!Fill())
                throw Error($"{rows} rows more are to be skipped than the row group's {_file.Metadata.RowGroups[_rowGroup].NumRows}");
            do
                _at++;
            while (Fill() && _repetitions[_at] != 0);
        }
    }

    public void Dispose() => _entries.Dispose();

    private static SchemaLeaf Find(ParquetFile file, string column)
    {
        var shape = ColumnShape.Of(file, column);
        return shape is { ListDepth: 1, Kind: ElementKind.Integer } ? shape.Leaf
            : throw new ParquetException($"the column is {shape.Description}, where a list of integers is needed: a label for each position", file.Path, column: column);
    }

    private ParquetException Error(string message) => new(message, _file.Path, _rowGroup, _column);

    private bool Fill()
    {
        if (_at < _count)
            return true;
        (_at, _count) = (0, 0);
        if (!_entries.TryRead(EntriesAtOnce, out var batch))
            return false;
        _count = batch.Count;
        batch.RepetitionLevels.CopyTo(_repetitions);
        batch.DefinitionLevels.CopyTo(_definitions);
        for (var i = 0; i < _count; i++)
        {
            var value = batch.Int64(i);
            _batch[i] = _isUnsigned && batch.Width == sizeof(int) ? (uint)value : value;
        }
        return true;
    }

    private void Append(int length, int run)
    {
        if (run > _maxLength - length)
            throw Error($"a row of more than {_maxLength} labels, the reader's limit");
        if (length + run > _labels.Length)
        {
            var capacity = Math.Max(length + run, _labels.Length * 2);
            Array.Resize(ref _labels, capacity);
            Array.Resize(ref _isNull, capacity);
        }
        _batch.AsSpan(_at, run).CopyTo(_labels.AsSpan(length));
        for (var i = 0; i < run; i++)
        {
            var level = _definitions[_at + i];
            if (level < _entry)
                throw Error($"definition level {level} inside a list, where at least {_entry} is possible");
            _isNull[length + i] = level != _defined;
        }
        _at += run;
    }
}
