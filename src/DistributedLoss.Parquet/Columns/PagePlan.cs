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
    /// Reads page headers. Rows are counted by V2 headers or the offset index; V1 list pages without one have their levels read,
    /// for which compressed ones are read whole and decompressed as far as their levels go.
    /// </remarks>
    /// <exception cref="ParquetException">Headers or levels are damaged.</exception>
    public static IReadOnlyList<RowRangeStart> Find(ParquetFile file, LogitColumn column, int rowGroup, long targetBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetBytes);
        var starts = new List<RowRangeStart> { default };
        var group = file.Metadata.RowGroups[rowGroup];
        var bytes = column.Leaves.Sum(leaf => group.Columns[leaf.ColumnIndex].TotalCompressedSize);
        if (bytes <= targetBytes || group.NumRows < 2)
            return starts;
        var target = Math.Max(1, (long)(group.NumRows / ((double)bytes / targetBytes)));
        using var pages = new PageReader(file, column.FirstLeaf, file.Limits.WindowBytes);
        pages.Start(rowGroup);
        var index = column.Shape == LogitShape.List ? ReadOffsetIndex(file, group.Columns[column.FirstLeaf.ColumnIndex], rowGroup, column) : null;
        var rows = 0L;
        while (pages.Next())
        {
            var inPage = RowStarts(pages, column, index, rows, group.NumRows);
            var page = column.Shape == LogitShape.List ? new RowRangeStart(rows, pages.PageOffset, rows, pages.EntriesBefore) : new RowRangeStart(rows);
            AddCuts(starts, page, inPage, target, pages.IsSeekable);
            rows += inPage;
        }
        if (rows != group.NumRows)
            pages.Context.Fail($"the column has {rows} rows in a row group of {group.NumRows}");
        return starts;
    }

    private static void AddCuts(List<RowRangeStart> starts, RowRangeStart page, long inPage, long target, bool seekable)
    {
        if (inPage > 0 && page.FirstRow - starts[^1].FirstRow >= target)
            starts.Add(page);
        // A remainder of less than half a share is not worth a shard of its own.
        while (seekable && page.FirstRow + inPage - starts[^1].FirstRow >= target + Math.Max(1, target / 2))
            starts.Add(page with { FirstRow = Math.Max(page.FirstRow, starts[^1].FirstRow + target) });
    }

    private static long RowStarts(PageReader pages, LogitColumn column, Dictionary<long, long>? index, long rows, long groupRows)
    {
        if (column.Shape != LogitShape.List)
            return pages.Header.NumValues;
        if (pages.Header.Type == PageType.DataV2)
            return pages.Header.NumRows;
        if (index is not null)
        {
            if (!index.TryGetValue(pages.PageOffset, out var next))
                pages.Context.Fail("the offset index does not have this page");
            next = next < 0 ? groupRows : next;
            return next >= rows && next <= groupRows ? next - rows : throw pages.Context.Error($"the offset index says row {next} behind this page of a row group of {groupRows}");
        }
        pages.OpenRepetitions();
        var starts = 0L;
        for (long left = pages.Header.NumValues; left > 0;)
        {
            left -= pages.Repetitions.TakeEqual(1, left);
            var zeros = pages.Repetitions.TakeEqual(0, left);
            if (zeros == 0 && left > 0)
                pages.Context.Fail("a repetition level above 1 in a list of numbers");
            starts += zeros;
            left -= zeros;
        }
        return starts;
    }

    // For each page's offset the first row of the page behind it; -1 behind the last.
    private static Dictionary<long, long>? ReadOffsetIndex(ParquetFile file, ColumnChunkMetadata chunk, int rowGroup, LogitColumn column)
    {
        if (chunk is not { OffsetIndexOffset: long offset, OffsetIndexLength: int length } || length <= 0 || length > file.Limits.MaxFooterBytes)
            return null;
        var bytes = new byte[length];
        file.Read(offset, bytes, rowGroup, column.FirstLeaf.Path);
        OffsetIndex index;
        try
        {
            index = OffsetIndex.Parse(bytes, offset, file.Limits);
        }
        catch (ParquetException e)
        {
            throw e.Within(file.Path, rowGroup, column.FirstLeaf.Path);
        }
        var next = new Dictionary<long, long>(index.Pages.Count);
        for (var i = 0; i < index.Pages.Count; i++)
            next[index.Pages[i].Offset] = i + 1 < index.Pages.Count ? index.Pages[i + 1].FirstRowIndex : -1;
        return next;
    }
}
