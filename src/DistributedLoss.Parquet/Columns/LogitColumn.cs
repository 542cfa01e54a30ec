using System.Globalization;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>The logits of a file: which columns hold them and how, resolved against its schema.</summary>
public sealed class LogitColumn
{
    private readonly ParquetFile _file;
    private readonly IReadOnlyList<SchemaLeaf> _leaves;
    private readonly LogitShape _shape;

    private LogitColumn(ParquetFile file, IReadOnlyList<SchemaLeaf> leaves, LogitShape shape, FloatFormat format, int? fixedClasses)
    {
        (_file, _leaves, _shape) = (file, leaves, shape);
        (Format, FixedClasses) = (format, fixedClasses);
        PageRows = new GroupPageRows(file, leaves[0]);
    }

    public FloatFormat Format { get; }

    /// <summary>The number of classes when the schema fixes it: flat columns, FIXED_LEN_BYTE_ARRAY, a scalar column. Null for lists and BYTE_ARRAY.</summary>
    public int? FixedClasses { get; }

    public TileLayout Layout => _shape == LogitShape.Flat ? TileLayout.ColumnMajor : TileLayout.RowMajor;

    /// <summary>The column's dotted path, or the first and last of the flat ones, for messages.</summary>
    public string Description => _leaves.Count == 1 ? _leaves[0].Path : $"{_leaves[0].Path} to {_leaves[^1].Path}";

    internal ParquetFile File => _file;

    internal IReadOnlyList<SchemaLeaf> Leaves => _leaves;

    internal SchemaLeaf FirstLeaf => _leaves[0];

    internal LogitShape Shape => _shape;

    /// <summary>Of a column in lists.</summary>
    internal GroupPageRows PageRows { get; }

    /// <summary>Whether a row is a sequence of positions with logits each: a list of lists, read by <see cref="OpenSequenceReader"/>.</summary>
    public bool IsSequence => _shape == LogitShape.Sequence;

    internal bool IsInLists => _shape is LogitShape.List or LogitShape.Sequence;

    /// <summary>Finds the columns.</summary>
    /// <exception cref="ParquetException">They are missing (the message names those that exist), or of a type that is no logit.</exception>
    public static LogitColumn Resolve(ParquetFile file, LogitColumnSpec spec) =>
        spec.Prefix is not null ? ResolveFlat(file, spec.Prefix) : ResolveSingle(file, spec);

