using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>How a dump's pages are cut, encoded and compressed.</summary>
public sealed record WriterOptions
{
    public CompressionCodec Codec { get; init; } = CompressionCodec.Uncompressed;

    /// <summary>1 or 2.</summary>
    public int PageVersion { get; init; } = 1;

    /// <summary>Rows of every row group but the last.</summary>
    public int RowGroupRows { get; init; } = 65_536;

    /// <summary>A page ends with the row that brings its values to this many bytes, before compression.</summary>
    public int PageBytes { get; init; } = 1 << 20;

    /// <summary>A page has at most this many rows.</summary>
    public int PageRows { get; init; } = int.MaxValue;

    /// <summary>
    /// V1 lists only: pages end at exactly <see cref="PageBytes"/>, in the middle of a row, as some writers' do. Such a column has no offset index.
    /// </summary>
    public bool StraddleRows { get; init; }

    /// <summary>BYTE_STREAM_SPLIT rather than PLAIN for logits, except BYTE_ARRAY, which it is not for.</summary>
    public bool ByteStreamSplit { get; init; }

    /// <summary>A dictionary rather than PLAIN for labels.</summary>
    public bool LabelDictionary { get; init; }

    /// <summary>A CRC-32 in every page header.</summary>
    public bool PageChecksums { get; init; } = true;

    /// <summary>An offset index for every column, so that readers can begin at a page.</summary>
    public bool OffsetIndex { get; init; } = true;

    /// <summary>The id of the first row.</summary>
    public long FirstId { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(RowGroupRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PageBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PageBytes, 1 << 29);
        ArgumentOutOfRangeException.ThrowIfLessThan(PageRows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(FirstId);
        if (PageVersion is not (1 or 2))
        {
            throw new ArgumentException($"data pages have version 1 or 2, not {PageVersion}");
        }
        if (StraddleRows && PageVersion == 2)
        {
            throw new ArgumentException("V2 pages begin with a row; only V1 pages can straddle rows");
        }
    }
}
