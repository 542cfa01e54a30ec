using System.Runtime.CompilerServices;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Reads a scalar column of any type of one row group as keys into a <see cref="KeyTable"/>: slices, groups, string labels. Each distinct value has its text
/// made once; of a dictionary page, once per entry that occurs. Not for several threads at once.
/// </summary>
/// <remarks>
/// Texts: integers in decimal, true and false, floats as the shortest text that reads back, NaN, Infinity, -Infinity, decimals with all digits of their scale, dates and times in
/// ISO 8601 (a Z on timestamps adjusted to UTC), UUIDs with hyphens, strings as they are, other binary as 0x and hexadecimal digits.
/// </remarks>
public sealed unsafe class KeyColumnReader : IDisposable
{
    private const int MaxWindowBytes = 64 << 10;

    // Of larger dictionaries, and of more distinct values, texts are made again and looked up.
    private const int MaxMappedEntries = 1 << 20;
    private const int NotMapped = -2;

    // A first look, before the dictionary of all values: columns to slice by have few.
    private const int RecentBits = 10;
    private readonly FlatEntries _entries;
    private readonly KeyFormatter _formatter;
    private readonly int _width;
    private readonly long _rowsThroughGroup;
    private readonly Dictionary<ulong, int> _keysOfBits = [];
    private readonly (ulong Bits, int Key)[] _recent = new (ulong, int)[1 << RecentBits];
    private KeyTable? _table;
    private int[]? _keysOfEntries;

    private KeyColumnReader(ParquetFile file, SchemaLeaf leaf, int rowGroup)
    {
        _formatter = new KeyFormatter(file, leaf);
        _width = leaf.Type == PhysicalType.Boolean ? 1 : ValueDecoders.WidthOf(leaf.Type, leaf.TypeLength);
        _rowsThroughGroup = file.Metadata.RowGroups.Take(rowGroup + 1).Sum(group => group.NumRows);
        _entries = new FlatEntries(file, leaf, rowGroup, Math.Min(MaxWindowBytes, file.Limits.WindowBytes), Math.Max(1, _width));
    }

    /// <summary>Rows not read yet.</summary>
    public long RowsLeft => _entries.RowsLeft;

    /// <summary>Bytes read from the file so far, page headers included.</summary>
    public long BytesRead => _entries.Pages.Context.BytesRead;

    /// <param name="column">Dotted path.</param>
    /// <param name="rowGroup">0-based.</param>
    /// <exception cref="ParquetException">There is no such column (the message names those that exist), it is a list or a group, or of a kind that has no text.</exception>
    public static KeyColumnReader Open(ParquetFile file, string column, int rowGroup) => new(file, ColumnFinder.FindScalar(file, column), rowGroup);

    /// <summary>Throws as <see cref="Open"/> does, without reading anything.</summary>
    public static void Check(ParquetFile file, string column) => _ = new KeyFormatter(file, ColumnFinder.FindScalar(file, column));

    /// <summary>Reads the next rows, as many as fit <paramref name="keys"/> or the row group has.</summary>
    /// <param name="keys">Keys of <paramref name="table"/>, <see cref="KeyTable.Null"/> for a null.</param>
    /// <param name="table">Values that it does not have yet are added, in the order of rows.</param>
    /// <returns>The number of rows read; 0 at the row group's end.</returns>
    /// <exception cref="ParquetException">The pages are damaged, contradict the footer, use what cannot be read, or a text is not UTF-8 (the message names the file's row).</exception>
    /// <exception cref="KeyLimitException">The table is full. This reader is then of no more use.</exception>
    public int Read(Span<int> keys, KeyTable table)
    {
        Use(table);
        var done = 0;
        while (done < keys.Length && _entries.Run() is > 0 and var run)
        {
            var rows = keys.Slice(done, (int)Math.Min(keys.Length - done, run));
            if (_entries.IsNull)
                rows.Fill(KeyTable.Null);
            else
                rows = rows[..Take(rows, table)];
            _entries.Consume(rows.Length);
            done += rows.Length;
        }
        return done;
    }

    /// <summary>Passes over rows; pages that lie wholly within them are not read.</summary>
    public void Skip(long rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        _entries.Skip(rows);
    }

    public void Dispose() => _entries.Dispose();

    private void Use(KeyTable table)
    {
        if (ReferenceEquals(table, _table))
            return;
        _table = table;
        _keysOfBits.Clear();
        _recent.AsSpan().Fill((0, NotMapped));
        _keysOfEntries?.AsSpan().Fill(NotMapped);
    }

