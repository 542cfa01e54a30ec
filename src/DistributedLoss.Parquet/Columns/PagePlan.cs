using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Finds where a large row group can be cut, so that several readers share it: at pages of the logits column that begin a row, and inside
/// uncompressed pages that are larger than a share, whose rows are found from their levels alone.
/// </summary>
public static class PagePlan
{
    /// <summary>The beginnings of consecutive row ranges of about <paramref name="targetBytes"/> stored bytes of logits each; the first is the row group's first row.</summary>
    /// <param name="rowGroup">0-based.</param>
    /// <remarks>
    /// Reads page headers. Rows are counted by V2 headers or the offset index, whose claims the ranges' readers verify; V1 list pages
    /// (of sequences too) without one have their levels read, for which compressed ones are decompressed as far as their levels go.
    /// </remarks>
    /// <exception cref="ParquetException">Headers or levels are damaged.</exception>
    public static RowRangeStart[] Find(ParquetFile file, LogitColumn column, int rowGroup, long targetBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetBytes);
        var group = file.Metadata.RowGroups[rowGroup];
        var bytes = 0L;
        foreach (var leaf in column.Leaves)
            bytes += group.Columns[leaf.ColumnIndex].TotalCompressedSize;
        return bytes <= targetBytes || group.NumRows < 2 ? [default] : Find(file, column, rowGroup, group, bytes, targetBytes);
    }

    private static RowRangeStart[] Find(ParquetFile file, LogitColumn column, int rowGroup, RowGroupMetadata group, long bytes, long targetBytes)
    {
        var starts = new List<RowRangeStart> { default };
        var target = Math.Max(1, (long)(group.NumRows / ((double)bytes / targetBytes)));
        using var pages = new PageReader(file, column.FirstLeaf, file.Limits.WindowBytes);
        pages.Start(rowGroup);
        var isList = column.IsInLists;
        var index = isList ? column.PageRows.Of(pages.Context, rowGroup) : null;
        var rows = 0L;
        while (pages.Next())
        {
            var inPage = RowStarts(pages, column, index, rows);
            var page = isList ? new RowRangeStart(rows, pages.PageOffset, rows, pages.EntriesBefore) : new RowRangeStart(rows);
            // The first range names its page too: its reader then knows that the row group was cut, and verifies by what.
            if (pages.EntriesBefore == 0)
                starts[0] = page;
            AddCuts(starts, page, inPage, target, pages.IsSeekable);
            rows += inPage;
        }
        if (rows != group.NumRows)
            pages.Context.Fail($"the column has {rows} rows in a row group of {group.NumRows}");
        return [.. starts];
    }

    private static void AddCuts(List<RowRangeStart> starts, RowRangeStart page, long inPage, long target, bool seekable)
    {
        if (inPage > 0 && page.FirstRow - starts[^1].FirstRow >= target)
            starts.Add(page);
        // A remainder of less than half a share is not worth a shard of its own.
        while (seekable && page.FirstRow + inPage - starts[^1].FirstRow >= target + Math.Max(1, target / 2))
            starts.Add(page with { FirstRow = Math.Max(page.FirstRow, starts[^1].FirstRow + target) });
    }

    private static long RowStarts(PageReader pages, LogitColumn column, PageRows? index, long rows)
    {
        if (!column.IsInLists)
            return pages.Header.NumValues;
        if (PageRows.Claimed(pages.Header) is >= 0 and var claimed)
            return claimed;
        if (index is not null)
        {
            var (first, next) = index.Of(pages.Context);
            if (first != rows)
                pages.Context.Fail($"the offset index says {first} rows before this page, its own rows and the headers' say {rows}");
            return next - first;
        }
        pages.OpenLevels(definitions: false);
        var starts = 0L;
        for (long left = pages.Header.NumValues; left > 0;)
        {
            var before = left;
            for (var level = (uint)column.FirstLeaf.MaxRepetitionLevel; level > 0; level--)
                left -= pages.Repetitions.TakeEqual(level, left);
            var zeros = pages.Repetitions.TakeEqual(0, left);
            starts += zeros;
            left -= zeros;
            if (left == before)
                pages.Context.Fail($"a repetition level above {column.FirstLeaf.MaxRepetitionLevel} in a list of numbers");
        }
        return starts;
    }
}
