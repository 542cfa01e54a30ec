using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Cli.Inspection;

/// <summary>What the page headers of one column chunk say, without reading a page.</summary>
/// <param name="Version">1 or 2; 0 when the chunk has no data page.</param>
/// <param name="MaxStoredBytes">Of the largest page looked at.</param>
/// <param name="MaxBytes">Of the largest page looked at, decompressed.</param>
internal sealed record LogitPages(int Version, int MaxStoredBytes, int MaxBytes)
{
    /// <summary>Headers looked at: pages of one writer are alike.</summary>
    private const int PageLimit = 256;

    /// <summary>Where each may be a request of its own.</summary>
    private const int RemotePageLimit = 16;

    /// <summary>Enough for a header without statistics; a longer one is read again with more.</summary>
    private const int HeaderBytes = 256;

    /// <exception cref="ParquetException">A header cannot be read.</exception>
    public static LogitPages Read(ParquetFile file, int rowGroup, int column)
    {
        var chunk = file.Metadata.RowGroups[rowGroup].Columns[column];
        var pages = new LogitPages(0, 0, 0);
        long offset = chunk.StartOffset;
        int limit = file.Source is null ? PageLimit : RemotePageLimit;
        for (int i = 0; i < limit && offset < chunk.EndOffset; i++)
        {
            var (header, length) = ReadHeader(file, rowGroup, offset, chunk.EndOffset);
            pages = new LogitPages(
                header.Type switch { PageType.Data => 1, PageType.DataV2 => 2, _ => pages.Version },
                Math.Max(pages.MaxStoredBytes, header.CompressedSize),
                Math.Max(pages.MaxBytes, header.UncompressedSize));
            offset += length + (long)header.CompressedSize;
        }

        return pages;
    }

    private static (PageHeader Header, int Length) ReadHeader(ParquetFile file, int rowGroup, long offset, long end)
    {
        for (long size = HeaderBytes; ; size *= 8)
        {
            byte[] window = new byte[Math.Min(Math.Min(size, end - offset), file.Limits.MaxPageHeaderBytes)];
            file.Read(offset, window, rowGroup);
            if (PageHeader.TryParse(window, offset, out var header, out int length, file.Limits))
            {
                return (header, length);
            }

            if (window.Length < size)
            {
                throw new ParquetException("a page header does not end; write the file again", file.Path, rowGroup, offset: offset);
            }
        }
    }
}
