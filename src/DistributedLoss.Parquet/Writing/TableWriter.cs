using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>
/// Writes a table of scalar columns row by row, keeping one row group. Values are appended to the columns, and <see cref="EndRow"/> ends a row. Row groups
/// and pages are cut at fixed numbers of rows, so that equal rows and options give equal bytes. The file appears when <see cref="Close"/> returns; a
/// writer disposed before that leaves nothing.
/// </summary>
public sealed class TableWriter : IDisposable
{
    private readonly IReadOnlyList<TableColumn> _columns;
    private readonly WriterOptions _options;
    private readonly AtomicFile _file;
    private readonly PageWriter _pages;
    private readonly ScalarColumn _scalars;
    private readonly FooterBuilder _footer;
    private readonly SchemaElement[] _elements;
    private readonly Schema _schema;
    private int _rowsInGroup;
    private bool _closed;

    /// <summary>Begins a file. Nothing is at <paramref name="path"/> until <see cref="Close"/>; what was there stays until then.</summary>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    public TableWriter(string path, IReadOnlyList<TableColumn> columns, WriterOptions? options = null)
    {
        _columns = columns;
        _options = options ?? new WriterOptions();
        _options.Check();
        _elements = [new("schema") { NumChildren = columns.Count }, .. columns.Select(c => c.ToElement())];
        _schema = Schema.Build(_elements);
        _file = new AtomicFile(path);
        _pages = new PageWriter(_file.Stream, _options);
        _scalars = new ScalarColumn(_pages, _options);
        _footer = new FooterBuilder(_pages);
        _footer.WriteMagic();
    }

    /// <exception cref="InvalidOperationException">At a row group's end: a column has another number of values than there are rows.</exception>
    public void EndRow()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (++_rowsInGroup == _options.RowGroupRows)
        {
            EndRowGroup();
        }
    }

    /// <summary>Writes the last row group and the footer, and gives the file its name.</summary>
    public void Close()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        EndRowGroup();
        _footer.Write(_elements);
        _file.Commit();
        _closed = true;
    }

    public void Dispose()
    {
        _closed = true;
        _file.Dispose();
    }

    private void EndRowGroup()
    {
        if (_columns.FirstOrDefault(c => c.Rows != _rowsInGroup) is { } other)
        {
            throw new InvalidOperationException($"column {other.Name} has {other.Rows} values for {_rowsInGroup} rows");
        }
        if (_rowsInGroup == 0)
        {
            return;
        }
        ChunkBuilder[] chunks = [.. _columns.Select((c, i) => c.Write(_scalars, _schema.Leaves[i]))];
        _footer.Add(_rowsInGroup, chunks, _ => _options.OffsetIndex);
        _rowsInGroup = 0;
    }
}
