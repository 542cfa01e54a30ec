using System.Runtime.CompilerServices;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Consecutive entries of a column, valid until the next call on their reader. For a column in no list an entry is a row;
/// for one in a list it is an element, or stands for a list that is null or empty.
/// </summary>
public readonly ref struct ScalarBatch
{
    /// <summary>At least 1.</summary>
    public int Count { get; init; }

    public PhysicalType Type { get; init; }

    /// <summary>Bytes per value in <see cref="Values"/>; booleans take one. 0 for BYTE_ARRAY.</summary>
    public int Width { get; init; }

    /// <summary>For each entry, whether it has no value.</summary>
    public ReadOnlySpan<bool> IsNull { get; init; }

    /// <summary>Fixed width: Count x Width bytes, little-endian, zero for a null. BYTE_ARRAY: the values one after the other.</summary>
    public ReadOnlySpan<byte> Values { get; init; }

    /// <summary>BYTE_ARRAY: value i lies from Offsets[i] to Offsets[i + 1] in <see cref="Values"/>. Empty otherwise.</summary>
    public ReadOnlySpan<int> Offsets { get; init; }

    /// <summary>Repetition levels, one per entry; empty for a column in no list.</summary>
    public ReadOnlySpan<uint> RepetitionLevels { get; init; }

    /// <summary>Definition levels, one per entry; empty for a column that is never null.</summary>
    public ReadOnlySpan<uint> DefinitionLevels { get; init; }

    /// <summary>The stored bytes of one value.</summary>
    public ReadOnlySpan<byte> Bytes(int entry) =>
        Width > 0 ? Values.Slice(entry * Width, Width) : Values[Offsets[entry]..Offsets[entry + 1]];

    /// <summary>A BOOLEAN's value.</summary>
    public bool Boolean(int entry) => Bytes(entry)[0] != 0;

    /// <summary>An INT32's or INT64's value.</summary>
    public long Int64(int entry) => Width == sizeof(int) ? Read<int>(entry) : Read<long>(entry);

    /// <summary>A FLOAT's or DOUBLE's value; exact.</summary>
    public double Double(int entry) => Width == sizeof(float) ? Read<float>(entry) : Read<double>(entry);

    private T Read<T>(int entry)
        where T : unmanaged => Unsafe.ReadUnaligned<T>(in Bytes(entry)[0]);
}
