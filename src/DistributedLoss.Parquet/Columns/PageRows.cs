using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// What a column chunk's offset index says of its pages' rows. It saves reading the levels of every page to find where a row group can be cut
/// (for compressed pages, decompressing their beginnings: a second pass over the file), and is a claim to be verified by whoever reads the rows.
/// </summary>
internal sealed class PageRows
{
    // In file and row order.
    private readonly PageLocation[] _pages;
    private readonly long _groupRows;

    private PageRows(PageContext context, OffsetIndex index, long groupRows)
    {
        (_pages, _groupRows) = ([.. index.Pages], groupRows);
        for (var i = 0; i < _pages.Length; i++)
        {
            if (Next(i) is var next && (next < _pages[i].FirstRowIndex || next > groupRows))
                context.Fail($"the offset index says row {next} behind its page {i} of a row group of {groupRows}");
        }
    }

    /// <summary>Reads the index of a chunk; null if it has none, or one over the limits.</summary>
    /// <exception cref="ParquetException">It is damaged, or its rows are not those of a row group of <paramref name="groupRows"/>.</exception>
    public static PageRows? Read(ParquetFile file, PageContext context, ColumnChunkMetadata chunk, long groupRows)
    {
        if (chunk is not { OffsetIndexOffset: long offset, OffsetIndexLength: int length } || length <= 0 || length > file.Limits.MaxFooterBytes)
            return null;
        var bytes = new byte[length];
        context.Read(offset, bytes);
        try
        {
            return new PageRows(context, OffsetIndex.Parse(bytes, offset, file.Limits), groupRows);
        }
        catch (ParquetException e)
        {
            throw e.Within(file.Path, context.RowGroup, context.Column);
        }
    }

    /// <summary>How many rows a V2 page of a list has, as its header claims; -1 if it claims nothing that can be meant.</summary>
    /// <remarks>parquetjs writes the number of values for the number of rows: where they are equal, every row has one value or the header is wrong.</remarks>
    public static int Claimed(in PageHeader header) => header.Type == PageType.DataV2 && header.NumRows < header.NumValues ? header.NumRows : -1;

    /// <summary>The rows that begin before the page at hand, and those that begin before the page behind it.</summary>
    /// <param name="context">Of the reader that is at the page.</param>
    public (long First, long Next) Of(PageContext context)
    {
        var (low, high) = (0, _pages.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _pages[middle].Offset < context.PageOffset ? (middle + 1, high) : (low, middle);
        }
        if (_pages.Length == 0 || _pages[low].Offset != context.PageOffset)
            context.Fail("the offset index does not have this page");
        return (_pages[low].FirstRowIndex, Next(low));
    }

    private long Next(int page) => page + 1 < _pages.Length ? _pages[page + 1].FirstRowIndex : _groupRows;
}
