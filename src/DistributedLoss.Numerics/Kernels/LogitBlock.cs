namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// A rows x classes block of logits in its stored type, little-endian, read in place. It borrows the memory:
/// columns are pointers into native or pinned memory that outlives every use of the block.
/// </summary>
public readonly ref struct LogitBlock
{
    private LogitBlock(LogitType type, ReadOnlySpan<byte> values, ReadOnlySpan<nint> columns, int rows, int classes)
    {
        Type = type;
        Values = values;
        Columns = columns;
        Rows = rows;
        Classes = classes;
    }

    public LogitType Type { get; }

    public int Rows { get; }

    public int Classes { get; }

    /// <summary>
    /// How far behind a logit, in bytes, one lies that is wanted soon: while the block is evaluated, memory there is fetched into the L2 cache. It need not
    /// exist, for it is never read. 0 for none.
    /// </summary>
    public nint Ahead { get; init; }

    internal ReadOnlySpan<byte> Values { get; }

    internal ReadOnlySpan<nint> Columns { get; }

    internal bool IsColumnMajor => !Columns.IsEmpty;

    /// <summary>Contiguous rows of <paramref name="classes"/> values: exactly rows x classes x size bytes.</summary>
    public static LogitBlock RowMajor(LogitType type, ReadOnlySpan<byte> values, int rows, int classes)
    {
        CheckShape(rows, classes);
        long expected = (long)rows * classes * type.Size();
        if (values.Length != expected)
        {
            throw new ArgumentException(
                $"{rows} rows x {classes} classes of {type} take {expected} bytes, not {values.Length}", nameof(values));
        }

        return new LogitBlock(type, values, default, rows, classes);
    }

    /// <summary>One pointer per class, each to <paramref name="rows"/> contiguous values.</summary>
    public static LogitBlock ColumnMajor(LogitType type, ReadOnlySpan<nint> columns, int rows, int classes)
    {
        CheckShape(rows, classes);
        _ = type.Size();
        if (columns.Length != classes)
        {
            throw new ArgumentException($"{classes} classes need as many columns, not {columns.Length}", nameof(columns));
        }

        if (rows > 0 && columns.Contains(0))
        {
            throw new ArgumentException($"column {columns.IndexOf(0)} is a null pointer", nameof(columns));
        }

        return new LogitBlock(type, default, columns, rows, classes);
    }

    private static void CheckShape(int rows, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
    }
}
