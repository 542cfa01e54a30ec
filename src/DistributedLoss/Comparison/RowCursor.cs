using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet;
using DistributedLoss.Runs;

namespace DistributedLoss.Comparison;

/// <summary>Goes through ranges of one side's rows: a batch waits at a time, and is taken from the front. For one thread.</summary>
internal abstract class RowCursor(ComparedSide side, ComparisonOptions options, SliceTable? slices) : IDisposable
{
    private readonly List<ComparedRow> _rows = [];
    private readonly List<int> _slices = [];
    private readonly List<int> _keys = [];
    private readonly KeyReader? _keyReader = options.Key is { } key ? new KeyReader(key) : null;
    private readonly Queue<Shard> _ahead = new();
    private SliceFinder? _finder;
    private int _taken;

    /// <summary>Evaluated logits of the batch, for divergences; null where nobody asks.</summary>
    public LogitGaps? Gaps { get; protected init; }

    /// <summary>Place of the first waiting row in <see cref="Gaps"/>.</summary>
    public int FirstGap => _taken;

    public ReadOnlySpan<ComparedRow> Waiting => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_rows)[_taken..];

    /// <summary>The slices of a waiting row: one a set.</summary>
    public ReadOnlySpan<int> Slices(int row)
    {
        int sets = slices?.Sets.Count ?? 0;
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_slices).Slice((_taken + row) * sets, sets);
    }

    /// <summary>The key of a waiting row as UTF-8.</summary>
    /// <exception cref="BadInputException">It is null.</exception>
    public ReadOnlySpan<byte> Key(int row) => _keyReader!.Utf8(_keys[_taken + row], side, Waiting[row]);

    public void Take(int rows) => _taken += rows;

    /// <summary>Goes to a range of the side's rows.</summary>
    public void Open(long first, long rows)
    {
        Clear();
        _ahead.Clear();
        foreach (var shard in side.Cut(first, rows))
        {
            _ahead.Enqueue(shard);
        }
    }

    /// <summary>Makes rows wait, unless some do.</summary>
    /// <returns>False at the range's end.</returns>
    public bool Load()
    {
        while (Waiting.IsEmpty)
        {
            Clear();
            if (!LoadBatch())
            {
                return false;
            }
        }

        return true;
    }

    public virtual void Dispose() => _keyReader?.Dispose();

    /// <summary>Reads a batch, which may be empty.</summary>
    /// <returns>False at the range's end.</returns>
    protected abstract bool LoadBatch();

    /// <summary>The next shard of the range; null at its end.</summary>
    protected Shard? NextShard() => _ahead.TryDequeue(out var shard) ? shard : null;

    /// <summary>Begins a shard in what is read beside its rows.</summary>
    protected void OpenBeside(ParquetFile file, Shard shard, SideColumns columns)
    {
        _finder = slices is null ? null : _finder ?? new SliceFinder(slices, columns);
        _keyReader?.Open(file, shard.RowGroup, shard.Start.FirstRow);
    }

    /// <summary>Reads the keys of the next rows of the file.</summary>
    protected void ReadKeys(int rows, in TilePlace place) => _keyReader?.Read(rows, place);

    /// <param name="inBatch">The place among the rows that were read last, of what stands beside it.</param>
    protected void Append(in ComparedRow row, int inBatch)
    {
        _rows.Add(row);
        for (int set = 0; set < (_finder?.Sets ?? 0); set++)
        {
            _slices.Add(_finder!.Find(set, inBatch));
        }

        if (_keyReader is not null)
        {
            _keys.Add(_keyReader[inBatch]);
        }
    }

    private void Clear()
    {
        _rows.Clear();
        _slices.Clear();
        _keys.Clear();
        _taken = 0;
    }
}
