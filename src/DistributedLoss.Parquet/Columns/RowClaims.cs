using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Holds what V2 headers and the offset index say of pages' rows against the rows that are read. Row groups are cut by those claims, and where
/// one lies, the rows behind would get the labels of others.
/// </summary>
/// <remarks>
/// Why no lie is left, whatever the cuts: let a reader start at a page with the true number of rows before it (the first reader does, at 0). It compares
/// its count with the claim of each page that it enters, and of each page whose last claimed row it hands out there must be nothing left: a page of fewer rows
/// than claimed fails at the next page, one of more fails where it goes on. So while nothing fails, the claims of its pages are true. Its range ends with the
/// last row that a page claims, and the next reader starts behind that page with a true count; or within a page that it has entered, at
/// which the next reader starts too. The last reader's end is held against the row group's. Lies that cancel out fail where the first begins.
/// </remarks>
internal sealed class RowClaims
{
    private readonly PageReader _pages;

    // What the offset index says, if the row group may have been cut by it.
    private readonly PageRows? _index;

    // Rows of the row group that begin before the page behind the one at hand; -1 if nothing says it.
    private long _end = -1;

    private RowClaims(PageReader pages, PageRows? index) => (_pages, _index) = (pages, index);

    /// <summary>Starts the pages of a list column where a range of rows begins.</summary>
    public static RowClaims Start(PageReader pages, GroupPageRows pageRows, int rowGroup, in RowRangeStart start)
    {
        if (start.PageOffset == 0)
        {
            pages.Start(rowGroup);
            return new RowClaims(pages, null);
        }
        pages.StartAt(rowGroup, start.PageOffset, start.ValuesBefore);
        return new RowClaims(pages, pageRows.Of(pages.Context, rowGroup));
    }

    /// <param name="rowsBefore">Rows of the row group that began before the page at hand, which has not been looked into.</param>
    public void Enter(long rowsBefore)
    {
        var (first, next) = _index?.Of(_pages.Context) ?? (rowsBefore, -1);
        if (first != rowsBefore)
            _pages.Context.Fail($"the offset index says {first} rows before this page; there are {rowsBefore}");
        _end = PageRows.Claimed(_pages.Header) is >= 0 and var claimed ? rowsBefore + claimed : next;
    }

    /// <param name="rows">Rows of the row group that have begun, with this page's as far as they have been seen.</param>
    public void Check(long rows)
    {
        if (_end >= 0 && rows > _end)
            _pages.Context.Fail($"rows go on in this page behind row {_end - 1} of the row group, where its header or the offset index ends it");
    }

    /// <param name="rows">Rows of the row group that have begun, with all of this page's.</param>
    public void Leave(long rows)
    {
        if (_end >= 0 && rows != _end)
            _pages.Context.Fail($"the page ends behind row {rows - 1} of the row group; its header or the offset index says row {_end - 1}");
    }
}
