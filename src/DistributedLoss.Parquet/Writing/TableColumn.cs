using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>A column of a <see cref="TableWriter"/>; it keeps the values of one row group.</summary>
public abstract class TableColumn(string name, bool nullable)
{
    private readonly List<bool> _nulls = [];

    public string Name => name;

    public bool Nullable => nullable;

    /// <summary>Values of the current row group, nulls among them.</summary>
    internal int Rows => _nulls.Count;

    private protected ReadOnlySpan<bool> Nulls => nullable ? CollectionsMarshal.AsSpan(_nulls) : default;

    internal abstract SchemaElement ToElement();

    /// <summary>Writes the row group's chunk; the column is empty after it.</summary>
    internal ChunkBuilder Write(ScalarColumn scalars, SchemaLeaf leaf)
    {
        var chunk = WriteValues(scalars, leaf);
        _nulls.Clear();
        return chunk;
    }

    private protected abstract ChunkBuilder WriteValues(ScalarColumn scalars, SchemaLeaf leaf);

    private protected void Mark(bool isNull)
    {
        if (isNull && !nullable)
        {
            throw new InvalidOperationException($"column {name} is required: it takes no null");
        }
        _nulls.Add(isNull);
    }
}

/// <summary>Numbers, PLAIN: int, long or double.</summary>
public sealed class NumberColumn<T>(string name, bool nullable = false) : TableColumn(name, nullable)
    where T : unmanaged
{
    private readonly GrowingBuffer _values = new();

    private static PhysicalType Type { get; } =
        typeof(T) == typeof(int) ? PhysicalType.Int32
        : typeof(T) == typeof(long) ? PhysicalType.Int64
        : typeof(T) == typeof(double) ? PhysicalType.Double
        : throw new NotSupportedException($"no column of {typeof(T).Name}: int, long and double are written");

    /// <exception cref="InvalidOperationException">A null in a required column.</exception>
    public void Append(T? value)
    {
        Mark(value is null);
        MemoryMarshal.Write(_values.Append(Unsafe.SizeOf<T>()), value ?? default);
    }

    internal override SchemaElement ToElement() =>
        new(Name) { Repetition = Nullable ? Repetition.Optional : Repetition.Required, Type = Type };

    private protected override ChunkBuilder WriteValues(ScalarColumn scalars, SchemaLeaf leaf)
    {
        var chunk = scalars.Write(leaf, _values.Written, Unsafe.SizeOf<T>(), Nulls, split: false);
        _values.Clear();
        return chunk;
    }
}

/// <summary>Texts that repeat, as a dictionary of UTF-8 in order of first appearance in the row group.</summary>
public sealed class TextColumn(string name) : TableColumn(name, nullable: false)
{
    private readonly Dictionary<string, uint> _indexOf = new(StringComparer.Ordinal);
    private readonly GrowingBuffer _dictionary = new();
    private readonly List<uint> _indexes = [];
    private string? _last;

    public void Append(string value)
    {
        Mark(isNull: false);
        // Runs of one value are the rule, and the same object saves hashing its text.
        if (ReferenceEquals(value, _last))
        {
            _indexes.Add(_indexes[^1]);
            return;
        }
        if (!_indexOf.TryGetValue(value, out uint index))
        {
            index = (uint)_indexOf.Count;
            _indexOf.Add(value, index);
            int bytes = Encoding.UTF8.GetByteCount(value);
            MemoryMarshal.Write(_dictionary.Append(sizeof(int)), bytes);
            Encoding.UTF8.GetBytes(value, _dictionary.Append(bytes));
        }
        _indexes.Add(index);
        _last = value;
    }

    internal override SchemaElement ToElement() => new(Name)
    {
        Repetition = Repetition.Required,
        Type = PhysicalType.ByteArray,
        ConvertedType = ConvertedType.Utf8,
        LogicalType = new(LogicalTypeKind.String),
    };

    private protected override ChunkBuilder WriteValues(ScalarColumn scalars, SchemaLeaf leaf)
    {
        var chunk = scalars.WriteDictionary(leaf, _dictionary.Written, _indexOf.Count, CollectionsMarshal.AsSpan(_indexes), sizeof(int), []);
        _indexOf.Clear();
        _dictionary.Clear();
        _indexes.Clear();
        _last = null;
        return chunk;
    }
}
