using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Goes through shards tile by tile, or sequence by sequence, and evaluates the rows; what becomes of them is the caller's. For one thread.</summary>
internal sealed class ShardCursor : IDisposable
{
    private readonly RunPlan _plan;
    private readonly SequenceEvaluator? _sequences;
    private ParquetFile? _file;
    private int _fileIndex = -1;
    private LogitColumn? _column;
    private Shard? _shard;
    private IShardObserver? _observer;

    // One of the two.
    private LogitReader? _tileReader;
    private SequenceLogitReader? _sequenceReader;

    public ShardCursor(RunPlan plan)
    {
        _plan = plan;
        Side = new SideColumns(plan);
        Tally = new RowTally(plan);
        Tiles = plan.IsSequence ? null : TileEvaluator.Create(plan);
        _sequences = plan.IsSequence ? new SequenceEvaluator(plan, Side, Tally) : null;
    }

    /// <summary>Those of the rows that were read last.</summary>
    public SideColumns Side { get; }

    public RowTally Tally { get; }

    /// <summary>Has the rows of the last tile; null where rows are sequences.</summary>
    public TileEvaluator? Tiles { get; }

    /// <summary>The shard's.</summary>
    public ParquetFile File => _file!;

    /// <summary>Of the last tile or sequence.</summary>
    public TilePlace Place { get; private set; }

    /// <summary>Rows of the shard that were gone through.</summary>
    public long Done { get; private set; }

    public bool IsDone => Done == _shard!.Rows;

    /// <summary>Goes to a shard's first row.</summary>
    /// <exception cref="MissingInputException">The file is not that of the plan.</exception>
    /// <exception cref="ParquetException">The file's content cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The observer ended a wait for bytes from a network; also of all that reads the rows.</exception>
    /// <param name="observer">Asked whether to go on where bytes are waited for; null waits.</param>
    public void Open(Shard shard, IShardObserver? observer = null)
    {
        CloseShard();
        Done = 0;
        _observer = observer;
        OpenFile(shard.File);
        Side.Open(_file!, shard.RowGroup, shard.Start.FirstRow);
        int classes = _plan.Classes ?? 1;
        if (_sequences is null)
        {
            _tileReader = _column!.OpenReader(shard.RowGroup, classes, shard.Start);
            Tiles!.Open(_file!, shard.RowGroup, shard.Start.FirstRow);
        }
        else
        {
            _sequenceReader = _column!.OpenSequenceReader(shard.RowGroup, classes, shard.Start);
            _sequences.Open(_file!, shard.RowGroup, shard.Start.FirstRow);
        }

        _shard = shard;
        Place = new TilePlace(_file!.Path, shard, shard.FirstRow);
    }

    /// <summary>Evaluates the next rows of a shard that is not <see cref="IsDone"/> into <see cref="Tiles"/>.</summary>
    /// <param name="maxRows">At least 1.</param>
    /// <param name="tile">Their logits.</param>
    /// <exception cref="BadInputException">A row is invalid and the policy is to fail.</exception>
    /// <exception cref="ParquetException">The content cannot be read.</exception>
    public void NextTile(int maxRows, out LogitTile tile)
    {
        var shard = _shard!;
        int wanted = (int)Math.Min(Math.Min(maxRows, Tiles!.MaxRows), shard.Rows - Done);
        if (!_tileReader!.TryRead(wanted, out tile))
        {
            throw Shorter(shard);
        }

        Place = Place with { FirstRow = shard.FirstRow + Done };
        Side.Read(tile.Rows, Place);
        Tiles.Evaluate(tile, Side, Place);
        Tally.Take(Tiles, 0, tile, Side, Place);
        Done += tile.Rows;
    }

    /// <summary>Evaluates the next sequence of a shard that is not <see cref="IsDone"/>. Its positions may wait for <see cref="Flush"/>.</summary>
    /// <exception cref="BadInputException">A position is invalid and the policy is to fail.</exception>
    /// <exception cref="ParquetException">The content cannot be read.</exception>
    public void NextSequence(Totals totals, IRowSink? sink)
    {
        var shard = _shard!;
        if (!_sequenceReader!.NextRow(out bool isNull))
        {
            throw Shorter(shard);
        }

        Place = Place with { FirstRow = shard.FirstRow + Done };
        _sequences!.Evaluate(_sequenceReader, isNull, Place, totals, sink);
        Done++;
    }

    /// <summary>Adds the positions that wait.</summary>
    public void Flush(Totals totals, IRowSink? sink) => _sequences!.Flush(Place, totals, sink);

    /// <summary>For a shard that is <see cref="IsDone"/>: where it ends its row group, no column may go on.</summary>
    /// <exception cref="ParquetException">One does.</exception>
    public void CheckEnd()
    {
        _sequenceReader?.EndRow();
        var shard = _shard!;
        // Only who asks for more than there should be reaches the checks of a column's end: its count, and its last page's checksum.
        if (shard.Start.FirstRow + shard.Rows == _file!.Metadata.RowGroups[shard.RowGroup].NumRows && LongerColumn() is { } longer)
        {
            throw new ParquetException(
                $"the column goes on behind the row group's {shard.Start.FirstRow + shard.Rows} rows; write the file again", _file!.Path, shard.RowGroup, longer);
        }
    }

    public void Dispose()
    {
        CloseShard();
        CloseFile();
        Tiles?.Dispose();
        _sequences?.Dispose();
        Side.Dispose();
    }

    private ParquetException Shorter(Shard shard) =>
        new($"the column ends after {shard.Start.FirstRow + Done} rows; write the file again", _file!.Path, shard.RowGroup, _column!.Description);

    private string? LongerColumn() => _sequences is null
        ? (_tileReader!.TryRead(1, out _) ? _column!.Description : Tiles!.LongerColumn() ?? Side.LongerColumn())
        : (_sequenceReader!.NextRow(out _) ? _column!.Description : _sequences.LongerColumn() ?? Side.LongerColumn());

    private void OpenFile(int fileIndex)
    {
        if (_fileIndex == fileIndex)
        {
            return;
        }

        CloseFile();
        var input = _plan.Files[fileIndex];
        _file = LocalInputs.Open(input, MayWait);
        if (InputFiles.Modified(_file) != input.Modified)
        {
            throw LocalInputs.Changed(input);
        }

        _column = LogitColumn.Resolve(_file, _plan.Options.LogitColumnSpec);
        _fileIndex = fileIndex;
    }

    private bool MayWait() => _observer?.MayContinue(Done) ?? true;

    private void CloseShard()
    {
        _tileReader?.Dispose();
        _sequenceReader?.Dispose();
        (_tileReader, _sequenceReader, _shard) = (null, null, null);
    }

    private void CloseFile()
    {
        _file?.Dispose();
        _file = null;
        _fileIndex = -1;
    }
}
