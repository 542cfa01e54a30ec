using System.Diagnostics;
using DistributedLoss.Coordination;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Told between the tiles of a shard.</summary>
public interface IShardObserver
{
    /// <returns>False to stop: the shard then has no result.</returns>
    bool MayContinue(long rowsDone);
}

/// <summary>Evaluates shards, one after another: reads tiles of logits and their labels, runs the kernel, and adds to totals. For one thread.</summary>
public sealed class ShardEvaluator : IDisposable
{
    private readonly RunPlan _plan;
    private readonly SideColumns _side;
    private readonly RowTally _tally;

    // One of the two.
    private readonly TileEvaluator? _tiles;
    private readonly SequenceEvaluator? _sequences;
    private ParquetFile? _file;
    private int _fileIndex = -1;
    private LogitColumn? _logits;

    public ShardEvaluator(RunPlan plan)
    {
        _plan = plan;
        _side = new SideColumns(plan);
        _tally = new RowTally(plan);
        _tiles = plan.IsSequence ? null : TileEvaluator.Create(plan);
        _sequences = plan.IsSequence ? new SequenceEvaluator(plan, _side, _tally) : null;
    }

    /// <param name="totals">Empty; what is added to it when an exception is thrown, or null returned, is of no use.</param>
    /// <param name="sink">Told every row of the shard, in order; null where nobody asks.</param>
    /// <returns>Null when the observer stopped it.</returns>
    /// <exception cref="BadInputException">A row is invalid and the policy is to fail.</exception>
    /// <exception cref="MissingInputException">The file is not that of the plan.</exception>
    /// <exception cref="ParquetException">The file's content cannot be read.</exception>
    public ShardResult? Evaluate(Shard shard, Totals totals, IShardObserver observer, IRowSink? sink = null)
    {
        long began = Stopwatch.GetTimestamp();
        Open(shard.File);
        _side.Open(_file!, shard.RowGroup, shard.Start.FirstRow);
        bool isDone = _sequences is null ? EvaluateRows(shard, totals, observer, sink) : EvaluateSequences(shard, totals, observer, sink);
        if (!isDone)
        {
            return null;
        }

        return new ShardResult(shard.Index, totals.ExecutionDigest(), totals, Stopwatch.GetElapsedTime(began), shard.Bytes);
    }

    public void Dispose()
    {
        Close();
        _tiles?.Dispose();
        _sequences?.Dispose();
        _side.Dispose();
    }

    private bool EvaluateRows(Shard shard, Totals totals, IShardObserver observer, IRowSink? sink)
    {
        using var logits = _logits!.OpenReader(shard.RowGroup, _plan.Classes ?? 1, shard.Start);
        _tiles!.Open(_file!, shard.RowGroup, shard.Start.FirstRow);
        for (long done = 0; done < shard.Rows;)
        {
            if (!observer.MayContinue(done))
            {
                return false;
            }

            int wanted = (int)Math.Min(_tiles.MaxRows, shard.Rows - done);
            if (!logits.TryRead(wanted, out var tile))
            {
                throw Shorter(shard, done);
            }

            var place = new TilePlace(_file!.Path, shard, shard.FirstRow + done);
            _side.Read(tile.Rows, place);
            _tiles.Evaluate(tile, _side, place);
            _tally.Take(_tiles, 0, tile, _side, place);
            _tally.AddProbabilities(_tiles, 0, tile, totals);
            _tally.Add(_tiles, place, totals, sink);
            done += tile.Rows;
        }

        if (IsRowGroupsEnd(shard))
        {
            CheckEnd(logits.TryRead(1, out _) ? _logits.Description : _tiles.LongerColumn() ?? _side.LongerColumn(), shard);
        }

        return true;
    }

    private bool EvaluateSequences(Shard shard, Totals totals, IShardObserver observer, IRowSink? sink)
    {
        using var logits = _logits!.OpenSequenceReader(shard.RowGroup, _plan.Classes ?? 1, shard.Start);
        _sequences!.Open(_file!, shard.RowGroup, shard.Start.FirstRow);
        var place = new TilePlace(_file!.Path, shard, shard.FirstRow);
        for (long done = 0; done < shard.Rows; done++)
        {
            if (!observer.MayContinue(done))
            {
                return false;
            }

            if (!logits.NextRow(out bool isNull))
            {
                throw Shorter(shard, done);
            }

            place = place with { FirstRow = shard.FirstRow + done };
            _sequences.Evaluate(logits, isNull, place, totals, sink);
        }

        _sequences.Flush(place, totals, sink);
        logits.EndRow();
        if (IsRowGroupsEnd(shard))
        {
            CheckEnd(logits.NextRow(out _) ? _logits.Description : _sequences.LongerColumn() ?? _side.LongerColumn(), shard);
        }

        return true;
    }

    private ParquetException Shorter(Shard shard, long done) =>
        new($"the column ends after {shard.Start.FirstRow + done} rows; write the file again", _file!.Path, shard.RowGroup, _logits!.Description);

    private bool IsRowGroupsEnd(Shard shard) => shard.Start.FirstRow + shard.Rows == _file!.Metadata.RowGroups[shard.RowGroup].NumRows;

    // Only who asks for more than there should be reaches the checks of a column's end: its count, and its last page's checksum.
    private void CheckEnd(string? longer, Shard shard)
    {
        if (longer is not null)
        {
            throw new ParquetException(
                $"the column goes on behind the row group's {shard.Start.FirstRow + shard.Rows} rows; write the file again", _file!.Path, shard.RowGroup, longer);
        }
    }

    private void Open(int fileIndex)
    {
        if (_fileIndex == fileIndex)
        {
            return;
        }

        Close();
        var input = _plan.Files[fileIndex];
        _file = LocalInputs.Open(input);
        if (File.GetLastWriteTimeUtc(input.Path) != input.Modified.UtcDateTime)
        {
            throw LocalInputs.Changed(input);
        }

        _logits = LogitColumn.Resolve(_file, _plan.Options.LogitColumnSpec);
        _fileIndex = fileIndex;
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
        _fileIndex = -1;
    }
}
