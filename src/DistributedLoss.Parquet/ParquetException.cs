namespace DistributedLoss.Parquet;

/// <summary>
/// The one exception of this library for content that cannot be read: what is wrong, where, and what to do, on one line.
/// Decoders know only part of the place; each caller on the way up adds the part it knows with <see cref="Within"/>.
/// </summary>
public sealed class ParquetException : Exception
{
    // Characters; longer messages lose their middle.
    private const int MaxLength = 2000;

    public ParquetException(
        string what, string? filePath = null, int? rowGroup = null, string? column = null, long? offset = null, Exception? inner = null)
        : base(Describe(what, filePath, rowGroup, column, offset), inner)
    {
        What = what;
        FilePath = filePath;
        RowGroup = rowGroup;
        Column = column;
        Offset = offset;
    }

    /// <summary>The problem and its remedy, without the place.</summary>
    public string What { get; }

    public string? FilePath { get; }

    /// <summary>0-based row group.</summary>
    public int? RowGroup { get; }

    /// <summary>Dotted path of the column.</summary>
    public string? Column { get; }

    /// <summary>Byte offset from the start of the file.</summary>
    public long? Offset { get; }

    /// <summary>The same problem with the missing parts of its place filled in; parts already known stay as they are.</summary>
    public ParquetException Within(string? filePath = null, int? rowGroup = null, string? column = null, long? offset = null) =>
        new(What, FilePath ?? filePath, RowGroup ?? rowGroup, Column ?? column, Offset ?? offset, InnerException ?? this);

    private static string Describe(string what, string? filePath, int? rowGroup, string? column, long? offset)
    {
        var place = new List<string>(3);
        if (rowGroup is int r)
        {
            place.Add($"row group {r}");
        }
        if (column is not null)
        {
            place.Add($"column {column}");
        }
        if (offset is long o)
        {
            place.Add($"byte offset {o}");
        }
        string text = place.Count == 0 ? what : $"{string.Join(", ", place)}: {what}";
        return OneLine(filePath is null ? text : $"{filePath}: {text}");
    }

    // Names come from the file: a line feed or a terminal escape in one must not reach the reader's screen, nor a megabyte of it.
    private static string OneLine(string text)
    {
        if (text.Length > MaxLength)
        {
            text = $"{text.AsSpan(0, MaxLength / 2)} ... {text.AsSpan(text.Length - (MaxLength / 2))}";
        }
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString())) : text;
    }
}
