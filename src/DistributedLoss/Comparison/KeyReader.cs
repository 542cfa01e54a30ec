using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Comparison;

/// <summary>Reads the column by which rows are paired, a batch at a time: no more than a batch's texts are kept, however many keys there are.</summary>
internal sealed class KeyReader(string column) : IDisposable
{
    private KeyColumnReader? _reader;
    private KeyTable _table = new(0);
    private int[] _keys = [];

    /// <summary>The key of a row that was read last.</summary>
    public int this[int row] => _keys[row];

    public void Open(ParquetFile file, int rowGroup, long skip)
    {
        Dispose();
        _reader = KeyColumnReader.Open(file, column, rowGroup);
        _reader.Skip(skip);
    }

    /// <exception cref="ParquetException">The column has fewer rows.</exception>
    public void Read(int rows, in TilePlace place)
    {
        _table = new KeyTable(rows, long.MaxValue);
        Array.Resize(ref _keys, Math.Max(_keys.Length, rows));
        if (_reader!.Read(_keys.AsSpan(0, rows), _table) < rows)
        {
            throw place.EndsBeforeLogits(column);
        }
    }

    /// <exception cref="BadInputException">The key is null.</exception>
    public ReadOnlySpan<byte> Utf8(int key, ComparedSide side, in ComparedRow row) => key == KeyTable.Null
        ? throw new BadInputException($"{side.Place(row)}: column {column} (--key) is null, so that the row cannot be paired; give each row a key")
        : _table.Utf8(key);

    public void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
    }
}
