namespace DistributedLoss.Parquet.Metadata;

/// <summary>The schema as a tree, and its leaves in column order.</summary>
public sealed class Schema
{
    private Schema(SchemaNode root, IReadOnlyList<SchemaLeaf> leaves)
    {
        Root = root;
        Leaves = leaves;
    }

    public SchemaNode Root { get; }

    public IReadOnlyList<SchemaLeaf> Leaves { get; }

    /// <summary>Builds the tree from the footer's depth-first list.</summary>
    /// <exception cref="ParquetException">The list is no tree, is nested too deep, or has a leaf without a known type.</exception>
    public static Schema Build(IReadOnlyList<SchemaElement> elements, ReaderLimits? limits = null)
    {
        limits ??= ReaderLimits.Default;
        if (elements.Count == 0 || elements[0].Type is not null)
        {
            throw new ParquetException("the schema has no root group; the file's metadata is damaged");
        }
        var leaves = new List<SchemaLeaf>();
        var root = new SchemaNode(elements[0], parent: null);
        // Groups that still lack children, outermost first, with the number each lacks.
        var open = new Stack<OpenGroup>();
        open.Push(new OpenGroup(root, NumChildren(elements[0])));
        for (int i = 1; i < elements.Count; i++)
        {
            while (open.Count > 0 && open.Peek().Missing == 0)
            {
                open.Pop();
            }
            if (open.Count == 0)
            {
                throw new ParquetException($"the schema has {elements.Count} elements, but its tree ends after {i}");
            }
            OpenGroup group = open.Peek();
            group.Missing--;
            SchemaElement element = Checked(elements[i]);
            var node = new SchemaNode(element, group.Node);
            if (element.Type is not null)
            {
                node.Leaf = new SchemaLeaf(node, leaves.Count);
                leaves.Add(node.Leaf);
                continue;
            }
            open.Push(new OpenGroup(node, NumChildren(element)));
            if (open.Count > limits.MaxDepth)
            {
                throw new ParquetException($"the schema is nested more than {limits.MaxDepth} deep, the reader's limit");
            }
        }
        if (open.Any(group => group.Missing > 0))
        {
            throw new ParquetException($"the schema ends after {elements.Count} elements with groups that lack children");
        }
        return new Schema(root, leaves);
    }

    /// <summary>The node at a dotted path, or null. Names that contain dots themselves are found too.</summary>
    /// <exception cref="ParquetException">Several columns have that name.</exception>
    public SchemaNode? Find(string path)
    {
        SchemaNode node = Root;
        for (int start = 0; start <= path.Length;)
        {
            SchemaNode? child = null;
            int end = path.Length;
            // The longest name first, so that a column "a.b" is found before the field b of a.
            while (end > start && (child = node.FindChild(path[start..end])) is null)
            {
                end = path.LastIndexOf('.', end - 1, end - start);
            }
            if (child is null)
            {
                return null;
            }
            if (end == path.Length)
            {
                return child;
            }
            node = child;
            start = end + 1;
        }
        return null;
    }

    /// <summary>A group whose children are being read. A class: a stack of references is in the framework's compiled image.</summary>
    private sealed class OpenGroup(SchemaNode node, int missing)
    {
        public SchemaNode Node => node;

        /// <summary>Children that are still to come.</summary>
        public int Missing { get; set; } = missing;
    }

    private static int NumChildren(SchemaElement group) => group.NumChildren >= 0
        ? group.NumChildren
        : throw new ParquetException($"the group says that it has {group.NumChildren} children", column: group.Name);

    private static SchemaElement Checked(SchemaElement element)
    {
        if (element.Repetition is null or < Repetition.Required or > Repetition.Repeated)
        {
            throw new ParquetException($"the column's repetition is {(int?)element.Repetition}, not 0, 1 or 2", column: element.Name);
        }
        if (element.Type is < PhysicalType.Boolean or > PhysicalType.FixedLenByteArray)
        {
            throw new ParquetException($"the column's physical type is {(int?)element.Type}, which Parquet does not have", column: element.Name);
        }
        if (element.Type == PhysicalType.FixedLenByteArray && element.TypeLength is null or < 0)
        {
            throw new ParquetException($"the fixed-length column's values are {element.TypeLength} bytes long", column: element.Name);
        }
        return element;
    }
}
