using System.Diagnostics;
using DistributedLoss.Coordination;
using DistributedLoss.Parquet;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Told between the tiles of a shard.</summary>
public interface IShardObserver
{
    /// <returns>False to stop: the shard then has no result.</returns>
    bool MayContinue(long rowsDone);
}

/// <summary>Evaluates shards, one after another: reads tiles of logits and their labels, runs the kernel, and adds to totals. For one thread.</summary>
public sealed class ShardEvaluator(RunPlan plan) : IDisposable
{
    private readonly ShardCursor _cursor = new(plan);

    /// <param name="totals">Empty; what is added to it when an exception is thrown, or null returned, is of no use.</param>
    /// <param name="sink">Told every row of the shard, in order; null where nobody asks.</param>
    /// <returns>Null when the observer stopped it.</returns>
    /// <exception cref="BadInputException">A row is invalid and the policy is to fail.</exception>
    /// <exception cref="MissingInputException">The file is not that of the plan.</exception>
    /// <exception cref="ParquetException">The file's content cannot be read.</exception>
    public ShardResult? Evaluate(Shard shard, Totals totals, IShardObserver observer, IRowSink? sink = null)
    {
        long began = Stopwatch.GetTimestamp();
        _cursor.Open(shard, observer);
        bool isDone = plan.IsSequence ? EvaluateSequences(totals, observer, sink) : EvaluateRows(totals, observer, sink);
        if (!isDone)
        {
            return null;
        }

        return new ShardResult(shard.Index, totals.ExecutionDigest(), totals, Stopwatch.GetElapsedTime(began), shard.Bytes);
    }

    public void Dispose() => _cursor.Dispose();

    private bool EvaluateRows(Totals totals, IShardObserver observer, IRowSink? sink)
    {
        var tiles = _cursor.Tiles!;
        while (!_cursor.IsDone)
        {
            if (!observer.MayContinue(_cursor.Done))
            {
                return false;
            }

            _cursor.NextTile(tiles.MaxRows, out var tile);
            _cursor.Tally.AddProbabilities(tiles, 0, tile, totals);
            _cursor.Tally.Add(tiles, _cursor.Place, totals, sink);
        }

        _cursor.CheckEnd();
        return true;
    }

    private bool EvaluateSequences(Totals totals, IShardObserver observer, IRowSink? sink)
    {
        while (!_cursor.IsDone)
        {
            if (!observer.MayContinue(_cursor.Done))
            {
                return false;
            }

            _cursor.NextSequence(totals, sink);
        }

        _cursor.Flush(totals, sink);
        _cursor.CheckEnd();
        return true;
    }
}
