using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

internal static class FloatFormats
{
    /// <summary>Bytes of one value.</summary>
    public static int Bytes(this FloatFormat format) => format switch
    {
        FloatFormat.Float16 or FloatFormat.BFloat16 => 2,
        FloatFormat.Float32 => 4,
        FloatFormat.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no such float format"),
    };

    /// <summary>The format of a leaf that holds one float per value, or null.</summary>
    public static FloatFormat? Of(SchemaLeaf leaf) => leaf.Type switch
    {
        PhysicalType.Float => FloatFormat.Float32,
        PhysicalType.Double => FloatFormat.Float64,
        PhysicalType.FixedLenByteArray when leaf.LogicalType?.Kind == LogicalTypeKind.Float16 && leaf.TypeLength == 2 => FloatFormat.Float16,
        _ => null,
    };
}
