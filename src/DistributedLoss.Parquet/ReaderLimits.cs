namespace DistributedLoss.Parquet;

/// <summary>What a file may make the reader allocate. A file that asks for more is refused with a <see cref="ParquetException"/>.</summary>
public sealed record ReaderLimits
{
    public static ReaderLimits Default { get; } = new();

    /// <summary>Longest footer, in bytes. 50,257 flat columns take about 6 MB a row group.</summary>
    public int MaxFooterBytes { get; init; } = 256 << 20;

    /// <summary>Most structures and distinct names (schema elements, row groups, column chunks, key-values) in one footer, of at most about 250 bytes in memory each.</summary>
    public int MaxFooterElements { get; init; } = 4_000_000;

    /// <summary>Largest page, compressed or not, in bytes.</summary>
    public int MaxPageBytes { get; init; } = 1 << 30;

    /// <summary>
    /// Bytes of values in memory at a time of a page that is not held whole: uncompressed and larger than that, or compressed and over <see cref="StreamedPageBytes"/> (the columns of flat logits share twice as much). Half a megabyte is
    /// worth a system call, and is still in the processor's cache when its rows are evaluated.
    /// </summary>
    public int WindowBytes { get; init; } = 512 << 10;

    /// <summary>
    /// Compressed pages that decompress to more are decompressed as they are read, where codec and encoding allow it, and never held whole. Smaller ones
    /// fit the processor's cache, stored and decompressed.
    /// </summary>
    public int StreamedPageBytes { get; init; } = 1 << 20;

    /// <summary>Most labels of one sequence: they are held, in 9 bytes each, while its positions pass.</summary>
    public int MaxSequenceLength { get; init; } = 1 << 24;

    /// <summary>Largest page header, in bytes: statistics may hold long strings.</summary>
    public int MaxPageHeaderBytes { get; init; } = 16 << 20;

    /// <summary>Deepest nesting of the schema and of the metadata's structures.</summary>
    public int MaxDepth { get; init; } = 64;
}