    /// <summary>Opens a row group.</summary>
    /// <param name="rowGroup">0-based.</param>
    /// <param name="classes">Values per row; rows with another number are handed out as <see cref="RowDefect.WrongLength"/>.</param>
    /// <param name="start">The first row to read; default for the row group's first.</param>
    /// <exception cref="ParquetException">The pages cannot be read as far as that row, or the column holds sequences.</exception>
    public LogitReader OpenReader(int rowGroup, int classes, RowRangeStart start = default)
    {
        CheckRange(rowGroup, classes, start);
        if (IsSequence)
            throw Unsupported(_file, _leaves[0].Path, "a list of lists, where one list per row is needed");
        if (_shape == LogitShape.Flat && classes != _leaves.Count)
            throw new ParquetException($"{_leaves.Count} flat columns where {classes} classes are expected", _file.Path, rowGroup, _leaves[0].Path);
        LogitReader reader = _shape switch
        {
            LogitShape.List => new ListLogitReader(_file, _leaves[0], Format.Bytes(), Format, rowGroup, classes, PageRows, start),
            LogitShape.Flat => new FlatLogitReader(_file, _leaves, Format, rowGroup),
            LogitShape.Fixed => new FixedLogitReader(_file, _leaves[0], Format.Bytes(), Format, rowGroup, classes),
            _ => new BinaryLogitReader(_file, _leaves[0], Format, rowGroup, classes),
        };
        try
        {
            // Only a list cannot count rows from page headers; the others find the first row from the row group's start.
            reader.Skip(_shape == LogitShape.List && start.PageOffset != 0 ? start.FirstRow - start.RowsBefore : start.FirstRow);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Opens a row group of a column that <see cref="IsSequence"/>.</summary>
    /// <param name="rowGroup">0-based.</param>
    /// <param name="classes">Values per position; positions with another number are handed out as <see cref="RowDefect.WrongLength"/>.</param>
    /// <param name="start">The first row to read; default for the row group's first.</param>
    /// <exception cref="ParquetException">The pages cannot be read as far as that row, or the column holds no sequences.</exception>
    public SequenceLogitReader OpenSequenceReader(int rowGroup, int classes, RowRangeStart start = default)
    {
        CheckRange(rowGroup, classes, start);
        if (!IsSequence)
            throw Unsupported(_file, _leaves[0].Path, "no list of lists");
        var reader = new SequenceLogitReader(_file, _leaves[0], Format, rowGroup, classes, PageRows, start);
        try
        {
            reader.Skip(start.PageOffset != 0 ? start.FirstRow - start.RowsBefore : start.FirstRow);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private void CheckRange(int rowGroup, int classes, in RowRangeStart start)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowGroup);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rowGroup, _file.Metadata.RowGroups.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfLessThan(start.FirstRow, start.RowsBefore, nameof(start));
        if ((long)classes * Format.Bytes() > _file.Limits.MaxPageBytes)
            throw new ParquetException($"rows of {classes} values are over the limit of {_file.Limits.MaxPageBytes} bytes", _file.Path, rowGroup, _leaves[0].Path);
    }

    /// <summary>Bytes of a row group's logits as they are stored, page headers included.</summary>
    public long StoredBytes(int rowGroup)
    {
        var group = _file.Metadata.RowGroups[rowGroup];
        var bytes = 0L;
        foreach (var leaf in _leaves)
            bytes += group.Columns[leaf.ColumnIndex].TotalCompressedSize;
        return bytes;
    }

    /// <summary>The number of values in the first row (of sequences: in the first position) that has any, or null if none has. Reads one page in the common case.</summary>
    public int? FirstRowLength() => FixedClasses ?? FirstRow.Length(this);

    private static LogitColumn ResolveFlat(ParquetFile file, string prefix)
    {
        var found = new SortedDictionary<int, SchemaLeaf>();
        foreach (var node in file.Schema.Root.Children)
        {
            if (!node.Name.StartsWith(prefix, StringComparison.Ordinal) || !TryParseClass(node.Name.AsSpan(prefix.Length), out var index))
                continue;
            if (node.Leaf is not { MaxRepetitionLevel: 0 } leaf)
                throw Unsupported(file, node.Name, "a list or a group; flat logits are float, double or float16 columns");
            if (!found.TryAdd(index, leaf))
                throw new ParquetException($"several columns are named {node.Name}; rename all but one", file.Path, column: node.Name);
        }
        if (found.Count == 0)
            throw ColumnFinder.Missing(file, $"there are no columns {prefix}0, {prefix}1, ...");
        for (var c = 0; c < found.Count; c++)
        {
            if (!found.ContainsKey(c))
                throw new ParquetException($"there is no column {prefix}{c}, but there is {prefix}{found.Keys.Last()}; flat logits must not have gaps", file.Path, column: $"{prefix}{c}");
        }
        var leaves = found.Values.ToArray();
        var format = FloatFormats.Of(leaves[0]) ?? throw Unsupported(file, leaves[0].Path, LeafDescription.Of(leaves[0]));
        foreach (var leaf in leaves)
        {
            if (FloatFormats.Of(leaf) != format)
                throw Unsupported(file, leaf.Path, $"{LeafDescription.Of(leaf)}, but {leaves[0].Path} is {LeafDescription.Of(leaves[0])}; write all flat columns with one type");
        }
        return new LogitColumn(file, leaves, LogitShape.Flat, format, leaves.Length);
    }

    // PREFIX7 but not PREFIX07, PREFIX+7 or PREFIX_7: those are other columns.
    private static bool TryParseClass(ReadOnlySpan<char> digits, out int index) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out index) && (digits.Length == 1 || digits[0] != '0');

    private static LogitColumn ResolveSingle(ParquetFile file, LogitColumnSpec spec)
    {
        var name = spec.Column ?? throw new ArgumentException("neither a column nor a prefix is named", nameof(spec));
        var node = ColumnFinder.Find(file, name);
        var leaf = node.SingleLeaf ?? throw Unsupported(file, name, "a group of several columns; name one of them, or use a list");
        var format = FloatFormats.Of(leaf);
        if (leaf.MaxRepetitionLevel > 2)
            throw Unsupported(file, name, "a list of lists of lists; logits are one list per row, or one per position of a row");
        if (leaf.MaxRepetitionLevel > 0)
        {
            var isSequence = leaf.MaxRepetitionLevel == 2;
            return format is FloatFormat element && spec.Packed is null
                ? new LogitColumn(file, [leaf], isSequence ? LogitShape.Sequence : LogitShape.List, element, null)
                : throw Unsupported(file, name, $"{(isSequence ? "a list of lists of" : "a list of")} {LeafDescription.Of(leaf)}; lists of float, double or float16 can be read" + (spec.Packed is null ? "" : ", and packed is for binary columns"));
        }
        if (format is FloatFormat scalar && spec.Packed is null)
            return new LogitColumn(file, [leaf], LogitShape.Fixed, scalar, 1);
        if (leaf.Type is not (PhysicalType.FixedLenByteArray or PhysicalType.ByteArray))
            throw Unsupported(file, name, $"{LeafDescription.Of(leaf)}; logits are lists of floats, flat float columns or packed binary");
        if (spec.Packed is not FloatFormat packed)
            throw Unsupported(file, name, $"{LeafDescription.Of(leaf)}; declare what it holds: packed float32, float16, bfloat16 or float64");
        if (leaf.Type == PhysicalType.ByteArray)
            return new LogitColumn(file, [leaf], LogitShape.Binary, packed, null);
        if (leaf.TypeLength == 0 || leaf.TypeLength % packed.Bytes() != 0)
            throw Unsupported(file, name, $"{leaf.TypeLength} bytes wide, which is no whole number of {packed} values");
        return new LogitColumn(file, [leaf], LogitShape.Fixed, packed, leaf.TypeLength / packed.Bytes());
    }

    private static ParquetException Unsupported(ParquetFile file, string column, string what) =>
        new($"the column is {what}", file.Path, column: column);
}

/// <summary>How a file lays its logits out.</summary>
internal enum LogitShape
{
    List,
    Sequence,
    Flat,
    Fixed,
    Binary,
}
