namespace DistributedLoss.Parquet.Metadata;

/// <summary>
/// One repeated ancestor of a leaf, or the leaf itself. At definition level <paramref name="EntryDefinitionLevel"/> or above the
/// list has an entry here; at <see cref="EmptyDefinitionLevel"/> it is present and empty; below that it, or something around it, is null.
/// </summary>
/// <param name="Node">The repeated node.</param>
/// <param name="RepetitionLevel">The repetition level at which another entry of this list follows.</param>
/// <param name="EntryDefinitionLevel">The lowest definition level at which the list has an entry.</param>
public readonly record struct ListLevel(SchemaNode Node, int RepetitionLevel, int EntryDefinitionLevel)
{
    public int EmptyDefinitionLevel => EntryDefinitionLevel - 1;
}

/// <summary>A column: a leaf of the schema tree with the levels that its values are stored with.</summary>
public sealed class SchemaLeaf
{
    internal SchemaLeaf(SchemaNode node, int columnIndex)
    {
        Node = node;
        ColumnIndex = columnIndex;
        ListLevel[] lists = node.MaxRepetitionLevel == 0 ? [] : new ListLevel[node.MaxRepetitionLevel];
        for (SchemaNode? n = node; n is not null; n = n.Parent)
        {
            if (n.Repetition == Repetition.Repeated)
            {
                lists[n.MaxRepetitionLevel - 1] = new ListLevel(n, n.MaxRepetitionLevel, n.MaxDefinitionLevel);
            }
        }
        Lists = lists;
    }

    public SchemaNode Node { get; }

    /// <summary>Which of a row group's columns holds this leaf.</summary>
    public int ColumnIndex { get; }

    public int MaxDefinitionLevel => Node.MaxDefinitionLevel;

    public int MaxRepetitionLevel => Node.MaxRepetitionLevel;

    /// <summary>The lists around this leaf, outermost first; as many as <see cref="MaxRepetitionLevel"/>.</summary>
    public IReadOnlyList<ListLevel> Lists { get; }

    /// <summary>Whether a value can be null inside its innermost list (or at all, without lists).</summary>
    public bool IsNullable => MaxDefinitionLevel > (Lists.Count == 0 ? 0 : Lists[^1].EntryDefinitionLevel);

    public PhysicalType Type => Node.Element.Type.GetValueOrDefault();

    /// <summary>Bytes of one FIXED_LEN_BYTE_ARRAY value, 0 for other types.</summary>
    public int TypeLength => Type == PhysicalType.FixedLenByteArray ? Node.Element.TypeLength.GetValueOrDefault() : 0;

    public LogicalType? LogicalType => Node.Element.LogicalType;

    public ConvertedType? ConvertedType => Node.Element.ConvertedType;

    /// <summary>Names from the root's child down. Built anew on each call: a hostile schema's paths together can be far larger than its footer.</summary>
    public IReadOnlyList<string> PathParts
    {
        get
        {
            var parts = new List<string>();
            for (SchemaNode n = Node; n.Parent is not null; n = n.Parent)
            {
                parts.Add(n.Name);
            }
            parts.Reverse();
            return parts;
        }
    }

    /// <summary>Names joined by dots.</summary>
    public string Path => string.Join('.', PathParts);
}
