using System.Text;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Cli.Inspection;

/// <summary>Names as the Parquet format and users' own tools write them.</summary>
internal static class FormatNames
{
    public static string Of(CompressionCodec codec) => Snake(codec.ToString());

    public static string Of(ParquetEncoding encoding) => Snake(encoding.ToString());

    /// <summary>A column's type: <c>list&lt;float&gt;</c>, <c>int64</c>, <c>fixed_len_byte_array(2000)</c>.</summary>
    public static string TypeOf(SchemaNode node)
    {
        if (node.Leaf is { } leaf)
        {
            string type = TypeOf(leaf);
            return node.Repetition == Repetition.Repeated ? $"list<{type}>" : type;
        }

        return node.SingleLeaf is { MaxRepetitionLevel: > 0 } element
            ? $"{Repeat("list<", element.MaxRepetitionLevel)}{TypeOf(element)}{Repeat(">", element.MaxRepetitionLevel)}"
            : $"group<{string.Join(", ", node.Children.Take(4).Select(TypeOf))}{(node.Children.Count > 4 ? ", ..." : "")}>";
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static string TypeOf(SchemaLeaf leaf) => (leaf.LogicalType?.Kind, leaf.Type) switch
    {
        (LogicalTypeKind.Float16, _) => "float16",
        (LogicalTypeKind.Integer, _) => $"{(leaf.LogicalType!.IsSigned ? "" : "u")}int{leaf.LogicalType.BitWidth}",
        (LogicalTypeKind.String, _) => "string",
        (null or LogicalTypeKind.Unrecognized, var type) => leaf.ConvertedType switch
        {
            ConvertedType.Utf8 => "string",
            >= ConvertedType.UInt8 and <= ConvertedType.Int64 and var integer => integer.ToString()!.ToLowerInvariant(),
            _ => Physical(type, leaf.TypeLength),
        },
        ({ } kind, var type) => $"{Physical(type, leaf.TypeLength)} ({kind.ToString().ToLowerInvariant()})",
    };

    private static string Physical(PhysicalType type, int length) => type switch
    {
        PhysicalType.FixedLenByteArray => $"fixed_len_byte_array({length})",
        PhysicalType.ByteArray => "byte_array",
        _ => type.ToString().ToLowerInvariant(),
    };

    private static string Snake(string pascal)
    {
        var name = new StringBuilder();
        foreach (char c in pascal)
        {
            name.Append(char.IsAsciiLetterUpper(c) && name.Length > 0 ? "_" : "").Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }
}
