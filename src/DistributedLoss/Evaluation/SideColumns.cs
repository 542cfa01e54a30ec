using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>The columns beside logits and targets that a run reads: one value a row of the file.</summary>
internal sealed class SideColumns : IDisposable
{
    private readonly string? _weightColumn;
    private readonly double[] _weights = [];
    private readonly bool[] _weightIsNull = [];
    private NumberColumnReader? _weightReader;

    private readonly string? _bytesColumn;
    private readonly long[] _bytes = [];
    private readonly bool[] _bytesAreNull = [];
    private IntegerColumnReader? _bytesReader;

    private readonly KeyColumn[] _keyColumns;

    // Every row index stands for the one row that was read.
    private bool _isOne;

    public SideColumns(RunPlan plan)
    {
        if (plan.Options.SampleWeightColumn is { } weights)
        {
            (_weightColumn, _weights, _weightIsNull) = (weights, new double[plan.TileRows], new bool[plan.TileRows]);
        }

        if (plan.Options.BytesColumn is { } bytes)
        {
            (_bytesColumn, _bytes, _bytesAreNull) = (bytes, new long[plan.TileRows], new bool[plan.TileRows]);
        }

        _keyColumns = [.. plan.Options.KeyColumns.Select(name => new KeyColumn(name, plan.TileRows))];
    }

    /// <summary>A row's sample weight as it is in the file, 0 for a null; 1 without a column of weights.</summary>
    public double Weight(int row) => _weightColumn is null ? 1 : _weights[At(row)];

    public bool WeightIsNull(int row) => _weightColumn is not null && _weightIsNull[At(row)];

    /// <summary>The number of bytes that a row stands for; null where that is null, negative or 2^63 and more.</summary>
    public long? Bytes(int row) => _bytesAreNull[At(row)] || _bytes[At(row)] < 0 ? null : _bytes[At(row)];

    /// <summary>The bytes as they are in the file, for messages.</summary>
    public string BytesText(int row) => _bytesAreNull[At(row)] ? "null" : _bytesReader!.IsUnsigned64 ? $"{(ulong)_bytes[At(row)]}" : $"{_bytes[At(row)]}";

    /// <summary>Position of a column of keys.</summary>
    public int KeyColumnIndex(string column) => Array.FindIndex(_keyColumns, c => c.Name == column);

    /// <summary>The keys of the rows that were read last.</summary>
    public ReadOnlySpan<int> Keys(int column) => _keyColumns[column].Keys;

    /// <summary>A key as text; null for a null.</summary>
    public string? Text(int column, int key) => key == KeyTable.Null ? null : _keyColumns[column].Text(key);

    /// <summary>Begins a row group.</summary>
    /// <param name="skip">Rows of it to pass over.</param>
    public void Open(ParquetFile file, int rowGroup, long skip)
    {
        Dispose();
        if (_weightColumn is not null)
        {
            _weightReader = NumberColumnReader.Open(file, _weightColumn, rowGroup);
            _weightReader.Skip(skip);
        }

        if (_bytesColumn is not null)
        {
            _bytesReader = IntegerColumnReader.Open(file, _bytesColumn, rowGroup);
            _bytesReader.Skip(skip);
        }

        foreach (var column in _keyColumns)
        {
            column.Reader = KeyColumnReader.Open(file, column.Name, rowGroup);
            column.Reader.Skip(skip);
        }
    }

    /// <summary>Reads the next rows.</summary>
    /// <exception cref="ParquetException">A column has fewer.</exception>
    /// <exception cref="BadInputException">A column has too many distinct values.</exception>
    public void Read(int rows, in TilePlace place)
    {
        Check(_weightReader?.Read(_weights.AsSpan(0, rows), _weightIsNull.AsSpan(0, rows)) ?? rows, _weightColumn, place);
        Check(_bytesReader?.Read(_bytes.AsSpan(0, rows), _bytesAreNull.AsSpan(0, rows)) ?? rows, _bytesColumn, place);
        foreach (var column in _keyColumns)
        {
            try
            {
                Check(column.Reader!.Read(column.Keys.AsSpan(0, rows), column.Table), column.Name, place);
            }
            catch (KeyLimitException e)
            {
                throw new BadInputException($"{place.Path}: row group {place.Shard.RowGroup}: column {column.Name} has {e.Message}; slice or group by a column of fewer values");
            }
        }

        void Check(int read, string? column, in TilePlace place)
        {
            if (read < rows)
            {
                throw place.EndsBeforeLogits(column);
            }
        }
    }

    /// <summary>Reads the next row, whose values then hold for every position.</summary>
    /// <inheritdoc cref="Read"/>
    public void ReadOne(in TilePlace place)
    {
        _isOne = true;
        Read(1, place);
        foreach (var column in _keyColumns)
        {
            Array.Fill(column.Keys, column.Keys[0]);
        }
    }

    /// <inheritdoc cref="TileEvaluator.LongerColumn"/>
    public string? LongerColumn() =>
        _weightReader?.Read(stackalloc double[1], stackalloc bool[1]) > 0 ? _weightColumn
        : _bytesReader?.Read(stackalloc long[1], stackalloc bool[1]) > 0 ? _bytesColumn
        : Array.Find(_keyColumns, c => c.Reader!.Read(stackalloc int[1], c.Table) > 0)?.Name;

    public void Dispose()
    {
        _weightReader?.Dispose();
        _bytesReader?.Dispose();
        (_weightReader, _bytesReader) = (null, null);
        foreach (var column in _keyColumns)
        {
            column.Reader?.Dispose();
            column.Reader = null;
        }
    }

    private int At(int row) => _isOne ? 0 : row;

    private sealed class KeyColumn(string name, int rows)
    {
        // What one worker sees of a column; slices and groups have limits of their own.
        private const int MaxKeys = 16_000_000;
        private const long MaxTextBytes = 512L << 20;

        private readonly List<string> _texts = [];

        public string Name => name;

        public int[] Keys { get; } = new int[rows];

        public KeyTable Table { get; } = new(MaxKeys, MaxTextBytes);

        public KeyColumnReader? Reader { get; set; }

        /// <summary>The same object for the same key.</summary>
        public string Text(int key)
        {
            while (_texts.Count <= key)
            {
                _texts.Add(Table[_texts.Count]);
            }

            return _texts[key];
        }
    }
}
