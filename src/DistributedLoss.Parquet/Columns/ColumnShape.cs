using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>What the values of a column are, whatever their width.</summary>
public enum ElementKind
{
    /// <summary>INT32 or INT64 that is no date, time or decimal.</summary>
    Integer,

    /// <summary>FLOAT, DOUBLE or float16.</summary>
    Float,

    Boolean,

    /// <summary>Strings, enums, JSON.</summary>
    Text,

    /// <summary>Dates, times, decimals, binary.</summary>
    Other,
}

/// <summary>What a column holds, from the schema alone: so that a label column can be an index, a text, a soft target or a sequence of labels.</summary>
/// <param name="Kind">Of the values, or of the innermost lists' elements.</param>
/// <param name="ListDepth">0: a value per row; 1: a list per row; 2: a list of lists.</param>
/// <param name="Description">In the words of the file's schema, for messages.</param>
public readonly record struct ColumnShape(ElementKind Kind, int ListDepth, string Description)
{
    internal SchemaLeaf Leaf { get; private init; } = null!;

    /// <param name="column">Dotted path.</param>
    /// <exception cref="ParquetException">There is no such column (the message names those that exist), or it is a group of several.</exception>
    public static ColumnShape Of(ParquetFile file, string column)
    {
        var leaf = ColumnFinder.Find(file, column).SingleLeaf
            ?? throw new ParquetException("the column is a group of several columns; name one of them", file.Path, column: column);
        var lists = string.Concat(Enumerable.Repeat("a list of ", Math.Min(leaf.MaxRepetitionLevel, 3)));
        return new ColumnShape(KindOf(leaf), leaf.MaxRepetitionLevel, lists + LeafDescription.Of(leaf)) { Leaf = leaf };
    }

    private static ElementKind KindOf(SchemaLeaf leaf) =>
        leaf.Type == PhysicalType.Boolean ? ElementKind.Boolean
        : IntegerColumnReader.IsInteger(leaf) ? ElementKind.Integer
        : FloatFormats.Of(leaf) is not null ? ElementKind.Float
        : IsText(leaf) ? ElementKind.Text
        : ElementKind.Other;

    internal static bool IsText(SchemaLeaf leaf) => leaf.Type == PhysicalType.ByteArray
        && (leaf.LogicalType?.Kind is LogicalTypeKind.String or LogicalTypeKind.Enum or LogicalTypeKind.Json
            || (leaf.LogicalType is null && leaf.ConvertedType is ConvertedType.Utf8 or ConvertedType.Enum or ConvertedType.Json));
}
