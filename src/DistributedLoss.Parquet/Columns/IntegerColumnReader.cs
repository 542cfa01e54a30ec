using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>Reads an integer column (labels, ids) of one row group: any width, signed or not, nullable or not, in any encoding. Not for several threads at once.</summary>
public sealed unsafe class IntegerColumnReader : IDisposable
{
    private const int MaxWindowBytes = 64 << 10;
    private readonly FlatEntries _entries;
    private readonly bool _isInt32;
    private readonly bool _isUnsigned;

    private IntegerColumnReader(ParquetFile file, SchemaLeaf leaf, int rowGroup)
    {
        _isInt32 = leaf.Type == PhysicalType.Int32;
        _isUnsigned = IsUnsigned(leaf);
        _entries = new FlatEntries(file, leaf, rowGroup, Math.Min(MaxWindowBytes, file.Limits.WindowBytes), _isInt32 ? sizeof(int) : sizeof(long));
    }

    /// <summary>Whether values are the bits of unsigned 64-bit integers: those of 2^63 and above come out negative.</summary>
    public bool IsUnsigned64 => _isUnsigned && !_isInt32;

    /// <summary>Rows not read yet.</summary>
    public long RowsLeft => _entries.RowsLeft;

    /// <summary>Bytes read from the file so far, page headers included.</summary>
    public long BytesRead => _entries.Pages.Context.BytesRead;

    /// <param name="column">Dotted path.</param>
    /// <param name="rowGroup">0-based.</param>
    /// <exception cref="ParquetException">There is no such column (the message names those that exist), or it is no integer.</exception>
    public static IntegerColumnReader Open(ParquetFile file, string column, int rowGroup) =>
        new(file, Find(file, column), rowGroup);

    /// <summary>Throws as <see cref="Open"/> does, without reading anything.</summary>
    public static void Check(ParquetFile file, string column) => Find(file, column);

    /// <summary>Reads the next rows, as many as fit the spans or the row group has.</summary>
    /// <param name="values">Sign- or zero-extended to 64 bits; 0 for a null.</param>
    /// <param name="isNull">As long as <paramref name="values"/>.</param>
    /// <returns>The number of rows read; 0 at the row group's end.</returns>
    public int Read(Span<long> values, Span<bool> isNull)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(isNull.Length, values.Length, nameof(isNull));
        var done = 0;
        while (done < values.Length && _entries.Run() is > 0 and var run)
        {
            var n = (int)Math.Min(values.Length - done, run);
            if (_entries.IsNull)
                values.Slice(done, n).Clear();
            else
            {
                var source = _entries.Pages.Fixed;
                n = (int)Math.Min(n, source.TakeSize(1));
                Widen(source.Take(n), values.Slice(done, n));
            }
            isNull.Slice(done, n).Fill(_entries.IsNull);
            _entries.Consume(n);
            done += n;
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

    internal static bool IsInteger(SchemaLeaf leaf) => leaf.Type is PhysicalType.Int32 or PhysicalType.Int64
        && leaf.LogicalType?.Kind is null or LogicalTypeKind.Integer or LogicalTypeKind.Unrecognized
        && leaf.ConvertedType is null or (>= ConvertedType.UInt8 and <= ConvertedType.Int64);

    internal static bool IsUnsigned(SchemaLeaf leaf) =>
        leaf.LogicalType is { Kind: LogicalTypeKind.Integer, IsSigned: false } || leaf.ConvertedType is >= ConvertedType.UInt8 and <= ConvertedType.UInt64;

    private static SchemaLeaf Find(ParquetFile file, string column)
    {
        var leaf = ColumnFinder.FindScalar(file, column);
        return IsInteger(leaf) ? leaf
            : throw new ParquetException($"the column is {LeafDescription.Of(leaf)}, where integers are needed", file.Path, column: column);
    }

    private void Widen(byte* from, Span<long> to)
    {
        if (!_isInt32)
            new ReadOnlySpan<byte>(from, to.Length * sizeof(long)).CopyTo(MemoryMarshal.AsBytes(to));
        else if (_isUnsigned)
            WidenUnsigned(from, to);
        else
            WidenSigned(from, to);
    }

    private static void WidenSigned(byte* from, Span<long> to)
    {
        var i = 0;
        for (; i <= to.Length - 4; i += 4)
            Vector256.WidenLower(Vector128.Load((int*)from + i).ToVector256Unsafe()).CopyTo(to[i..]);
        for (; i < to.Length; i++)
            to[i] = Unsafe.ReadUnaligned<int>(from + (i * 4L));
    }

    private static void WidenUnsigned(byte* from, Span<long> to)
    {
        var i = 0;
        for (; i <= to.Length - 4; i += 4)
            Vector256.WidenLower(Vector128.Load((uint*)from + i).ToVector256Unsafe()).AsInt64().CopyTo(to[i..]);
        for (; i < to.Length; i++)
            to[i] = Unsafe.ReadUnaligned<uint>(from + (i * 4L));
    }
}