    private int Take(Span<int> keys, KeyTable table)
    {
        var pages = _entries.Pages;
        if (pages.Indices is { } indices && pages.Dictionary.Count <= MaxMappedEntries)
            TakeIndices(indices, keys, table);
        else if (pages.IsByteArray)
        {
            for (var i = 0; i < keys.Length; i++)
            {
                var value = pages.Bytes.Take(out var length);
                keys[i] = KeyOf(new ReadOnlySpan<byte>(value, length), table, i);
            }
        }
        else
        {
            keys = keys[..(int)Math.Min(keys.Length, pages.Fixed.TakeSize(1))];
            var values = pages.Fixed.Take(keys.Length);
            for (var i = 0; i < keys.Length; i++, values += _width)
                keys[i] = _width <= sizeof(ulong) ? KeyOfBits(values, table, i) : Add(new ReadOnlySpan<byte>(values, _width), table, i);
        }
        return keys.Length;
    }

    private void TakeIndices(HybridRuns indices, Span<int> keys, KeyTable table)
    {
        if (_keysOfEntries is null)
        {
            _keysOfEntries = new int[_entries.Pages.Dictionary.Count];
            _keysOfEntries.AsSpan().Fill(NotMapped);
        }
        Span<uint> batch = stackalloc uint[512];
        for (var done = 0; done < keys.Length;)
        {
            var n = (int)Math.Min(keys.Length - done, indices.RepeatedLeft());
            if (n > 0)
            {
                keys.Slice(done, n).Fill(KeyOfEntry((int)indices.RepeatedValue, table, done));
                indices.Skip(n);
                done += n;
                continue;
            }
            n = Math.Min(keys.Length - done, batch.Length);
            indices.Expand(batch[..n]);
            foreach (var index in batch[..n])
            {
                var key = _keysOfEntries[index];
                keys[done] = key != NotMapped ? key : KeyOfEntry((int)index, table, done);
                done++;
            }
        }
    }

    private int KeyOfEntry(int index, KeyTable table, int row)
    {
        ref var key = ref _keysOfEntries![index];
        if (key == NotMapped)
            key = KeyOf(_entries.Pages.Dictionary.Entry(index, _width), table, row);
        return key;
    }

    private int KeyOf(ReadOnlySpan<byte> value, KeyTable table, int row)
    {
        if (_formatter.IsText)
            return table.TryFind(value, out var known) ? known : Add(value, table, row);
        if (_width is 0 or > sizeof(ulong))
            return Add(value, table, row);
        fixed (byte* at = value)
            return KeyOfBits(at, table, row);
    }

    /// <param name="value">Of at most 8 bytes.</param>
    private int KeyOfBits(byte* value, KeyTable table, int row)
    {
        ulong bits;
        switch (_width)
        {
            case sizeof(byte):
                bits = *value;
                break;
            case sizeof(uint):
                bits = Unsafe.ReadUnaligned<uint>(value);
                break;
            case sizeof(ulong):
                bits = Unsafe.ReadUnaligned<ulong>(value);
                break;
            default:
                bits = 0;
                new ReadOnlySpan<byte>(value, _width).CopyTo(new Span<byte>(&bits, sizeof(ulong)));
                break;
        }
        ref var recent = ref _recent[bits * 0x9e3779b97f4a7c15 >> (64 - RecentBits)];
        if (recent.Bits != bits || recent.Key == NotMapped)
            recent = (bits, LookUp(bits, value, table, row));
        return recent.Key;
    }

    private int LookUp(ulong bits, byte* value, KeyTable table, int row)
    {
        bits = _formatter.Canonical(bits);
        if (_keysOfBits.TryGetValue(bits, out var key))
            return key;
        key = Add(new ReadOnlySpan<byte>(value, _width), table, row);
        if (_keysOfBits.Count < MaxMappedEntries)
            _keysOfBits.Add(bits, key);
        return key;
    }

    /// <param name="row">Rows of the current run before it.</param>
    private int Add(ReadOnlySpan<byte> value, KeyTable table, int row)
    {
        if (!_formatter.TryFormat(value, out var utf8, out var problem))
            _entries.Pages.Context.Fail($"row {_rowsThroughGroup - _entries.RowsLeft + row} of the file has {problem}");
        return table.Add(utf8);
    }
}
