using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// The <see cref="PageRows"/> of the row group that was asked for last: the parts of a large row group are read one after the other, and each would read an
/// index of all its pages again.
/// </summary>
internal sealed class GroupPageRows(ParquetFile file, SchemaLeaf leaf)
{
    // One reference to an immutable whole: readers of several threads may ask.
    private Known? _known;

    /// <inheritdoc cref="PageRows.Read"/>
    /// <param name="context">Of the reader that asks.</param>
    /// <param name="rowGroup">0-based.</param>
    public PageRows? Of(PageContext context, int rowGroup)
    {
        var known = _known;
        if (known is null || known.RowGroup != rowGroup)
        {
            var group = file.Metadata.RowGroups[rowGroup];
            _known = known = new Known(rowGroup, PageRows.Read(file, context, group.Columns[leaf.ColumnIndex], group.NumRows));
        }

        return known.Rows;
    }

    private sealed record Known(int RowGroup, PageRows? Rows);
}
