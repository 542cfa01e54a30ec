namespace DistributedLoss.Parquet.Metadata;

/// <summary>A group or leaf of the schema tree.</summary>
public sealed class SchemaNode
{
    private readonly List<SchemaNode>? _children;
    private Dictionary<string, SchemaNode?>? _byName;

    internal SchemaNode(SchemaElement element, SchemaNode? parent)
    {
        Element = element;
        Parent = parent;
        // Leaves have no list: a wide schema has many of them.
        _children = element.Type is null ? [] : null;
        parent?._children?.Add(this);
        Repetition = parent is null ? Repetition.Required : element.Repetition ?? Repetition.Required;
        MaxDefinitionLevel = (parent?.MaxDefinitionLevel ?? 0) + (Repetition == Repetition.Required ? 0 : 1);
        MaxRepetitionLevel = (parent?.MaxRepetitionLevel ?? 0) + (Repetition == Repetition.Repeated ? 1 : 0);
    }

    public SchemaElement Element { get; }

    public SchemaNode? Parent { get; }

    public string Name => Element.Name;

    public Repetition Repetition { get; }

    public IReadOnlyList<SchemaNode> Children => _children ?? (IReadOnlyList<SchemaNode>)[];

    /// <summary>The definition level of a value that is present at this node.</summary>
    public int MaxDefinitionLevel { get; }

    /// <summary>The number of repeated nodes from the root to this one.</summary>
    public int MaxRepetitionLevel { get; }

    /// <summary>This node as a column, or null on a group.</summary>
    public SchemaLeaf? Leaf { get; internal set; }

    /// <summary>Whether the node is annotated as a list. Unannotated repeated leaves are lists too.</summary>
    public bool IsList => Element.LogicalType?.Kind == LogicalTypeKind.List || Element.ConvertedType == ConvertedType.List;

    /// <summary>
    /// The only leaf at or below this node, or null if there are several. Whatever a writer calls the levels of a list of scalars
    /// (list.element, list.item, bag.array_element, array, or no level at all), this is its element.
    /// </summary>
    public SchemaLeaf? SingleLeaf
    {
        get
        {
            SchemaNode node = this;
            while (node._children is { Count: 1 })
            {
                node = node._children[0];
            }
            return node.Leaf;
        }
    }

    /// <summary>The child with that name, or null.</summary>
    /// <exception cref="ParquetException">Several children have that name.</exception>
    public SchemaNode? FindChild(string name)
    {
        if (_byName is null)
        {
            var byName = new Dictionary<string, SchemaNode?>(Children.Count, StringComparer.Ordinal);
            foreach (SchemaNode child in Children)
            {
                byName[child.Name] = byName.ContainsKey(child.Name) ? null : child;
            }
            _byName = byName;
        }
        if (_byName.TryGetValue(name, out SchemaNode? found) && found is null)
        {
            throw new ParquetException($"several columns are named {name}; rename all but one", column: name);
        }
        return found;
    }
}
