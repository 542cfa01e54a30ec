namespace DistributedLoss.Parquet.Columns;

/// <summary>How one logit is stored.</summary>
public enum FloatFormat
{
    Float16,
    BFloat16,
    Float32,
    Float64,
}

public enum TileLayout
{
    /// <summary>Row after row, each of all its classes: lists and packed binary.</summary>
    RowMajor,

    /// <summary>One run of values per class: flat columns.</summary>
    ColumnMajor,
}

/// <summary>Why a row's logits cannot be used.</summary>
public enum RowDefect : byte
{
    None,

    /// <summary>The list is null, or one of its elements is.</summary>
    NullLogits,

    /// <summary>The row has another number of values than the dump has classes.</summary>
    WrongLength,
}

/// <summary>
/// Whole rows, contiguous, little-endian, where the page has them: pointers into a reader's native memory, valid until the next call on that reader.
/// A tile with a <see cref="Defect"/> stands for rows without usable values.
/// </summary>
public readonly ref struct LogitTile
{
    public FloatFormat Format { get; init; }

    public TileLayout Layout { get; init; }

    /// <summary>At least 1.</summary>
    public int Rows { get; init; }

    public int Classes { get; init; }

    /// <summary>Row-major: Rows x Classes values, row by row.</summary>
    public ReadOnlySpan<byte> Values { get; init; }

    /// <summary>Column-major: for each class the address of its Rows values.</summary>
    public ReadOnlySpan<nint> Columns { get; init; }

    /// <summary>
    /// Row-major: how far behind a value, in bytes, one lies that is read next, to be fetched into the processor's cache and never to be read. 0 if none is known.
    /// </summary>
    public nint Ahead { get; init; }

    public RowDefect Defect { get; init; }

    /// <summary>The number of values that a row of <see cref="RowDefect.WrongLength"/> does have.</summary>
    public int DefectLength { get; init; }
}
