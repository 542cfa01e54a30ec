using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>A leaf's type in the words that users know from their own tools.</summary>
internal static class LeafDescription
{
    public static string Of(SchemaLeaf leaf)
    {
        var physical = leaf.Type == PhysicalType.FixedLenByteArray ? $"fixed_len_byte_array({leaf.TypeLength})" : leaf.Type switch
        {
            PhysicalType.ByteArray => "byte_array",
            var type => type.ToString().ToLowerInvariant(),
        };
        var meaning = leaf.LogicalType is { } logical && logical.Kind != LogicalTypeKind.Unrecognized
            ? logical.Kind == LogicalTypeKind.Integer ? $"{(logical.IsSigned ? "int" : "uint")}{logical.BitWidth}" : logical.Kind.ToString().ToLowerInvariant()
            : leaf.ConvertedType?.ToString().ToLowerInvariant();
        return meaning is null || meaning == physical ? physical : $"{physical} ({meaning})";
    }
}
